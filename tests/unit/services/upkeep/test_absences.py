"""A visit whose doctor will be away is the desk's to settle: a case says so, and no reminder is sent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time, timedelta

import pytest
from sqlmodel import select

from booking_ui.db.models import DayOff, Notification, WorkingHours, pk
from booking_ui.db.session import read, write
from booking_ui.domain.payment import Source
from booking_ui.services.booking import cancel, reschedule
from booking_ui.services.cases import reconciliation_cases
from booking_ui.services.cases.reconciliation_cases import CaseKind
from booking_ui.services.desk import bookings
from booking_ui.services.desk.bookings import ATTENTION, BookingFilter
from booking_ui.services.payments import apply
from booking_ui.services.schedule import doctor_editing, leave, slots
from booking_ui.services.upkeep import absences, reminders
from tests.support.cast import FIRST_SLOT, NOW, Cast
from tests.support.facts import ORDER, SOON, fact, held
from tests.support.schedule import slot_at

DAY = FIRST_SLOT.date()
EVE = FIRST_SLOT - timedelta(hours=20)


@pytest.fixture
def visit(cast: Cast) -> int:
    """Asha's paid visit on Tuesday at 10, within the doctor's hours; they are there a week later too."""
    with write() as tx:
        tx.add(WorkingHours(doctor_id=cast.chandra, weekday=1, starts=time(10), ends=time(12)))
    slots.extend_horizon(now=NOW)
    booked = held(cast, cast.asha).id
    apply.apply(fact=fact(ORDER, "captured"), source=Source.WEBHOOK, now=SOON)
    return booked


def close(cast: Cast) -> None:
    leave.close_days(
        admin=cast.devi, doctor_id=cast.chandra, first_day=DAY, last_day=DAY, name="Leave", now=SOON
    )


def open_again(cast: Cast) -> None:
    with read() as tx:
        day_off = pk(tx.exec(select(DayOff)).one())
    leave.open_days(admin=cast.devi, day_off_id=day_off, now=SOON)


def move(cast: Cast) -> None:
    later = slot_at(cast.chandra, FIRST_SLOT + timedelta(days=7))
    visit = held_visit()
    reschedule.reschedule(patient_id=cast.asha, appointment_id=visit, slot_id=later, now=SOON)


def cancel_it(cast: Cast) -> None:
    cancel.cancel_by_policy(patient_id=cast.asha, appointment_id=held_visit(), now=SOON)


def held_visit() -> int:
    with read() as tx:
        return tx.exec(select(Notification.appointment_id).where(Notification.kind == "confirmed")).one() or 0


def cases() -> list[str]:
    return [one.detail for one in reconciliation_cases.open_cases()]


def reminded() -> int:
    with read() as tx:
        return len(tx.exec(select(Notification.id).where(Notification.kind == "reminder")).all())


def test_a_visit_on_a_closed_day_is_a_case_and_is_not_reminded_of(cast: Cast, visit: int) -> None:
    assert (absences.watch(now=SOON), cases()) == (0, [])
    close(cast)
    for _ in range(2):
        assert (absences.watch(now=SOON), cases()) == (1, ["Dr Chandra Rao, Tue 6 Jan, 10:00 am."])
    assert (reminders.remind(now=EVE), reminded()) == (0, 0)


def test_a_visit_of_a_doctor_who_left_is_a_case(cast: Cast, visit: int) -> None:
    doctor_editing.set_active(admin=cast.devi, doctor_id=cast.chandra, active=False, now=SOON)
    assert (absences.watch(now=SOON), len(cases())) == (1, 1)


@pytest.mark.parametrize("settle", [open_again, move, cancel_it])
def test_the_case_closes_by_itself_when_the_visit_is_settled(
    cast: Cast, visit: int, settle: Callable[[Cast], None]
) -> None:
    close(cast)
    absences.watch(now=SOON)
    settle(cast)
    assert (absences.watch(now=SOON), cases()) == (0, [])


def test_a_case_that_the_desk_closed_stays_closed(cast: Cast, visit: int) -> None:
    close(cast)
    absences.watch(now=SOON)
    [one] = reconciliation_cases.open_cases()
    reconciliation_cases.close(admin=cast.devi, case_id=one.id, note="The patient comes at nine.", now=SOON)
    assert (absences.watch(now=SOON), cases()) == (1, [])


def test_the_desk_reads_what_to_do(cast: Cast, visit: int) -> None:
    close(cast)
    absences.watch(now=SOON)
    [one] = reconciliation_cases.open_cases()
    assert one.title == reconciliation_cases.TITLES[CaseKind.DOCTOR_AWAY]
    assert one.remedy.startswith("Call the patient")


AWAY = "The doctor will be away at the time of this visit. Call the patient, then move it or cancel it."


def needs_a_person() -> list[str]:
    page = bookings.listed(BookingFilter(status=ATTENTION), now=SOON)
    assert page.attention_count == page.total
    return [row.needs_attention for row in page.rows]


@pytest.mark.parametrize("settle", [open_again, move, cancel_it])
def test_the_visit_needs_a_person_in_the_list_of_bookings_until_it_is_settled(
    cast: Cast, visit: int, settle: Callable[[Cast], None]
) -> None:
    absences.watch(now=SOON)
    assert needs_a_person() == []
    close(cast)
    absences.watch(now=SOON)
    assert needs_a_person() == [AWAY]
    settle(cast)
    absences.watch(now=SOON)
    assert needs_a_person() == []


def test_a_visit_whose_case_the_desk_closed_needs_nobody_any_more(cast: Cast, visit: int) -> None:
    close(cast)
    absences.watch(now=SOON)
    [one] = reconciliation_cases.open_cases()
    reconciliation_cases.close(admin=cast.devi, case_id=one.id, note="The patient comes at nine.", now=SOON)
    assert needs_a_person() == []
