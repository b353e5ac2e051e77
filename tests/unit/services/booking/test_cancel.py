"""Cancelling by the bands, and the desk's exception: exact money, and every promise kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlmodel import select

from booking_ui.config.settings import settings
from booking_ui.db.models import Notification, Payment, Refund
from booking_ui.db.session import Database, read, use
from booking_ui.domain.errors import TooLateToCancel
from booking_ui.gateways.razorpay import gateway
from booking_ui.services.booking import appointments, cancel, claim, hold_expiry
from booking_ui.services.desk import bookings, mark_payment
from booking_ui.services.desk.bookings import BookingFilter
from booking_ui.services.desk.cancel import cancel_for_patient
from booking_ui.services.journal import changes
from booking_ui.services.refunds import send
from booking_ui.services.views import CancelView
from tests.support.cancelling import HALF, TEN_HOURS, TOO_LATE, given_back, promises
from tests.support.cast import FEE, NOW, Cast, assemble
from tests.support.mails import written
from tests.support.paying import bill_of, paid, paid_at_the_desk
from tests.support.sandbox_control import a_silent_gateway, capture_now, control, point_gateway_at
from tests.support.schedule import counted


@pytest.fixture(autouse=True)
def _bands(configured: pytest.MonkeyPatch) -> None:
    """The default policy: all until 24 hours before, half until 4."""
    configured.delenv("CANCELLATION_POLICY")
    settings.cache_clear()


def test_in_the_first_band_all_comes_back(cast: Cast, sandbox: str) -> None:
    appointment_id, order_id = paid(cast, cast.asha, sandbox)
    shown = appointments.find(patient_id=cast.asha, appointment_id=appointment_id, now=NOW)
    assert (shown.cancel_refund_paise, shown.cancel_changes_at) == (FEE, "2026-01-05T04:30:00Z")
    done = cancel.cancel_by_policy(patient_id=cast.asha, appointment_id=appointment_id, now=NOW)
    assert (done.refund_paise, done.appointment.payment_status) == (FEE, "refund_pending")
    send.send_due(now=NOW)
    assert bill_of(appointment_id).status == "refunded"
    assert given_back(sandbox, order_id) == [FEE]
    assert promises() == []


def test_in_the_second_band_half_comes_back_and_the_rest_is_retained(cast: Cast, sandbox: str) -> None:
    appointment_id, order_id = paid(cast, cast.asha, sandbox)
    shown = appointments.find(patient_id=cast.asha, appointment_id=appointment_id, now=TEN_HOURS)
    assert shown.cancel_refund_paise == HALF
    done = cancel.cancel_by_policy(patient_id=cast.asha, appointment_id=appointment_id, now=TEN_HOURS)
    assert (done.refund_paise, done.message) == (HALF, "Appointment cancelled. Refund of ₹250 initiated.")
    assert done.sentence == "Visit cancelled. ₹250 is on its way back."
    assert (done.appointment.status, done.appointment.payment_status) == ("cancelled", "refund_pending")
    assert done.refund_label == "₹250 of ₹500 is on its way back to where you paid from."
    send.send_due(now=TEN_HOURS)
    seen = appointments.find(patient_id=cast.asha, appointment_id=appointment_id, now=TEN_HOURS)
    assert seen.refund_label == (
        "₹250 of ₹500 was sent back to where you paid from. It takes 5 to 7 working days, UPI usually sooner."
    )
    again = cancel.cancel_by_policy(patient_id=cast.asha, appointment_id=appointment_id, now=TEN_HOURS)
    assert again.refund_paise == HALF
    assert given_back(sandbox, order_id) == [HALF]
    bill = bill_of(appointment_id)
    assert (bill.captured_paise, bill.refunded_paise, bill.retained_paise) == (FEE, HALF, HALF)
    assert promises() == []
    assert bookings.listed(BookingFilter(status="attention"), now=TEN_HOURS).rows == []


def test_after_the_last_cutoff_the_refusal_says_whom_to_call_and_nothing_happens(
    cast: Cast, sandbox: str
) -> None:
    appointment_id, order_id = paid(cast, cast.asha, sandbox)
    with pytest.raises(TooLateToCancel) as refused:
        cancel.cancel_by_policy(patient_id=cast.asha, appointment_id=appointment_id, now=TOO_LATE)
    assert refused.value.sentence == (
        f"It's too late to cancel this visit online. Call us on {settings().support_phone}."
    )
    assert refused.value.code == "too_late_to_cancel"
    seen = appointments.find(patient_id=cast.asha, appointment_id=appointment_id, now=TOO_LATE)
    assert (seen.phase, seen.can_cancel, seen.cancel_quote) == ("confirmed", False, "")
    assert seen.too_late == "It's too late to cancel or move this visit online."
    assert given_back(sandbox, order_id) == []


def test_a_hold_can_be_given_up_at_any_time(cast: Cast) -> None:
    view = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=TOO_LATE)
    assert view.refund_rule == "This visit is too near to be cancelled online."
    done = hold_expiry.let_go(patient_id=cast.asha, appointment_id=view.id, now=TOO_LATE)
    assert done.phase == "expired"


def test_a_goodwill_refund_before_counts_towards_the_half(cast: Cast, sandbox: str) -> None:
    appointment_id, order_id = paid(cast, cast.asha, sandbox)
    payment_id = bill_of(appointment_id).gateway_payment_id

    fact = gateway().refund(payment_id or "", amount_paise=10_000, key=f"elsewhere-{payment_id}")
    send.settle(fact=fact, now=NOW)
    done = cancel.cancel_by_policy(patient_id=cast.asha, appointment_id=appointment_id, now=TEN_HOURS)
    assert done.refund_paise == HALF - 10_000
    send.send_due(now=TEN_HOURS)
    assert sorted(given_back(sandbox, order_id)) == [10_000, HALF - 10_000]
    assert promises() == []


def test_what_the_clinic_retained_may_still_go_back_at_razorpays_dashboard(cast: Cast, sandbox: str) -> None:

    appointment_id, _ = paid(cast, cast.asha, sandbox)
    cancel.cancel_by_policy(patient_id=cast.asha, appointment_id=appointment_id, now=TEN_HOURS)
    send.send_due(now=TEN_HOURS)
    payment_id = bill_of(appointment_id).gateway_payment_id or ""
    fact = gateway().refund(payment_id, amount_paise=10_000, key=f"elsewhere-{payment_id}")
    send.settle(fact=fact, now=TEN_HOURS)
    bill = bill_of(appointment_id)
    assert (bill.refunded_paise, bill.retained_paise, bill.status) == (
        HALF + 10_000,
        HALF - 10_000,
        "partially_refunded",
    )
    assert promises() == []


def test_cash_is_said_to_come_back_by_hand(cast: Cast) -> None:
    held = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
    paid_at_the_desk(cast, held.id)
    done = cancel.cancel_by_policy(patient_id=cast.asha, appointment_id=held.id, now=NOW)
    assert done.message == "Appointment cancelled. The clinic gives ₹500 back by hand."
    assert done.sentence == "Visit cancelled. The clinic gives ₹500 back by hand."


def test_a_visit_whose_money_went_back_before_is_not_said_to_be_unpaid(cast: Cast, sandbox: str) -> None:
    appointment_id, _ = paid(cast, cast.asha, sandbox)
    payment_id = bill_of(appointment_id).gateway_payment_id or ""
    fact = gateway().refund(payment_id, amount_paise=FEE, key=f"elsewhere-{payment_id}")
    send.settle(fact=fact, now=NOW)
    shown = appointments.find(patient_id=cast.asha, appointment_id=appointment_id, now=NOW)
    assert shown.cancel_quote.startswith("All that was paid has gone back already.")
    done = cancel.cancel_by_policy(patient_id=cast.asha, appointment_id=appointment_id, now=NOW)
    assert done.message == "Appointment cancelled. Nothing more comes back."
    assert done.sentence == "Visit cancelled. Nothing more comes back."


def test_a_part_that_failed_is_paid_by_hand_for_exactly_what_was_due(cast: Cast, sandbox: str) -> None:
    appointment_id, _ = paid(cast, cast.asha, sandbox)
    control(sandbox, "switches", {"refunds": "failed"})
    cancel.cancel_by_policy(patient_id=cast.asha, appointment_id=appointment_id, now=TEN_HOURS)
    send.send_due(now=TEN_HOURS)
    capture_now(sandbox)
    send.send_due(now=TEN_HOURS + timedelta(hours=1))
    assert promises() == []
    assert len(bookings.listed(BookingFilter(status="attention"), now=TEN_HOURS).rows) == 1
    mark_payment.mark(
        admin=cast.devi,
        payment_id=bill_of(appointment_id).id or 0,
        status="refunded",
        reason="bank transfer",
        now=TOO_LATE,
    )
    bill = bill_of(appointment_id)
    assert (bill.status, bill.refunded_paise, bill.retained_paise) == ("partially_refunded", HALF, HALF)
    assert bookings.listed(BookingFilter(status="attention"), now=TEN_HOURS).rows == []
    assert promises() == []


def test_the_mail_says_the_exact_refund_and_takes_the_visit_out_of_the_calendar(
    cast: Cast, sandbox: str
) -> None:
    appointment_id, _ = paid(cast, cast.asha, sandbox)
    cancel.cancel_by_policy(patient_id=cast.asha, appointment_id=appointment_id, now=TEN_HOURS)
    with read() as tx:
        mail_id = tx.exec(select(Notification.id).where(Notification.kind == "cancelled")).one()
        assert [r.amount_paise for r in tx.exec(select(Refund)).all()] == [HALF]
        assert tx.exec(select(Payment.status)).one() == "refund_pending"
    mail = written(mail_id or 0, TEN_HOURS)
    assert "is cancelled. ₹250 of ₹500 goes back to where it was paid from." in mail.text
    assert mail.calendar is not None
    lines = mail.calendar.content.decode().split("\r\n")
    assert {"METHOD:CANCEL", "SEQUENCE:1", "STATUS:CANCELLED"} <= set(lines)


# ── Nobody waits for Razorpay ─────────────────────────────────────────────────────────────────────────────────────


def by_the_patient(cast: Cast, appointment_id: int) -> CancelView:
    return cancel.cancel_by_policy(patient_id=cast.asha, appointment_id=appointment_id, now=NOW)


def by_the_desk(cast: Cast, appointment_id: int) -> CancelView:
    return cancel_for_patient(
        admin=cast.devi, appointment_id=appointment_id, refund="full", reason="Doctor is ill", now=NOW
    )


@pytest.mark.parametrize("click", [by_the_patient, by_the_desk])
def test_a_click_that_cancels_asks_razorpay_nothing_and_the_refund_leaves_with_the_worker_once(
    cast: Cast, sandbox: str, configured: pytest.MonkeyPatch, click: Callable[[Cast, int], CancelView]
) -> None:
    appointment_id, order_id = paid(cast, cast.asha, sandbox)
    topics: list[str] = []
    changes.listen(topics.append)
    with a_silent_gateway(configured) as called:
        done = click(cast, appointment_id)
        assert not called()
    assert (done.refund_paise, done.appointment.status) == (FEE, "cancelled")
    assert done.refund_label == "₹500 is on its way back to where you paid from."
    assert topics.count(send.TOPIC) == 1  # the worker hears of it
    point_gateway_at(sandbox, configured)
    assert given_back(sandbox, order_id) == []
    assert (send.send_due(now=NOW), send.send_due(now=NOW)) == (1, 0)
    assert given_back(sandbox, order_id) == [FEE]
    assert promises() == []


def test_without_trouble_refunds_are_read_once_and_no_case_is_locked(
    postgresql_url: str, sandbox: str
) -> None:
    """A row that is read to be changed is locked; SQLite has no row locks, so its statements do not show it."""
    database = Database(postgresql_url)
    use(database)
    cast = assemble()
    appointment_id, _ = paid(cast, cast.asha, sandbox)
    with counted() as said:
        by_the_patient(cast, appointment_id)
    assert locked(said, "refund") == 1
    with counted() as said:
        assert send.send_due(now=NOW) == 1
    assert bill_of(appointment_id).status == "refunded"
    assert locked(said, "refund") == 3  # leased, read with all of its payment, and looked for another
    assert locked(said, "reconciliation_case") == 0
    assert sum("FROM reconciliation_case" in statement for statement in said) == 1
    use(None)
    database.dispose()


def locked(said: list[str], table: str) -> int:
    return sum(f"FROM {table}" in statement and "FOR UPDATE" in statement for statement in said)
