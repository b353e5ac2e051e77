"""D-: money that comes too late, twice, wrong or from Razorpay itself, and money that goes back."""

# ruff: noqa: N802  # the names begin with the scenarios' ids

from __future__ import annotations

from functools import partial

import pytest
from sqlmodel import col, select

from booking_ui.db.models import AuditEntry, Refund
from booking_ui.db.session import read
from booking_ui.domain.errors import GatewayRejected
from booking_ui.domain.payment import Source
from booking_ui.gateways.razorpay import gateway
from booking_ui.services.payments import apply, orders, webhook_inbox
from tests.support.cast import FEE
from tests.support.races import at_once
from tests.support.sandbox_control import control, pay
from tests.unit.scenarios.steps import Booked, Scene, changed

CONFIRMED = ("confirmed", "captured", FEE, 0)
REFUSED_LATE = ("failed", "refunded", FEE, FEE)
GIVEN_BACK = ("cancelled", "refunded", FEE, FEE)


def confirmed(scene: Scene, patient: int, slot: int = 0) -> tuple[Booked, str]:
    """A confirmed visit, and its payment's id."""
    booked = scene.book(patient, slot)
    paid: str = scene.pay(booked)["payment"]["id"]
    hear(scene, paid)
    assert scene.ending(booked) == CONFIRMED
    return booked, paid


def hear(scene: Scene, *payment_ids: str) -> None:
    """Deliver all messages about these payments and do what follows from them."""
    for payment_id in payment_ids:
        scene.deliver_all(payment_id)
    scene.work()


def alarms() -> list[str]:
    with read() as tx:
        rows = tx.exec(select(AuditEntry).where(AuditEntry.action == "alarm").order_by(col(AuditEntry.id)))
        return [row.reason.partition(":")[0] for row in rows.all()]


def test_D_05_late_money_takes_a_free_slot_again_and_goes_back_when_it_is_taken(scene: Scene) -> None:
    free, taken = scene.book(scene.cast.asha, 0), scene.book(scene.cast.asha, 1)
    late = [scene.pay(b, "late_authorized", after=1200)["payment"]["id"] for b in (free, taken)]
    scene.pass_time(minutes=16)
    scene.work()
    assert [scene.seen(b).phase for b in (free, taken)] == ["expired"] * 2
    bilals, paid = confirmed(scene, scene.cast.bilal, 1)
    scene.pass_time(minutes=5)
    for _ in range(2):
        hear(scene, *late)
        assert [scene.ending(b) for b in (free, taken, bilals)] == [CONFIRMED, REFUSED_LATE, CONFIRMED]
    assert [scene.mails(b) for b in (free, taken, bilals)] == [
        ["confirmed"], ["refunded", "slot_lost"], ["confirmed"],
    ]  # fmt: skip
    assert [scene.refunds_at_razorpay(p) for p in (*late, paid)] == [[], [("processed", FEE)], []]


def test_D_15_another_amount_than_the_orders_confirms_nothing_and_goes_back(scene: Scene) -> None:
    booked = scene.book(scene.cast.asha)
    paid = scene.pay(booked, "amount_mismatch")["payment"]["id"]
    hear(scene, paid)
    assert scene.ending(booked) == ("pending_payment", "pending", FEE - 100, FEE - 100)
    assert scene.refunds(booked) == [("processed", FEE - 100, "amount or currency differs")]
    assert scene.refunds_at_razorpay(paid) == [("processed", FEE - 100)]
    assert alarms() == ["amount or currency differs"]
    assert scene.mails(booked) == ["refunded"]
    scene.pass_time(minutes=16)
    scene.work()
    assert scene.ending(booked) == ("failed", "failed", FEE - 100, FEE - 100)


def test_D_17_two_tabs_pay_for_one_visit_and_one_is_refunded(scene: Scene) -> None:
    """A slot that is held again keeps booking and order, so Razorpay itself refunds the later of two payments."""
    first = scene.book(scene.cast.asha)
    slow = scene.pay(first, "late_authorized", after=120)["payment"]["id"]
    hear(scene, slow)
    second, quick = confirmed(scene, scene.cast.asha)
    assert (second.id, second.order) == (first.id, first.order)
    scene.pass_time(minutes=2)
    hear(scene, slow)
    assert scene.ending(second) == CONFIRMED
    assert [scene.refunds_at_razorpay(p) for p in (slow, quick)] == [[("processed", FEE)], []]
    assert scene.mails(second) == ["confirmed", "payment_failed"]


def test_D_17_two_captures_on_one_order_keep_the_first_and_refund_the_second(scene: Scene) -> None:
    booked, first = confirmed(scene, scene.cast.asha)
    extra = pay(scene.sandbox, scene.order_of_another_shop(FEE))["payment"]["id"]
    (captured,) = scene.events(extra, "payment.captured")
    # Razorpay refuses a second payment of a paid order; if one slips through, it looks like this.
    for _ in range(2):
        assert scene.deliver(changed(captured, order_id=booked.order)).status_code == 200
        scene.work()
    assert scene.ending(booked) == ("confirmed", "captured", 2 * FEE, FEE)
    assert (scene.refunds(booked), alarms()) == ([("processed", FEE, "paid twice")], ["paid twice"])
    assert [scene.refunds_at_razorpay(p) for p in (first, extra)] == [[], [("processed", FEE)]]
    assert scene.mails(booked) == ["confirmed", "refunded"]


def test_D_18_two_patients_pay_for_one_slot_and_one_of_them_is_refunded(scene: Scene) -> None:
    ashas = scene.book(scene.cast.asha)
    scene.pass_time(minutes=16)
    bilals = scene.book(scene.cast.bilal)
    paid = [scene.pay(b)["payment"]["id"] for b in (ashas, bilals)]
    bodies = [e.body for p in paid for e in scene.events(p, "payment.captured", "order.paid")]
    results = at_once([partial(webhook_inbox.handle, body=body, now=scene.now) for body in bodies])
    assert sorted(map(str, results)) == [
        "applied: confirm", "applied: refund", "ignored: nothing new", "ignored: nothing new",
    ]  # fmt: skip
    scene.work()
    assert [scene.ending(b) for b in (ashas, bilals)] == [REFUSED_LATE, CONFIRMED]
    assert [scene.refunds_at_razorpay(p) for p in paid] == [[("processed", FEE)], []]
    assert [scene.mails(b) for b in (ashas, bilals)] == [["refunded", "slot_lost"], ["confirmed"]]


def test_D_19_repeated_clicks_refund_once_and_in_full(scene: Scene) -> None:
    booked, paid = confirmed(scene, scene.cast.asha)
    answers = at_once([partial(scene.cancel, booked)] * 6)
    assert [getattr(a, "status_code", a) for a in answers] == [200] * 6
    hear(scene, paid)
    assert scene.cancel(booked).json()["data"]["refundPaise"] == FEE
    assert scene.ending(booked) == GIVEN_BACK
    assert scene.refunds(booked) == [("processed", FEE, "cancelled")]
    assert scene.refunds_at_razorpay(paid) == [("processed", FEE)]
    assert scene.mails(booked) == ["cancelled", "confirmed", "refunded"]


def test_D_19_two_partial_refunds_make_a_full_one_and_more_is_refused(scene: Scene) -> None:
    booked, paid = confirmed(scene, scene.cast.asha)
    scene.refund_at_the_dashboard(paid, 20_000)
    hear(scene, paid)
    assert scene.ending(booked) == ("confirmed", "partially_refunded", FEE, 20_000)
    assert scene.broken_promises() == []
    with pytest.raises(GatewayRejected):
        gateway().refund(paid, amount_paise=FEE, key="one-rupee-too-many")
    assert scene.refunds_at_razorpay(paid) == [("processed", 20_000)]
    answer = scene.cancel(booked).json()["data"]
    assert answer["refundPaise"] == 30_000
    hear(scene, paid)
    assert scene.ending(booked) == GIVEN_BACK
    assert scene.refunds_at_razorpay(paid) == [("processed", 20_000), ("processed", 30_000)]
    with pytest.raises(GatewayRejected):
        gateway().refund(paid, amount_paise=100, key="nothing-is-left")


def test_D_20_an_accepted_refund_is_pending_until_it_is_processed_or_reopened(scene: Scene) -> None:
    control(scene.sandbox, "switches", {"refunds": "pending"})
    (done, well), (lost, badly) = confirmed(scene, scene.cast.asha, 0), confirmed(scene, scene.cast.bilal, 1)
    for booked, paid in ((done, well), (lost, badly)):
        scene.cancel(booked)
        hear(scene, paid)
        assert scene.ending(booked) == ("cancelled", "refund_pending", FEE, 0)
        assert scene.seen(booked).refund_label == "₹500 is on its way back to where you paid from."
    resolve(scene, well, "process")
    resolve(scene, badly, "fail")
    hear(scene, well, badly)
    assert scene.ending(done) == GIVEN_BACK
    assert scene.ending(lost) == ("cancelled", "captured", FEE, 0)
    needs = [scene.at_the_desk(b).row.needs_attention for b in (done, lost)]
    assert needs == ["", "A refund failed. Send it again, or give it back by hand and say so here."]
    assert "refunded" in scene.at_the_desk(lost).marks
    assert [scene.mails(b).count("refunded") for b in (done, lost)] == [1, 0]


def resolve(scene: Scene, payment_id: str, how: str) -> None:
    """Let the bank process or fail the one refund of a payment."""
    (refund,) = gateway().refunds_of(payment_id)
    control(scene.sandbox, f"refunds/{refund.refund_id}/{how}")


def test_D_21_razorpays_own_refund_of_uncaptured_money_confirms_nothing(scene: Scene) -> None:
    booked = scene.book_slot(scene.cast.asha, scene.another_slot_in(days=6))
    paid = scene.pay(booked, "authorized")["payment"]["id"]
    hear(scene, paid)
    scene.pass_time(days=3, minutes=1)
    hear(scene, paid)
    assert scene.payments(booked) == [("refunded", False, FEE)]
    own = "ignored: Razorpay's own refund of money we never kept"
    assert scene.stored()[1:] == [
        ("refund.created", "done", "applied: lapse"),
        ("refund.processed", "ignored", own),
    ]
    assert scene.question() == 1
    scene.work()
    assert (scene.ending(booked), scene.refunds(booked)) == (("failed", "failed", 0, 0), [])
    assert scene.mails(booked) == ["payment_failed"]


def test_D_22_already_fully_refunded_is_found_to_be_our_own_refund(scene: Scene) -> None:
    booked, paid = confirmed(scene, scene.cast.asha)
    control(scene.sandbox, "faults/http", {"kind": "502", "method": "POST", "times": 1})
    scene.cancel(booked)
    scene.work()
    with read() as tx:
        key = tx.exec(select(Refund.idempotency_key)).one()
    # The refund did arrive, and Razorpay has forgotten its key since, so that a repeat is refused.
    scene.refund_at_the_dashboard(paid, FEE, receipt=key)
    scene.pass_time(hours=1)
    scene.work()
    assert scene.ending(booked) == GIVEN_BACK
    assert scene.refunds(booked) == [("processed", FEE, "cancelled")]
    assert scene.refunds_at_razorpay(paid) == [("processed", FEE)]
    hear(scene, paid)
    assert scene.mails(booked) == ["cancelled", "confirmed", "refunded"]


@pytest.mark.parametrize("told", ["by webhook first", "by the refusal"])
def test_D_22_already_fully_refunded_at_the_dashboard_is_taken_over(scene: Scene, told: str) -> None:
    booked, paid = confirmed(scene, scene.cast.asha)
    control(scene.sandbox, "faults/http", {"kind": "502", "method": "POST", "times": 1})
    scene.cancel(booked)
    scene.work()
    scene.refund_at_the_dashboard(paid, FEE)
    if told == "by webhook first":
        hear(scene, paid)
    scene.pass_time(hours=1)
    scene.work()
    assert scene.ending(booked) == GIVEN_BACK
    assert [status for status, _, _ in scene.refunds(booked)] == ["failed", "processed"]
    hear(scene, paid)  # late, or again
    assert scene.ending(booked) == GIVEN_BACK
    assert scene.refunds_at_razorpay(paid) == [("processed", FEE)]
    assert scene.at_the_desk(booked).row.needs_attention == ""
    assert scene.mails(booked) == ["cancelled", "confirmed", "refunded"]


def test_D_23_already_captured_is_a_success_once_it_was_fetched(scene: Scene) -> None:
    scene.catch_up()
    booked = scene.book_slot(scene.cast.asha, scene.another_slot_in(days=1))
    paid = scene.pay(booked, "authorized")["payment"]["id"]
    scene.pass_time(seconds=30)
    (listed,) = gateway().payments_of(booked.order).facts
    apply.apply(fact=listed, source=Source.QUESTION, now=scene.now)
    scene.capture(paid)  # between our question and our capture
    orders._capture(listed, scene.now)
    scene.work()
    assert (scene.ending(booked), scene.mails(booked)) == (CONFIRMED, ["confirmed"])
    assert [a.source for a in scene.attempts(booked)] == ["question"]
    hear(scene, paid)
    assert (scene.payments(booked), scene.mails(booked)) == ([("captured", True, 0)], ["confirmed"])
