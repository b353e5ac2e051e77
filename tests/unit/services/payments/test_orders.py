"""Orders, returns and questions, over HTTP to the real sandbox with the real SDK."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import col, select, update

from booking_ui.config.settings import SANDBOX_KEY_SECRET, settings
from booking_ui.db.models import Appointment, AuditEntry, Notification, Slot
from booking_ui.db.session import read, write
from booking_ui.domain.errors import (
    BadSignature,
    GatewayUnavailable,
    GatewayUnknown,
    HoldExpired,
)
from booking_ui.gateways.razorpay import gateway
from booking_ui.services.booking import appointments, claim, hold_expiry
from booking_ui.services.cases import reconciliation_cases
from booking_ui.services.payments import orders
from tests.support.cast import FEE, NOW, Cast
from tests.support.paying import SOON, bill_of, opened
from tests.support.sandbox_control import ask, capture_now, control, pay

pytestmark = pytest.mark.usefixtures("turns", "sandbox")


LATE = NOW + timedelta(minutes=16)


def test_an_order_is_opened_once_for_the_servers_price(cast: Cast, sandbox: str) -> None:
    view = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
    first = orders.open_order(patient_id=cast.asha, appointment_id=view.id, now=NOW)
    again = orders.open_order(patient_id=cast.asha, appointment_id=view.id, now=SOON)
    assert again.gateway_order_id == first.gateway_order_id
    order = ask(sandbox, f"orders/{first.gateway_order_id}")
    assert (order["amount"], order["currency"], order["receipt"]) == (FEE, "INR", view.reference)
    assert {k: first.options[k] for k in ("amount", "currency", "order_id", "timeout")} == {
        "amount": FEE,
        "currency": "INR",
        "order_id": first.gateway_order_id,
        "timeout": 900,
    }


@pytest.mark.parametrize(("grace", "invites"), [("0", False), ("60", True)])
def test_the_sheet_invites_to_pay_again_only_while_the_time_is_still_hers(
    cast: Cast, sandbox: str, configured: pytest.MonkeyPatch, grace: str, invites: bool
) -> None:
    configured.setenv("PAYMENT_RETRY_GRACE_SECONDS", grace)
    settings.cache_clear()
    view = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
    order = orders.open_order(patient_id=cast.asha, appointment_id=view.id, now=NOW)
    assert order.options["retry"] == {"enabled": invites}


def test_an_order_is_refused_once_the_hold_is_over(cast: Cast) -> None:
    view = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
    with pytest.raises(HoldExpired):
        orders.open_order(patient_id=cast.asha, appointment_id=view.id, now=LATE)
    assert bill_of(view.id).gateway_order_id is None


def test_an_answer_lost_after_the_order_was_made_leads_to_the_same_order(cast: Cast, sandbox: str) -> None:
    view = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
    control(sandbox, "faults/http", {"kind": "drop", "method": "POST", "path": "/v1/orders"})
    with pytest.raises(GatewayUnknown):
        orders.open_order(patient_id=cast.asha, appointment_id=view.id, now=NOW)
    assert appointments.find(patient_id=cast.asha, appointment_id=view.id, now=NOW).phase == "holding"
    order_id = orders.open_order(patient_id=cast.asha, appointment_id=view.id, now=NOW).gateway_order_id
    assert [o["id"] for o in ask(sandbox, f"orders?receipt={view.reference}")["items"]] == [order_id]


def test_a_dead_gateway_keeps_the_hold_and_says_so(cast: Cast, dead_gateway: str) -> None:
    view = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
    with pytest.raises(GatewayUnavailable) as refused:
        orders.open_order(patient_id=cast.asha, appointment_id=view.id, now=NOW)
    assert "still held" in refused.value.sentence
    assert appointments.find(patient_id=cast.asha, appointment_id=view.id, now=SOON).phase == "holding"


def test_a_genuine_return_confirms_once_razorpay_says_captured(cast: Cast, sandbox: str) -> None:
    appointment_id, order_id = opened(cast, cast.asha)
    handed = pay(sandbox, order_id)["checkout"]
    capture_now(sandbox)
    reference = orders.returned(
        order_id=order_id,
        payment_id=handed["razorpay_payment_id"],
        signature=handed["razorpay_signature"],
        now=SOON,
    )
    view = appointments.find(patient_id=cast.asha, reference=reference, now=SOON)
    assert (view.id, view.phase) == (appointment_id, "confirmed")


def test_a_genuine_return_with_a_dead_gateway_shows_checking(
    cast: Cast, sandbox: str, configured: pytest.MonkeyPatch
) -> None:
    appointment_id, order_id = opened(cast, cast.asha)
    handed = pay(sandbox, order_id)["checkout"]
    control(sandbox, "faults/http", {"kind": "502", "method": "GET", "times": 0})
    ids = {"order_id": order_id, "payment_id": handed["razorpay_payment_id"]}
    orders.returned(**ids, signature=handed["razorpay_signature"], now=SOON)
    assert (
        appointments.find(patient_id=cast.asha, appointment_id=appointment_id, now=SOON).phase == "checking"
    )
    control(sandbox, "faults", method="DELETE")
    capture_now(sandbox)
    assert orders.ask_quiet(now=SOON + timedelta(seconds=31)) == 1
    assert (
        appointments.find(patient_id=cast.asha, appointment_id=appointment_id, now=SOON).phase == "confirmed"
    )


def test_a_forged_or_foreign_return_changes_nothing(cast: Cast, sandbox: str) -> None:
    appointment_id, order_id = opened(cast, cast.asha)
    _, other_order = opened(cast, cast.bilal, slot=1)
    handed = pay(sandbox, other_order)["checkout"]
    genuine, payment_id = handed["razorpay_signature"], handed["razorpay_payment_id"]
    changed = ("0" if genuine[0] != "0" else "1") + genuine[1:]
    for order, payment, signature in (
        (other_order, payment_id, changed),
        (other_order, payment_id, ""),
        (other_order, payment_id, genuine.upper()),
        (order_id, payment_id, genuine),
        ("../orders/x", payment_id, genuine),
    ):
        with pytest.raises(BadSignature):
            orders.returned(order_id=order, payment_id=payment, signature=signature, now=SOON)
    hers = appointments.find(patient_id=cast.asha, appointment_id=appointment_id, now=SOON)
    with pytest.raises(BadSignature):  # his genuine payment, handed in for her booking
        orders.returned(
            order_id=other_order, payment_id=payment_id, signature=genuine, now=SOON, reference=hers.reference
        )
    assert hers.phase == "holding"
    with read() as tx:
        rows = tx.exec(select(AuditEntry).where(AuditEntry.action == "signature")).all()
    assert [(r.after, r.actor) for r in rows] == [("refused", "anonymous")] * 5


def test_a_failed_attempt_frees_the_slot_and_the_same_order_can_be_paid_again(
    cast: Cast, sandbox: str
) -> None:
    appointment_id, order_id = opened(cast, cast.asha)
    pay(sandbox, order_id, "card_declined")
    assert orders.check(patient_id=cast.asha, appointment_id=appointment_id, now=SOON).phase == "failed"
    claim.try_again(
        patient_id=cast.asha, appointment_id=appointment_id, now=SOON + timedelta(days=0, minutes=1)
    )
    again = orders.open_order(
        patient_id=cast.asha, appointment_id=appointment_id, now=SOON + timedelta(minutes=1)
    )
    assert again.gateway_order_id == order_id
    pay(sandbox, order_id, method="upi")
    capture_now(sandbox)
    assert orders.check(patient_id=cast.asha, appointment_id=appointment_id, now=LATE).phase == "confirmed"


def test_an_order_nobody_told_us_about_is_asked_about_after_a_minute(cast: Cast, sandbox: str) -> None:
    appointment_id, order_id = opened(cast, cast.asha)
    pay(sandbox, order_id)
    capture_now(sandbox)
    assert orders.ask_quiet(now=NOW + timedelta(seconds=59)) == 0
    assert orders.ask_quiet(now=NOW + timedelta(minutes=1)) == 1
    assert (
        appointments.find(patient_id=cast.asha, appointment_id=appointment_id, now=SOON).phase == "confirmed"
    )
    assert bill_of(appointment_id).next_check_at is None


def test_quiet_orders_are_asked_about_for_four_days_and_then_no_more(cast: Cast, sandbox: str) -> None:
    appointment_id, _ = opened(cast, cast.asha)
    asked: list[timedelta] = []
    for _ in range(60):
        due = bill_of(appointment_id).next_check_at
        if due is None:
            break
        orders.ask_quiet(now=due)
        asked.append(due - NOW)
    assert asked[:4] == [
        timedelta(minutes=1),
        timedelta(minutes=5),
        timedelta(minutes=15),
        timedelta(hours=1),
    ]
    assert (len(asked), asked[-1]) == (30, timedelta(days=4))


def test_an_order_that_never_answers_is_asked_about_every_five_minutes_and_in_the_end_daily(
    cast: Cast, sandbox: str
) -> None:
    appointment_id, _ = opened(cast, cast.asha)
    control(sandbox, "faults/http", {"kind": "401", "times": 0})
    for gone, wait in (
        (timedelta(days=4), timedelta(minutes=5)),
        (timedelta(days=6), timedelta(days=1)),
    ):
        assert orders.ask_quiet(now=NOW + gone) == 1
        assert bill_of(appointment_id).next_check_at == NOW + gone + wait


def half_a_minute_after(paid: dict[str, Any]) -> datetime:
    return datetime.fromtimestamp(paid["payment"]["created_at"], UTC) + timedelta(seconds=30)


def held_at(cast: Cast, later: datetime) -> None:
    """The sandbox stamps with the real clock: let the first slot's hold and visit be after it."""
    with write() as tx:
        tx.exec(
            update(Appointment).values(
                starts_at=later + timedelta(days=1), hold_expires_at=later + timedelta(minutes=5)
            )
        )
        tx.exec(
            update(Slot)
            .values(starts_at=later + timedelta(days=1), ends_at=later + timedelta(days=2))
            .where(col(Slot.id) == cast.slots[0])
        )


def test_an_account_that_captures_by_hand_has_its_payment_captured_when_the_slot_is_hers(
    cast: Cast, sandbox: str
) -> None:
    appointment_id, order_id = opened(cast, cast.asha)
    later = half_a_minute_after(pay(sandbox, order_id, "authorized"))
    held_at(cast, later)
    orders.ask(order_id=order_id, now=later)
    assert (
        appointments.find(patient_id=cast.asha, appointment_id=appointment_id, now=later).phase == "confirmed"
    )
    assert ask(sandbox, f"orders/{order_id}")["status"] == "paid"


def test_an_authorized_payment_is_left_to_lapse_when_its_slot_is_gone(cast: Cast, sandbox: str) -> None:
    appointment_id, order_id = opened(cast, cast.asha)
    later = half_a_minute_after(pay(sandbox, order_id, "authorized"))
    hold_expiry.let_go(patient_id=cast.asha, appointment_id=appointment_id, now=SOON)
    orders.ask(order_id=order_id, now=later)
    assert [p["status"] for p in ask(sandbox, f"orders/{order_id}/payments")["items"]] == ["authorized"]


def test_an_account_that_captures_by_itself_is_given_the_time_to(cast: Cast, sandbox: str) -> None:
    appointment_id, order_id = opened(cast, cast.asha)
    paid_at = half_a_minute_after(pay(sandbox, order_id, "authorized")) - timedelta(seconds=30)
    held_at(cast, paid_at)
    orders.ask(order_id=order_id, now=paid_at + timedelta(seconds=5))
    assert [p["status"] for p in ask(sandbox, f"orders/{order_id}/payments")["items"]] == ["authorized"]
    assert bill_of(appointment_id).status.value == "authorized"


def test_a_signature_for_an_order_whose_payment_is_anothers_is_not_believed(cast: Cast, sandbox: str) -> None:
    """Whoever has our key could sign any pair; Razorpay is asked what was paid for."""
    hers, order_id = opened(cast, cast.asha)
    his, other_order = opened(cast, cast.bilal, slot=1)
    payment_id = pay(sandbox, other_order)["checkout"]["razorpay_payment_id"]
    capture_now(sandbox)
    message = f"{order_id}|{payment_id}".encode()
    signature = hmac.new(SANDBOX_KEY_SECRET.encode(), message, hashlib.sha256).hexdigest()
    with pytest.raises(BadSignature):
        orders.returned(order_id=order_id, payment_id=payment_id, signature=signature, now=SOON)
    assert appointments.find(patient_id=cast.asha, appointment_id=hers, now=SOON).phase == "holding"
    orders.ask(order_id=other_order, now=SOON)
    assert appointments.find(patient_id=cast.bilal, appointment_id=his, now=SOON).phase == "confirmed"


def test_money_that_went_back_before_we_heard_of_it_is_booked_with_its_refund_at_once(
    cast: Cast, sandbox: str
) -> None:
    appointment_id, order_id = opened(cast, cast.asha)
    payment_id = pay(sandbox, order_id)["checkout"]["razorpay_payment_id"]
    capture_now(sandbox)
    gateway().refund(payment_id, amount_paise=FEE, key=f"dashboard-{payment_id}")
    orders.ask(order_id=order_id, now=SOON)
    bill = bill_of(appointment_id)
    assert (bill.status.value, bill.captured_paise, bill.refunded_paise) == ("refunded", FEE, FEE)
    seen = appointments.find(patient_id=cast.asha, appointment_id=appointment_id, now=SOON)
    assert (seen.status, reconciliation_cases.open_cases()) == ("failed", [])
    with read() as tx:
        assert tx.exec(select(Notification.kind)).all() == ["refunded"]
