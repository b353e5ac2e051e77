"""D-: a bank takes a payment back, or wants to; the same money never goes back twice."""

# ruff: noqa: N802  # the names begin with the scenarios' ids

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from booking_ui.services.cases import reconciliation_cases
from booking_ui.services.desk import held_refund, payouts
from booking_ui.services.payments import reconciliation
from booking_ui.services.refunds import send
from tests.support.cast import FEE
from tests.support.sandbox_control import control
from tests.unit.scenarios.steps import Booked, Scene

DISPUTED, LOST = "A patient's bank disputes a payment", "A dispute was lost"
HELD = "Your bank is looking into this payment. Once it has decided, you get ₹500 back, from the bank or from us."


@pytest.fixture
def paid(scene: Scene) -> tuple[Booked, str]:
    """A confirmed visit in nine days, and the id of its payment."""
    scene.catch_up()  # a dispute is dated by Razorpay's clock
    booked = scene.book_slot(scene.cast.asha, scene.another_slot_in(days=9))
    payment = scene.pay(booked)["payment"]["id"]
    scene.pass_time(minutes=1)
    assert scene.question() == 1
    return booked, payment


def dispute(scene: Scene, payment: str, **more: Any) -> str:
    """The id of a new dispute; its message is not delivered."""
    return str(control(scene.sandbox, f"payments/{payment}/dispute", more)["id"])


def move(scene: Scene, dispute_id: str, to: str) -> None:
    control(scene.sandbox, f"disputes/{dispute_id}/move", {"to": to})


def hear(scene: Scene, payment: str, *steps: str) -> None:
    """Deliver these messages about disputes of the payment, and let the worker work."""
    scene.deliver_all(payment, *(f"payment.dispute.{step}" for step in steps))
    scene.work()


def cases() -> list[str]:
    """The titles of the open cases about disputes; another scenario's orders may be cases too."""
    open_now = [case.title for case in reconciliation_cases.open_cases()]
    return [title for title in open_now if title in (DISPUTED, LOST)]


def month(scene: Scene) -> dict[str, int]:
    """The figures of the payouts of these days that are not zero, in paise."""
    day = scene.now.date()
    found = payouts.summary(first=day - timedelta(days=7), last=day + timedelta(days=1)).figures
    return {one.figure: one.paise for one in found if one.paise}


def test_D_31_a_dispute_is_a_case_with_its_deadline_and_a_cancelled_visit_waits_for_its_end(
    scene: Scene, paid: tuple[Booked, str]
) -> None:
    booked, payment = paid
    dispute_id = dispute(scene, payment)
    hear(scene, payment, "created")
    (shown,) = scene.at_the_desk(booked).disputes
    assert (shown.status, shown.phase, shown.amount_label) == ("open", "chargeback", "₹500")
    assert shown.respond_label.startswith("Answer by ")
    assert cases() == [DISPUTED]
    assert "waits for your bank" in scene.cancel(booked).json()["message"]
    scene.work()
    scene.pass_time(days=3)
    scene.work()
    assert (scene.refunds_at_razorpay(payment), scene.seen(booked).refund_label) == ([], HELD)
    move(scene, dispute_id, "under_review")
    move(scene, dispute_id, "won")
    hear(scene, payment, "under_review", "won")
    assert scene.refunds_at_razorpay(payment) == [("processed", FEE)]
    assert scene.ending(booked) == ("cancelled", "refunded", FEE, FEE)
    assert cases() == []


def test_D_32_a_dispute_is_lost_while_a_refund_waits_and_the_money_goes_back_once(
    scene: Scene, paid: tuple[Booked, str]
) -> None:
    booked, payment = paid
    dispute_id = dispute(scene, payment)
    hear(scene, payment, "created")
    scene.cancel(booked)
    move(scene, dispute_id, "lost")
    hear(scene, payment, "lost")
    scene.pass_time(days=1)
    scene.work()
    assert (scene.refunds_at_razorpay(payment), cases()) == ([], [LOST])
    assert scene.ending(booked) == ("cancelled", "refunded", FEE, 0)
    assert scene.seen(booked).refund_label == "Your bank has taken ₹500 back for you."
    assert month(scene) == {"captured": FEE, "deducted": FEE}


def test_D_32_a_dispute_is_lost_after_the_refund_and_the_desk_is_told(
    scene: Scene, paid: tuple[Booked, str]
) -> None:
    booked, payment = paid
    scene.cancel(booked)
    scene.work()
    dispute_id = dispute(scene, payment)
    move(scene, dispute_id, "lost")
    hear(scene, payment, "created", "lost")
    assert scene.refunds_at_razorpay(payment) == [("processed", FEE)]
    (case,) = reconciliation_cases.open_cases()
    assert case.detail.endswith("Razorpay took ₹500, and ₹500 of that was refunded too, or is on its way")
    assert month(scene) == {"captured": FEE, "refunded": FEE, "deducted": FEE, "net": -FEE}


def test_D_33_every_message_about_a_dispute_is_lost_and_the_daily_comparison_finds_it(
    scene: Scene, paid: tuple[Booked, str]
) -> None:
    booked, payment = paid
    dispute_id = dispute(scene, payment)
    scene.pass_time(minutes=11)
    reconciliation.compare_now(now=scene.now)
    assert cases() == [DISPUTED]
    move(scene, dispute_id, "lost")
    for _ in range(6):  # longer than the list is asked for
        scene.pass_time(days=1)
        reconciliation.compare_now(now=scene.now)
    assert cases() == [LOST]
    assert scene.bill(booked).deducted_paise == FEE


def test_D_34_the_desk_sends_a_refund_that_waits_for_a_bank(scene: Scene, paid: tuple[Booked, str]) -> None:
    booked, payment = paid
    dispute(scene, payment)
    hear(scene, payment, "created")
    scene.cancel(booked)
    (refund,) = scene.at_the_desk(booked).refunds
    assert (refund.waits, refund.problem) == (True, "It waits for the end of the dispute")
    held_refund.send_all_the_same(
        admin=scene.cast.devi, refund_id=refund.id, reason="agreed with the patient", now=scene.now
    )
    assert send.send_due(now=scene.now) == 1
    assert scene.refunds_at_razorpay(payment) == [("processed", FEE)]
    assert cases() == [DISPUTED]
