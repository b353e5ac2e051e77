"""D-: each way a payment can fail, and four days without a single webhook."""

# ruff: noqa: N802  # the names begin with the scenarios' ids

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from booking_ui.config.settings import settings
from tests.support.cast import FEE
from tests.support.sandbox_control import ask, control
from tests.unit.scenarios import checkout
from tests.unit.scenarios.checkout import Attempt
from tests.unit.scenarios.receiver import Receiver
from tests.unit.scenarios.steps import Booked, Scene

CONFIRMED = ("confirmed", "captured", FEE, 0)

ERROR_CARDS = {  # razorpay.com/docs, "Test card details"
    "payment_timed_out": ["4100280000090000", "5305620000060000"],
    "insufficient_fund": ["4100280000080001", "5305620000050001"],
    "payment_cancelled": ["4100280000070002", "5305620000040002"],
    "card_declined": [
        "4100280000060003", "4100280000050004", "4100280000040005",
        "5305620000030003", "5305620000020004", "5305620000010005",
    ],
    "card_disabled_for_online_payments": ["4100280000030006", "5305620000000006"],
    "card_number_invalid": ["4100280000010008", "5305620000080008"],
    "gateway_technical_error": ["4100280000020007", "5305620000090007", "4111111111111111"],
    "authentication_failed": ["4100280000000009", "5305620000070009"],
}  # fmt: skip
GATEWAY_ERRORS = ("gateway_technical_error", "authentication_failed")


@dataclass(frozen=True)
class Failing:
    """A customer's input and action, with the reason and the label of the method that must be on record."""

    reason: str
    typed: dict[str, str]
    does: Callable[[Attempt], object] | None
    label: str


def fails(attempt: Attempt) -> object:
    return attempt.answer("failure")


def leaves(attempt: Attempt) -> object:
    return attempt.answer("cancel")


def mistypes_the_password(attempt: Attempt) -> object:
    return attempt.answer("success", otp="123")


CASES = [
    *(
        Failing(reason, {"number": n}, fails, "Card")
        for reason, numbers in ERROR_CARDS.items()
        for n in numbers
    ),
    Failing("payment_cancelled", {}, leaves, "Card"),
    Failing("incorrect_otp", {}, mistypes_the_password, "Card"),
    Failing("payment_failed", {"method": "netbanking", "bank": "BARB_R"}, fails, "Netbanking · BARB_R"),
    Failing("payment_failed", {"method": "upi", "vpa": "failure@razorpay"}, None, "UPI · failure@razorpay"),
    Failing("invalid_vpa", {"method": "upi", "vpa": "asha@nowhere"}, None, "UPI · asha@nowhere"),
    Failing("payment_timed_out", {"method": "netbanking", "bank": "HDFC"}, None, "Netbanking · HDFC"),
]


def test_D_27_every_way_to_fail_is_on_record_with_its_reason_and_sentence(
    scene: Scene, configured: pytest.MonkeyPatch
) -> None:
    configured.setenv("RATE_LIMIT_MAILS_UNCONFIRMED", "1000/hour")  # each failure is mailed
    settings.cache_clear()
    booked = scene.book(scene.cast.asha)
    for count, case in enumerate(CASES, 1):
        attempt = checkout.begin(scene, booked, **case.typed)
        if case.does:
            case.does(attempt)
        else:  # the UPI address decides, or the payment times out
            control(scene.sandbox, "clock/advance", {"seconds": 601})
        scene.deliver_all(attempt.payment_id)
        scene.work()
        _is_on_record(scene, booked, attempt.payment_id, case)
        assert len(scene.attempts(booked)) == scene.order(booked)["attempts"] == count
        scene.try_again(booked)
    paid = checkout.begin(scene, booked, method="upi", vpa="success@razorpay").payment_id
    control(scene.sandbox, "clock/advance", {"seconds": 5})
    scene.deliver_all(paid)
    scene.work()
    assert (scene.ending(booked), scene.bill(booked).failure) == (CONFIRMED, "")
    assert scene.mails(booked) == ["confirmed"] + ["payment_failed"] * len(CASES)


def _is_on_record(scene: Scene, booked: Booked, payment_id: str, case: Failing) -> None:
    told = ask(scene.sandbox, f"payments/{payment_id}")
    assert (told["status"], told["error_reason"]) == ("failed", case.reason)
    last = scene.attempts(booked)[-1]
    code = "GATEWAY_ERROR" if case.reason in GATEWAY_ERRORS else "BAD_REQUEST_ERROR"
    assert (last.gateway_payment_id, last.status.value) == (payment_id, "failed")
    assert (last.error_reason, last.error_code) == (case.reason, code)
    assert last.error_description == scene.bill(booked).failure == told["error_description"] != ""
    assert scene.ending(booked) == ("failed", "failed", 0, 0)
    assert (scene.seen(booked).phase, scene.seen(booked).can_try_again) == ("failed", True)
    shown = scene.at_the_desk(booked).attempts
    (line,) = [one for one in shown if one.gateway_payment_id == payment_id]
    assert line.failure == told["error_description"]
    assert line.method_label.startswith(case.label)


def test_D_28_four_days_without_webhooks_end_right_by_questions_alone(
    scene: Scene, receiver: Receiver
) -> None:
    receiver.down = True
    control(scene.sandbox, "switches", {"refunds": "pending"})
    asha, bilal = scene.cast.asha, scene.cast.bilal
    times = [scene.another_slot_in(days=6, hours=n) for n in range(5)]
    kept, given_back, late = (scene.book_slot(asha, t) for t in times[:3])
    lost, lapsed = (scene.book_slot(bilal, t) for t in times[3:])
    scene.pay(kept)
    returned = scene.pay(given_back)["payment"]["id"]
    for booked in (late, lost):
        scene.pay(booked, "late_authorized", after=2 * 3600)
    scene.pay(lapsed, "authorized")
    ask_for(scene, minutes=1)
    assert [scene.seen(b).phase for b in (kept, late, lost, lapsed)] == [
        "confirmed", "failed", "failed", "checking",
    ]  # fmt: skip
    resold = scene.book_slot(asha, times[3])
    scene.pay(resold)
    assert scene.cancel(given_back).status_code == 200
    ask_for(scene, minutes=4)
    ask_for(scene, minutes=10)
    for _ in range(9):
        ask_for(scene, hours=3)
    (endpoint,) = control(scene.sandbox, "webhooks", method="GET")
    assert endpoint["disabled"] is True  # Razorpay gave up on us after 24 hours
    for payment_id in (returned, scene.attempts(lost)[0].gateway_payment_id):
        (refund,) = ask(scene.sandbox, f"payments/{payment_id}/refunds")["items"]
        control(scene.sandbox, f"refunds/{refund['id']}/process")
    for _ in range(3):
        ask_for(scene, days=1)
    assert {name: scene.ending(b) for name, b in (
        ("kept", kept), ("given back", given_back), ("late", late), ("lost", lost), ("resold", resold),
        ("lapsed", lapsed),
    )} == {
        "kept": CONFIRMED,
        "given back": ("cancelled", "refunded", FEE, FEE),
        "late": CONFIRMED,
        "lost": ("failed", "refunded", FEE, FEE),
        "resold": CONFIRMED,
        "lapsed": ("failed", "failed", 0, 0),
    }  # fmt: skip
    assert scene.stored() == []
    assert set(receiver.answers) == {500}
    assert [scene.mails(b) for b in (kept, given_back, late, lost, resold, lapsed)] == [
        ["confirmed"], ["cancelled", "confirmed", "refunded"], ["confirmed", "payment_failed"],
        ["payment_failed", "refunded", "slot_lost"], ["confirmed"], [],
    ]  # fmt: skip


def ask_for(scene: Scene, **amount: float) -> None:
    """Let time pass, then ask about all orders that are due and do what follows from the answers."""
    scene.pass_time(**amount)
    while scene.question():
        pass
    scene.work()
