"""What every change to a doctor's times needs: the visits ahead, and its row in the right chain."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import col

from booking_ui.db.models import Appointment
from booking_ui.db.session import read, write
from booking_ui.domain.appointment import AppointmentStatus
from booking_ui.services.journal import audit
from booking_ui.services.schedule import doctor_changes
from booking_ui.services.views import Principal
from booking_ui.services.views.desk import AffectedVisit
from tests.support.schedule import (
    HOLD,
    NOW,
    TUESDAY_NINE,
    a_patient,
    first_slot,
    occupy,
    set_status,
    slot_at,
)

pytestmark = pytest.mark.usefixtures("db")

DEVI = Principal(3, "Devi", "devi@example.com", "", "admin")


def ahead(now: object = NOW) -> list[int | None]:
    with read() as tx:
        return [visit.id for visit, _ in doctor_changes.visits_ahead(tx, now)]  # type: ignore[arg-type]


def test_a_visit_ahead_has_what_the_desk_needs_to_call_the_patient() -> None:
    _, nine = first_slot()
    visit_id = occupy(nine, a_patient())
    with read() as tx:
        ((visit, shown),) = doctor_changes.visits_ahead(tx, NOW)
        assert visit.id == visit_id
        assert shown == AffectedVisit(
            reference=visit.reference,
            patient_name="Asha Rao",
            patient_phone="+919845012345",
            phone_label="+91 98450 12345",
            doctor_name="Dr Chandra Rao",
            when_label="Tue 24 Nov, 9:00 am",
            paid=True,
        )


@pytest.mark.parametrize("status", AppointmentStatus)
def test_only_confirmed_and_held_visits_are_ahead(status: AppointmentStatus) -> None:
    _, nine = first_slot()
    visit_id = occupy(nine, a_patient())
    set_status(visit_id, status)
    expected = [visit_id] if status in ("confirmed", "pending_payment") else []
    assert ahead() == expected


def test_a_hold_is_ahead_and_unpaid_until_it_ends() -> None:
    _, nine = first_slot()
    visit_id = occupy(nine, a_patient(), AppointmentStatus.PENDING_PAYMENT)
    assert ahead(NOW + HOLD - timedelta(seconds=1)) == [visit_id]
    assert ahead(NOW + HOLD) == []
    with read() as tx:
        assert [shown.paid for _, shown in doctor_changes.visits_ahead(tx, NOW)] == [False]


def test_a_visit_that_has_begun_is_ahead_no_more() -> None:
    _, nine = first_slot()
    visit_id = occupy(nine, a_patient())
    assert ahead(TUESDAY_NINE - timedelta(seconds=1)) == [visit_id]
    assert ahead(TUESDAY_NINE) == []


def test_the_visits_come_soonest_first_and_may_be_narrowed() -> None:
    doctor_id, nine = first_slot()
    patient = a_patient()
    later = occupy(slot_at(doctor_id, TUESDAY_NINE + timedelta(minutes=30)), patient)
    sooner = occupy(nine, patient)
    assert ahead() == [sooner, later]
    with read() as tx:
        narrowed = doctor_changes.visits_ahead(tx, NOW, col(Appointment.starts_at) > TUESDAY_NINE)
        assert [visit.id for visit, _ in narrowed] == [later]


def test_a_change_stands_in_its_doctors_chain_and_one_for_all_in_the_clinics() -> None:
    with write() as tx:
        doctor_changes.note(tx, DEVI, 7, "hours", now=NOW, before="9 to 11", after="9 to 12", reason="asked")
        doctor_changes.note(tx, DEVI, 0, "day_closed", now=NOW, after="2026-11-24")
    with read() as tx:
        facts = [
            (row.seq, row.actor, row.action, row.before, row.after, row.reason)
            for subject in ("doctor:7", "clinic")
            for row in audit.trail(tx, subject)
        ]
    assert facts == [
        (1, "admin:3", "hours", "9 to 11", "9 to 12", "asked"),
        (1, "admin:3", "day_closed", "", "2026-11-24", ""),
    ]
