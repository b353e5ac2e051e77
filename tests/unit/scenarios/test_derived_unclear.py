"""D-: what Razorpay says in a shape that nobody knows, and what it refuses only for now."""

# ruff: noqa: N802  # the names begin with the scenarios' ids

from __future__ import annotations

import pytest

from booking_ui.services import cases, payments
from tests.unit.cast import FEE
from tests.unit.gateway_help import control
from tests.unit.scenarios.steps import Scene

ENDED = ("failed", "failed", 0, 0)


def bent(scene: Scene, kind: str, path: str) -> None:
    """From now on these answers come in a shape that no document knows."""
    control(scene.sandbox, "faults/http", {"kind": kind, "method": "GET", "path": path, "times": 0})


def open_cases() -> list[tuple[str, str, str]]:
    return [(case.title, case.subject, case.detail) for case in cases.open_cases()]


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
    payments.ask(order_id=booked.order, now=scene.now)
    assert len(open_cases()) == 1
    scene.deliver_all(paid)
    scene.work()
    assert (scene.ending(booked)[0], scene.question()) == ("confirmed", 0)
    assert payments.ask(order_id=booked.order, now=scene.now)  # its capture is known by now
    assert open_cases() == []
