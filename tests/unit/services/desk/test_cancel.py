"""The desk cancels any confirmed visit, with the refund it chooses."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlmodel import col, select

from booking_ui.config.settings import settings
from booking_ui.db.models import AuditEntry, Notification
from booking_ui.db.session import read
from booking_ui.domain.errors import BadInput, NotFound, WrongState
from booking_ui.services.booking import appointments, cancel, claim
from booking_ui.services.desk import bookings, mark_payment
from booking_ui.services.desk.booking import whole_booking
from booking_ui.services.desk.bookings import BookingFilter
from booking_ui.services.desk.cancel import Wanted, cancel_for_patient
from booking_ui.services.refunds import send
from booking_ui.services.views import CancelView
from tests.support.cancelling import HALF, TEN_HOURS, TOO_LATE, given_back, promises
from tests.support.cast import FEE, FIRST_SLOT, NOW, Cast
from tests.support.mails import written
from tests.support.paying import bill_of, paid


@pytest.fixture(autouse=True)
def _bands(configured: pytest.MonkeyPatch) -> None:
    """The default policy: all until 24 hours before, half until 4."""
    configured.delenv("CANCELLATION_POLICY")
    settings.cache_clear()


def desk_cancels(
    cast: Cast, appointment_id: int, refund: Wanted, reason: str = "Doctor is ill", now: datetime = TOO_LATE
) -> CancelView:
    return cancel_for_patient(
        admin=cast.devi, appointment_id=appointment_id, refund=refund, reason=reason, now=now
    )


@pytest.mark.parametrize(
    ("refund", "now", "back", "status"),
    [
        ("full", TOO_LATE, FEE, "refunded"),
        ("policy", TOO_LATE, 0, "captured"),
        ("policy", TEN_HOURS, HALF, "partially_refunded"),
        ("none", TEN_HOURS, 0, "captured"),
        (12_345, TOO_LATE, 12_345, "partially_refunded"),
        (FEE, FIRST_SLOT + timedelta(hours=1), FEE, "refunded"),
    ],
)
def test_the_desk_cancels_at_any_time_with_the_refund_it_chooses(
    cast: Cast, sandbox: str, refund: Wanted, now: datetime, back: int, status: str
) -> None:
    appointment_id, order_id = paid(cast, cast.asha, sandbox)
    done = desk_cancels(cast, appointment_id, refund, now=now)
    on_its_way = "refund_pending" if back else status
    assert (done.refund_paise, done.appointment.status) == (back, "cancelled")
    assert done.appointment.payment_status == on_its_way
    assert send.send_due(now=now) == (1 if back else 0)
    assert bill_of(appointment_id).status == status
    assert given_back(sandbox, order_id) == ([back] if back else [])
    bill = bill_of(appointment_id)
    assert (bill.refunded_paise, bill.retained_paise) == (back, FEE - back)
    with read() as tx:
        row = tx.exec(select(AuditEntry).where(AuditEntry.after == "cancelled")).one()
        kinds = tx.exec(select(Notification.kind).order_by(col(Notification.id))).all()
    assert (row.actor, row.reason) == (f"admin:{cast.devi.person_id}", "Doctor is ill")
    assert kinds[:2] == ["confirmed", "cancelled"]
    assert promises(now) == []
    with pytest.raises(WrongState):
        desk_cancels(cast, appointment_id, "full")


@pytest.mark.parametrize(
    ("refund", "reason", "field"),
    [(FEE + 1, "Doctor is ill", "refundPaise"), (99, "Doctor is ill", "refundPaise"),
     (-1, "Doctor is ill", "refundPaise"), ("full", "  x ", "reason"), ("full", "x" * 301, "reason")],
)  # fmt: skip
def test_a_refund_or_reason_that_cannot_be_is_refused_and_nothing_happens(
    cast: Cast, sandbox: str, refund: Wanted, reason: str, field: str
) -> None:
    appointment_id, order_id = paid(cast, cast.asha, sandbox)
    with pytest.raises(BadInput) as refused:
        desk_cancels(cast, appointment_id, refund, reason)
    assert [e.field for e in refused.value.errors] == [field]
    assert (
        appointments.find(patient_id=cast.asha, appointment_id=appointment_id, now=NOW).phase == "confirmed"
    )
    assert given_back(sandbox, order_id) == []


def test_the_desk_cancels_only_what_is_confirmed_and_known(cast: Cast) -> None:
    held = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
    with pytest.raises(WrongState):
        desk_cancels(cast, held.id, "full", now=NOW)
    with pytest.raises(NotFound):
        desk_cancels(cast, 999_999, "full")


def test_a_visit_paid_at_the_desk_has_its_part_given_back_at_the_desk(cast: Cast) -> None:
    view = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
    bill_id = bill_of(view.id).id or 0
    mark_payment.mark(admin=cast.devi, payment_id=bill_id, status="captured", reason="in cash", now=NOW)
    cancel.cancel_by_policy(patient_id=cast.asha, appointment_id=view.id, now=TEN_HOURS)
    (row,) = bookings.listed(BookingFilter(status="attention"), now=TEN_HOURS).rows
    assert (
        row.needs_attention == "₹250 was paid at the desk and is due back. Give it back, then mark it here."
    )
    mark_payment.mark(admin=cast.devi, payment_id=bill_id, status="refunded", reason="in cash", now=TEN_HOURS)
    bill = bill_of(view.id)
    assert (bill.status, bill.refunded_paise, bill.retained_paise) == ("partially_refunded", HALF, HALF)
    assert promises() == []


def test_the_desk_is_shown_what_each_choice_gives_back(cast: Cast, sandbox: str) -> None:
    appointment_id, _ = paid(cast, cast.asha, sandbox)
    reference = appointments.find(patient_id=cast.asha, appointment_id=appointment_id, now=NOW).reference

    def labels(now: datetime) -> list[str]:
        return [c.label for c in whole_booking(now=now, reference=reference).cancel_choices]

    assert labels(NOW) == ["The full ₹500 (also what the rule gives)", "Nothing"]
    half, *rest = labels(TEN_HOURS)
    assert half.startswith("By the rule: ₹250 (half of the fee, until ")
    assert rest == ["The full ₹500", "Nothing"]
    assert labels(TOO_LATE) == ["The full ₹500", "Nothing (by the rule: it is too late)"]
    desk_cancels(cast, appointment_id, "none")
    assert labels(TOO_LATE) == []


def test_the_message_carries_the_reason_that_the_desk_gave(cast: Cast, sandbox: str) -> None:
    appointment_id, _order_id = paid(cast, cast.asha, sandbox)
    desk_cancels(cast, appointment_id, "none", reason=" The doctor is ill ")
    with read() as tx:
        row = tx.exec(select(Notification).where(Notification.kind == "cancelled")).one()
    assert row.words == "The doctor is ill"
    assert "\n\nThe clinic says: The doctor is ill\n" in written(row.id or 0, TOO_LATE).text
