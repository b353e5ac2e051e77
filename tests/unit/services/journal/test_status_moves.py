"""A status changes by its table alone, with its audit row, and is announced after the commit."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from booking_ui.db.models import Appointment, Payment, Refund, pk
from booking_ui.db.session import read, write
from booking_ui.domain.appointment import AppointmentStatus, IllegalMove
from booking_ui.domain.causes import Cause
from booking_ui.domain.payment import PaymentStatus, RefundOrigin, RefundStatus
from booking_ui.services.booking import claim
from booking_ui.services.journal import audit, changes, status_moves
from tests.support.cast import FEE, NOW, Cast
from tests.support.rows import keep

LATER = NOW + timedelta(minutes=5)


@pytest.fixture
def visit_id(cast: Cast) -> int:
    """A held visit of Asha's."""
    return claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW).id


@pytest.fixture
def topics(visit_id: int) -> list[str]:
    """All that is announced once the visit is held."""
    heard: list[str] = []
    changes.listen(heard.append)
    return heard


def bill(tx: Session) -> Payment:
    return tx.exec(select(Payment)).one()


def a_refund() -> int:
    with read() as tx:
        payment_id = pk(bill(tx))
    return pk(
        keep(
            Refund(
                payment_id=payment_id,
                gateway_payment_id="pay_00000000000001",
                amount_paise=FEE,
                status=RefundStatus.PENDING,
                origin=RefundOrigin.LATE_CAPTURE,
                reason="paid too late",
                idempotency_key="refund-1",
                created_at=NOW,
                updated_at=NOW,
            )
        )
    )


def newest_row(visit_id: int) -> tuple[str, str, str, str, Cause | None, str]:
    with read() as tx:
        rows = audit.trail(tx, audit.booking(visit_id))
        assert audit.holds(rows)
        row = rows[-1]
        return row.action, row.before, row.after, row.actor, row.cause, row.reason


def rows_of(visit_id: int) -> int:
    with read() as tx:
        return len(audit.trail(tx, audit.booking(visit_id)))


def test_an_appointment_moves_with_its_cause_and_tells_its_page_its_doctor_and_its_patient(
    cast: Cast, visit_id: int, topics: list[str]
) -> None:
    with write() as tx:
        row = tx.get_one(Appointment, visit_id)
        status_moves.move_appointment(
            tx, row, AppointmentStatus.FAILED, actor="worker", reason=Cause.HOLD_EXPIRED, now=LATER
        )
        assert topics == []
    with read() as tx:
        kept = tx.get_one(Appointment, visit_id)
        assert (kept.status, kept.status_cause, kept.updated_at) == ("failed", Cause.HOLD_EXPIRED, LATER)
    assert newest_row(visit_id) == (
        "appointment",
        "pending_payment",
        "failed",
        "worker",
        Cause.HOLD_EXPIRED,
        "hold expired",
    )
    assert topics == [f"appointment:{visit_id}", f"doctor:{cast.chandra}", f"patient:{cast.asha}"]


def test_a_reason_in_a_persons_own_words_leaves_no_cause_of_before(visit_id: int) -> None:
    with write() as tx:
        row = tx.get_one(Appointment, visit_id)
        for to, reason in (
            (AppointmentStatus.CONFIRMED, Cause.PAID),
            (AppointmentStatus.CANCELLED, "She called"),
        ):
            status_moves.move_appointment(tx, row, to, actor="admin:3", reason=reason, now=LATER)
    with read() as tx:
        assert tx.get_one(Appointment, visit_id).status_cause is None
    assert newest_row(visit_id) == ("appointment", "confirmed", "cancelled", "admin:3", None, "She called")


def test_a_payment_moves_in_its_bookings_chain_and_tells_its_page(visit_id: int, topics: list[str]) -> None:
    with write() as tx:
        status_moves.move_payment(
            tx,
            bill(tx),
            PaymentStatus.CAPTURED,
            actor="razorpay:webhook",
            reason=Cause.CAPTURED,
            now=LATER,
        )
    with read() as tx:
        assert (bill(tx).status, bill(tx).updated_at) == ("captured", LATER)
    assert newest_row(visit_id) == (
        "payment",
        "pending",
        "captured",
        "razorpay:webhook",
        Cause.CAPTURED,
        "money captured",
    )
    assert topics == [f"appointment:{visit_id}"]


def test_a_refund_moves_for_the_cause_of_its_origin(visit_id: int, topics: list[str]) -> None:
    refund_id = a_refund()
    with write() as tx:
        row = tx.get_one(Refund, refund_id)
        status_moves.move_refund(
            tx, row, RefundStatus.PROCESSED, appointment_id=visit_id, actor="worker", now=LATER
        )
    with read() as tx:
        kept = tx.get_one(Refund, refund_id)
        assert (kept.status, kept.updated_at) == ("processed", LATER)
    assert newest_row(visit_id) == (
        "refund",
        "pending",
        "processed",
        "worker",
        Cause.PAID_TOO_LATE,
        "paid too late",
    )
    assert topics == [f"appointment:{visit_id}"]


def test_a_move_that_no_table_has_changes_nothing_and_is_told_to_nobody(
    visit_id: int, topics: list[str]
) -> None:
    refund_id, before = a_refund(), rows_of(visit_id)
    with write() as tx:
        with pytest.raises(IllegalMove, match="appointment: pending_payment → cancelled"):
            status_moves.move_appointment(
                tx,
                tx.get_one(Appointment, visit_id),
                AppointmentStatus.CANCELLED,
                actor="worker",
                reason="",
                now=LATER,
            )
        with pytest.raises(IllegalMove, match="payment: pending → refunded"):
            status_moves.move_payment(
                tx, bill(tx), PaymentStatus.REFUNDED, actor="worker", reason="", now=LATER
            )
        with pytest.raises(IllegalMove, match="refund: pending → pending"):
            status_moves.move_refund(
                tx,
                tx.get_one(Refund, refund_id),
                RefundStatus.PENDING,
                appointment_id=visit_id,
                actor="worker",
                now=LATER,
            )
    with read() as tx:
        assert (tx.get_one(Appointment, visit_id).status, bill(tx).status) == ("pending_payment", "pending")
        assert tx.get_one(Refund, refund_id).status == "pending"
    assert (rows_of(visit_id), topics) == (before, [])
