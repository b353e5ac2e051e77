"""D-: answers of Razorpay in an unknown shape, and refunds that it refuses only for now."""

# ruff: noqa: N802  # the names begin with the scenarios' ids

from __future__ import annotations

import pytest
from sqlmodel import select

from booking_ui.db.models import Appointment, Refund
from booking_ui.db.session import read
from booking_ui.services.cases import reconciliation_cases
from booking_ui.services.payments import orders
from booking_ui.services.refunds import send
from booking_ui.services.visits import patient_view
from tests.support.cast import FEE
from tests.support.sandbox_control import control
from tests.unit.scenarios.steps import Booked, Scene

ENDED = ("failed", "failed", 0, 0)


def bent(scene: Scene, kind: str, path: str) -> None:
    """Let the answers of this path have an undocumented shape from now on."""
    control(scene.sandbox, "faults/http", {"kind": kind, "method": "GET", "path": path, "times": 0})


def sentence(scene: Scene, booked: Booked) -> str:
    """The sentence of the booking's status page."""
    with read() as tx:
        (one,) = patient_view.load(tx, Appointment.id == booked.id)
    return patient_view.view(one, scene.now).sentence


def open_cases() -> list[tuple[str, str, str]]:
    return [(case.title, case.subject, case.detail) for case in reconciliation_cases.open_cases()]


@pytest.mark.parametrize("kind", ["misshapen", "nameless"])
def test_D_29_a_payment_that_cannot_be_read_is_a_case_and_is_asked_about_until_it_can(
    scene: Scene, kind: str
) -> None:
    booked = scene.book_slot(scene.cast.asha, scene.another_slot_in(days=9))
    paid = scene.pay(booked)["payment"]["id"]
    bent(scene, kind, "/v1/orders/*/payments")
    scene.pass_time(minutes=1)
    assert scene.question() == 1
    subject = paid if kind == "misshapen" else booked.order
    (told,) = open_cases()
    assert told[:2] == ("A payment at Razorpay that we can't read", subject)
    assert told[2].startswith(f"booking {booked.reference}; payment: ")
    for _ in range(6):  # a day longer than the ladder
        scene.pass_time(days=1)
        scene.work()
        assert "no payment has reached us." in sentence(scene, booked)
        assert (scene.question(), scene.ending(booked), len(open_cases())) == (1, ENDED, 1)
    control(scene.sandbox, "faults", method="DELETE")
    scene.pass_time(days=1)
    assert (scene.question(), scene.ending(booked)) == (1, ("confirmed", "captured", FEE, 0))
    assert open_cases() == []
    scene.pass_time(hours=12)
    assert scene.question() == 0


def test_D_29_a_second_payment_that_cannot_be_read_is_asked_about_although_the_visit_is_paid(
    scene: Scene,
) -> None:
    booked = scene.book_slot(scene.cast.asha, scene.another_slot_in(days=9))
    paid = scene.pay(booked)["payment"]["id"]
    scene.pass_time(seconds=5)
    bent(scene, "misshapen", "/v1/orders/*/payments")
    orders.ask(order_id=booked.order, now=scene.now)
    assert len(open_cases()) == 1
    scene.deliver_all(paid)
    scene.work()
    assert (scene.ending(booked)[0], scene.question()) == ("confirmed", 0)
    assert orders.ask(order_id=booked.order, now=scene.now)  # although its capture is known by now
    assert open_cases() == []


WAITS = "A refund waits: Razorpay refuses it for now"


def cancelled_without_balance(scene: Scene) -> tuple[Booked, str]:
    """A visit that was cancelled while Razorpay's balance does not cover the refund, and its payment's id."""
    booked = scene.book_slot(scene.cast.asha, scene.another_slot_in(days=9))
    paid = scene.pay(booked)["payment"]["id"]
    scene.pass_time(minutes=1)
    assert scene.question() == 1
    control(scene.sandbox, "switches", {"refunds": "no_balance"})
    assert scene.cancel(booked).status_code == 200
    scene.work()
    return booked, paid


def test_D_30_a_refund_that_the_balance_does_not_cover_goes_by_itself_once_it_does(scene: Scene) -> None:
    booked, paid = cancelled_without_balance(scene)
    told = f"₹500 of booking {booked.reference}; Razorpay: Your account does not have enough balance"
    for hours in (0, 1, 3, 20):
        scene.pass_time(hours=hours)
        scene.work()
        assert [(title, detail[: len(told)]) for title, _, detail in open_cases()] == [(WAITS, told)]
        assert scene.ending(booked) == ("cancelled", "refund_pending", FEE, 0)
        assert scene.seen(booked).refund_label.startswith("We are sending ₹500 back to where you paid from.")
        assert "refuses a refund for now" in scene.at_the_desk(booked).row.needs_attention
    assert scene.refunds_at_razorpay(paid) == []
    control(scene.sandbox, "switches", {"refunds": "processed"})
    scene.pass_time(hours=3)
    scene.work()
    assert scene.ending(booked) == ("cancelled", "refunded", FEE, FEE)
    assert scene.refunds_at_razorpay(paid) == [("processed", FEE)]
    assert (open_cases(), scene.at_the_desk(booked).row.needs_attention) == ([], "")


def test_D_30_after_five_days_without_balance_the_refund_is_the_desks(scene: Scene) -> None:
    booked, _ = cancelled_without_balance(scene)
    waits = []
    for hours in (0.2, 1, 6, 48, 64):
        scene.pass_time(hours=hours)
        assert send.send_due(now=scene.now) == 1
        assert scene.refunds(booked) == [("pending", FEE, "cancelled")]
        with read() as tx:
            due = tx.exec(select(Refund.next_attempt_at)).one()
        waits.append(round((due - scene.now).total_seconds() / 60) if due else 0)
    assert waits == [12, 72, 180, 180, 180]
    scene.pass_time(hours=3)
    scene.work()
    assert scene.refunds(booked) == [("failed", FEE, "cancelled")]
    assert open_cases() == []
    assert scene.at_the_desk(booked).row.needs_attention.startswith("A refund failed.")
