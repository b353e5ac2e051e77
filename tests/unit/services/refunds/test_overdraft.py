"""A bank and Razorpay's dashboard have given a payment back together: no refund of ours leaves on top."""

from __future__ import annotations

from dataclasses import replace

import pytest

from booking_ui.domain.errors import GatewayUnavailable, WrongState
from booking_ui.domain.payment import PaymentFact, RefundFact, RefundStatus
from booking_ui.gateways.razorpay import use
from booking_ui.services.booking import cancel
from booking_ui.services.refunds import overdraft, send
from tests.support import disputes
from tests.support.cast import FEE, NOW, Cast
from tests.support.razorpay_account import Account, account
from tests.support.refunds import (
    CAPTURED,
    HALF,
    HOUR,
    NINTH,
    PAID,
    TWICE,
    bill,
    dashboard,
    ends,
    made,
    settle,
    told,
    word,
)

razorpay = account
QUARTER = HALF // 2


class Silent(Account):
    """Answers no question about payments."""

    def payment(self, payment_id: str) -> PaymentFact:
        raise GatewayUnavailable(reason="away")


@pytest.fixture(autouse=True)
def rest_due(cast: Cast, paid: int) -> None:
    """The second refund is due: a lost dispute took one half of a cancelled visit's fee, which leaves the other."""
    disputes.hear(disputes.dispute("open", paise=HALF))
    cancel.cancel_by_policy(patient_id=cast.asha, appointment_id=paid, now=NOW)
    disputes.hear(disputes.dispute("lost", paise=HALF), 5)
    assert [(one.status, one.amount_paise) for one in made()] == [("failed", FEE), ("pending", HALF)]


def given_back(razorpay: Account, *refunds: RefundFact) -> None:
    """Razorpay has made these refunds, and we have not heard of them."""
    razorpay.refunds = list(refunds)
    gone = sum(one.amount_paise for one in refunds)
    razorpay.payments = [replace(CAPTURED, amount_refunded_paise=gone)]


def twice(razorpay: Account) -> None:
    """A half and a quarter went back at the dashboard: the half does not fit into our books beside the quarter."""
    quarter = RefundFact("rfnd_00000000000008", PAID, RefundStatus.PROCESSED, QUARTER)
    given_back(razorpay, quarter, dashboard("processed", HALF))


def test_what_razorpay_still_holds_may_leave(razorpay: Account) -> None:
    given_back(razorpay)
    assert (overdraft.is_one(PAID, HALF), overdraft.is_one(PAID, HALF + 1)) == (False, True)
    send.send_due(now=NOW)
    assert razorpay.sent == [HALF]


def test_a_due_refund_that_went_back_at_the_dashboard_is_not_sent(razorpay: Account) -> None:
    given_back(razorpay, dashboard("processed", HALF))
    send.send_due(now=NOW)
    assert razorpay.sent == []
    assert (ends(), bill()) == ([("failed", 2), ("failed", 3), ("processed", None)], ("refunded", HALF))


def test_a_refund_of_which_more_went_back_is_the_desks_and_is_not_sent_again(
    cast: Cast, razorpay: Account
) -> None:
    twice(razorpay)
    send.send_due(now=NOW)
    assert (ends()[1], (NINTH, TWICE) in told()) == (("failed", None), True)
    with pytest.raises(WrongState, match="case in Books"):
        settle(cast, 2, "again")
    send.send_due(now=NOW + HOUR)
    assert razorpay.sent == []
    settle(cast, 2)
    assert (ends()[1], bill()) == (("failed", 4), ("refunded", HALF))


def test_a_refund_of_ours_whose_answer_was_lost_counts_as_made(razorpay: Account) -> None:
    send.send_due(now=NOW)
    given_back(razorpay, word(2, "processed", HALF))
    send.send_due(now=NOW + HOUR)
    assert (ends()[1], bill(), razorpay.sent) == (("processed", None), ("refunded", HALF), [HALF])


def test_while_razorpay_can_not_be_asked_nothing_leaves(cast: Cast) -> None:
    silent = Silent()
    use(silent)
    send.send_due(now=NOW)
    assert (ends()[1], silent.sent) == (("pending", None), [])
    with pytest.raises(WrongState, match="could not be asked"):
        send.refuse_overdraft(PAID, HALF, NOW)


def test_without_a_lost_dispute_razorpay_is_not_asked() -> None:
    use(Silent())
    assert overdraft.is_one("pay_00000000000002", FEE) is False
