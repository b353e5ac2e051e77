"""The desk sends a refund that waits for a bank's decision."""

from __future__ import annotations

from dataclasses import replace

import pytest

from booking_ui.domain.errors import BadInput, NotFound, WrongState
from booking_ui.domain.payment import Source
from booking_ui.services.booking import cancel
from booking_ui.services.desk import held_refund
from booking_ui.services.payments import apply
from booking_ui.services.refunds import send
from tests.support.cast import FEE, NOW, Cast
from tests.support.disputes import dispute, hear
from tests.support.facts import held
from tests.support.razorpay_account import Account, account
from tests.support.refunds import CAPTURED, HALF, ORDER, dashboard, made

razorpay = account


@pytest.fixture(autouse=True)
def waiting(cast: Cast, razorpay: Account) -> None:
    """A cancelled visit whose refund waits for the end of a dispute, at a Razorpay that is away."""
    view = held(cast, cast.asha, order=ORDER)
    apply.apply(fact=CAPTURED, source=Source.WEBHOOK, now=NOW)
    razorpay.payments = [CAPTURED]
    hear(dispute("open"))
    cancel.cancel_by_policy(patient_id=cast.asha, appointment_id=view.id, now=NOW)


def sent_by(cast: Cast, reason: str = "the patient asked", refund_id: int = 1) -> str:
    return held_refund.send_all_the_same(admin=cast.devi, refund_id=refund_id, reason=reason, now=NOW)


def is_held() -> bool:
    (one,) = made()
    return one.dispute_id is not None


def test_it_is_sent_although_the_bank_has_not_decided(cast: Cast, razorpay: Account) -> None:
    assert (is_held(), sent_by(cast), is_held()) == (True, "₹500", False)
    hear(dispute("under_review"), 5)  # the desk knew of this dispute when it decided
    send.send_due(now=NOW)
    assert (is_held(), razorpay.sent) == (False, [FEE])


def test_a_dispute_that_is_opened_afterwards_holds_it_again(cast: Cast) -> None:
    sent_by(cast)
    hear(dispute("open", n=2), 5)
    assert is_held()


def test_it_is_sent_once(cast: Cast) -> None:
    sent_by(cast)
    with pytest.raises(WrongState):
        sent_by(cast)


def test_it_needs_a_reason_and_a_refund(cast: Cast) -> None:
    with pytest.raises(BadInput):
        sent_by(cast, reason="")
    with pytest.raises(NotFound):
        sent_by(cast, refund_id=9)
    assert is_held()


def test_it_stays_when_a_lost_dispute_and_the_dashboard_gave_the_money_back(
    cast: Cast, razorpay: Account
) -> None:
    hear(dispute("lost", paise=HALF, n=2), 5)
    razorpay.payments = [replace(CAPTURED, amount_refunded_paise=HALF)]
    razorpay.refunds = [dashboard("processed", HALF)]
    with pytest.raises(WrongState, match="case in Books"):
        sent_by(cast, refund_id=2)
    send.send_due(now=NOW)
    assert ([one.dispute_id is not None for one in made()][1], razorpay.sent) == (True, [])
