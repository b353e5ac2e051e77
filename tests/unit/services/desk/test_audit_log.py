"""Audit for the desk, on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlmodel import col, delete, select, update

from booking_ui.db.models import Appointment, AuditEntry
from booking_ui.db.session import write
from booking_ui.domain import actors
from booking_ui.domain.appointment import AppointmentStatus
from booking_ui.domain.errors import BadInput
from booking_ui.domain.paging import Paging
from booking_ui.services.booking import claim, hold_expiry
from booking_ui.services.desk import audit_log
from booking_ui.services.desk.audit_log import AuditFilter
from booking_ui.services.journal import audit
from booking_ui.services.views.desk import AuditRow
from tests.support.cast import NOW, Cast

LATER = NOW + timedelta(days=1, minutes=5)


@pytest.fixture
def two(cast: Cast) -> tuple[str, str]:
    """Asha's hold of Monday, let go on Tuesday, and Bilal's hold; their references."""
    hers = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
    his = claim.claim(patient_id=cast.bilal, slot_id=cast.slots[1], now=NOW)
    hold_expiry.let_go(patient_id=cast.asha, appointment_id=hers.id, now=LATER)
    return hers.reference, his.reference


def rows(**filters: object) -> list[AuditRow]:
    return audit_log.entries(AuditFilter(**filters)).rows  # type: ignore[arg-type]


def test_a_bookings_trail_explains_it_newest_first_and_its_chain_holds(
    two: tuple[str, str], cast: Cast
) -> None:
    found = audit_log.entries(AuditFilter(reference=two[0].lower()))

    assert [(row.seq, row.at_label, row.actor_label, row.text) for row in found.rows] == [
        (4, "Tue 6 Jan, 10:05 am", "Asha", "The payment failed. Let go by the patient."),
        (3, "Tue 6 Jan, 10:05 am", "Asha", "The booking failed and the time is free again. Let go by the patient."),
        (2, "Mon 5 Jan, 10:00 am", "Asha", "The payment is open."),
        (1, "Mon 5 Jan, 10:00 am", "Asha", "The time is held until it is paid."),
    ]  # fmt: skip
    assert {(row.reference, row.subject_label, row.verified) for row in found.rows} == {
        (two[0], f"Booking {two[0]}", True)
    }
    assert (found.paging, found.broken) == (Paging(4, 1, 50), [])


def test_each_filter_narrows(two: tuple[str, str], cast: Cast) -> None:
    hers = rows(reference=two[0])[0].subject
    assert len(rows()) == 7  # Devi was made an admin
    assert len(rows(subject=hers)) == 4
    assert len(rows(appointment_id=int(hers.partition(":")[2]))) == 4
    assert len(rows(actor=f"patient:{cast.bilal}")) == 2
    assert len(rows(actor="patient")) == 6
    assert rows(actor="pat") == rows(actor="admin") == rows(actor="%") == []
    assert len(rows(action="payment")) == 3
    assert len(rows(date_from=date(2026, 1, 6), date_to=date(2026, 1, 6))) == 2
    assert rows(reference="NOBODY") == []


def test_the_clinics_system_is_its_worker_too(cast: Cast) -> None:
    with write() as tx:
        for subject, actor in (
            ("retention:1", actors.WORKER),
            ("appointment:1", actors.SWEEP),
            ("a:1", "worker:2"),
        ):
            audit.record(tx, subject, actor=actor, action="retention", now=NOW)

    assert {(row.actor, row.actor_label) for row in rows(actor="system") if row.action != "role"} == {
        (actors.WORKER, "The clinic's system"),
        (actors.SWEEP, "The clinic's system"),
    }


def test_pages_follow_each_other_and_past_the_end_is_the_last(two: tuple[str, str]) -> None:
    pages = [audit_log.entries(AuditFilter(page=number, page_size=4)) for number in (1, 2, 9)]

    assert [(len(page.rows), page.paging) for page in pages] == [
        (4, Paging(7, 1, 4)),
        (3, Paging(7, 2, 4)),
        (3, Paging(7, 2, 4)),
    ]


def test_a_changed_row_is_shown_as_a_broken_chain_of_its_booking_alone(two: tuple[str, str]) -> None:
    with write() as tx:
        first = (col(AuditEntry.action) == "appointment", col(AuditEntry.seq) == 1, col(AuditEntry.id) < 4)
        tx.exec(update(AuditEntry).where(*first).values(reason="somebody else"))

    found = audit_log.entries(AuditFilter())

    assert {row.reference for row in found.rows if not row.verified} == {two[0]}
    assert found.broken == [f"Booking {two[0]}"]


def test_a_removed_last_row_contradicts_where_the_booking_stands(two: tuple[str, str]) -> None:
    with write() as tx:
        last = tx.exec(select(AuditEntry.id).order_by(col(AuditEntry.id).desc())).first()
        tx.exec(delete(AuditEntry).where(col(AuditEntry.id) == last))

    assert audit_log.entries(AuditFilter()).broken == [f"Booking {two[0]}"]


def test_a_status_changed_behind_the_services_back_is_seen(two: tuple[str, str]) -> None:
    with write() as tx:
        his = col(Appointment.reference) == two[1]
        tx.exec(update(Appointment).where(his).values(status=AppointmentStatus.CANCELLED))

    assert audit_log.entries(AuditFilter()).broken == [f"Booking {two[1]}"]


def test_no_mail_and_no_phone_is_in_any_row(two: tuple[str, str]) -> None:
    words = repr(rows())
    assert "@" not in words
    assert "+9198" not in words


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"page": 0}, "page"),
        ({"page_size": 101}, "pageSize"),
        ({"date_from": date(2026, 1, 2), "date_to": date(2026, 1, 1)}, "dateTo"),
    ],
)
def test_a_filter_that_makes_no_sense_names_its_field(
    cast: Cast, wrong: dict[str, object], field: str
) -> None:
    with pytest.raises(BadInput) as refused:
        rows(**wrong)
    assert [error.field for error in refused.value.errors] == [field]
