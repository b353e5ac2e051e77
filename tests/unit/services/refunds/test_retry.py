"""A refund that Razorpay does not take now is tried again, or is the desk's to settle."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from booking_ui.domain.errors import GatewayRejected, GatewayUnavailable, WrongState
from booking_ui.services.refunds import retry, send
from tests.support.cast import FEE, NOW, Cast
from tests.support.razorpay_account import Account
from tests.support.refunds import (
    CAPTURED,
    DAY,
    FIRST,
    HOUR,
    MINUTE,
    MISSING,
    bill,
    dashboard,
    ends,
    hear,
    made,
    settle,
    told,
    word,
)

UNKNOWN = GatewayRejected(http_status=400, reason="The id provided does not exist")


@pytest.mark.usefixtures("cancelled")
def test_an_accepted_refund_that_razorpay_does_not_show_is_still_on_its_way(razorpay: Account) -> None:
    hear(word(1, "pending"))
    razorpay.blind = UNKNOWN
    send.send_due(now=NOW + HOUR)
    assert (ends(), told(), made()[0].next_attempt_at is not None) == ([("pending", None)], [], True)
    send.send_due(now=NOW + DAY)
    assert (ends(), told(), razorpay.sent) == ([("pending", None)], [(FIRST, MISSING)], [FEE])
    razorpay.blind, razorpay.refunds = None, [word(1, "processed")]
    send.send_due(now=NOW + 2 * DAY)
    assert (bill(), told()) == (("refunded", FEE), [])


@pytest.mark.usefixtures("cancelled")
@pytest.mark.parametrize("blind", [UNKNOWN, GatewayUnavailable(reason="away")])
def test_while_razorpay_cannot_be_asked_a_failed_refund_is_not_sent_again(
    cast: Cast, razorpay: Account, blind: GatewayRejected | GatewayUnavailable
) -> None:
    hear(word(1, "failed"))
    razorpay.blind, razorpay.sent = blind, []
    with pytest.raises(WrongState, match="could not be asked"):
        settle(cast, 1, "again")
    assert (ends(), razorpay.sent) == ([("failed", None)], [])
    razorpay.blind, razorpay.refunds = None, [word(1, "failed"), dashboard("processed", 100)]
    settle(cast, 1, "again")
    assert (ends(), razorpay.sent) == ([("failed", 2), ("pending", None)], [FEE])
    with pytest.raises(WrongState, match="nothing any more"):
        settle(cast, 1, "again")


@pytest.mark.usefixtures("cancelled")
@pytest.mark.parametrize(("days", "waits"), [(179, True), (180, False)])
def test_a_refund_of_a_payment_older_than_six_months_does_not_wait_for_balance(
    razorpay: Account, days: int, waits: bool
) -> None:
    razorpay.payments = [replace(CAPTURED, created_at=NOW - timedelta(days=days))]
    razorpay.refusal = GatewayRejected(http_status=400, reason="not now")
    send.send_due(now=NOW + MINUTE)
    assert ends() == [("pending" if waits else "failed", None)]
    assert [subject for subject, _ in told()] == [made()[0].idempotency_key] * waits


@pytest.mark.usefixtures("cancelled")
@pytest.mark.parametrize(
    "refusal",
    [
        GatewayRejected(http_status=401, reason="not now"),
        GatewayRejected(http_status=400, reason="input_validation_failed"),
    ],
)
def test_a_refusal_that_waiting_cannot_mend_is_final(razorpay: Account, refusal: GatewayRejected) -> None:
    razorpay.payments = [CAPTURED]
    (refund,) = made()
    assert not retry.is_temporary(refund, refusal, NOW)
    assert retry.is_temporary(refund, GatewayRejected(http_status=400, reason="not now"), NOW)


@pytest.mark.usefixtures("cancelled")
def test_a_refused_refund_waits_longer_each_time_and_five_days_in_all() -> None:
    waits = []
    for later in (timedelta(), HOUR, DAY):
        assert retry.keep_waiting(1, "not now", NOW + later)
        due = made()[0].next_attempt_at
        assert due is not None
        waits.append(due - NOW - later)
    assert waits == [10 * MINUTE, HOUR, 3 * HOUR]
    assert not retry.keep_waiting(1, "not now", NOW + retry.PATIENCE)
