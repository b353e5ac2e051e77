"""A refund made at Razorpay's dashboard is recorded once, as far as money is left."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

from booking_ui.db.models import Payment, PaymentAttempt
from booking_ui.db.session import rehearse
from booking_ui.domain.payment import Source
from booking_ui.domain.webhook_outcome import OutcomeCode
from booking_ui.services.refunds import dashboard_refunds, send
from tests.support.cast import FEE, NOW, Cast
from tests.support.razorpay_account import Account
from tests.support.refunds import (
    HALF,
    HOUR,
    NINTH,
    TWICE,
    alarms,
    bill,
    dashboard,
    hear,
    made,
    settle,
    told,
    word,
)


@pytest.mark.usefixtures("cancelled")
@pytest.mark.parametrize("status", ["pending", "processed"])
def test_a_refund_at_the_dashboard_of_what_was_given_back_by_hand_is_a_case_and_not_recorded(
    cast: Cast, status: str
) -> None:
    hear(word(1, "failed"))
    settle(cast, 1)
    for _ in range(2):
        assert hear(dashboard(status)) is OutcomeCode.REFUND_TWICE
    assert (len(made()), bill(), told()) == (2, ("refunded", FEE), [(NINTH, TWICE)])
    assert alarms() == [f"may have gone back twice: {NINTH}"]


@pytest.mark.usefixtures("cancelled")
def test_a_refund_at_the_dashboard_that_fails_ends_the_case_that_it_opened_on_its_way(cast: Cast) -> None:
    hear(word(1, "failed"))
    settle(cast, 1)
    assert (hear(dashboard("pending")), told()) == (OutcomeCode.REFUND_TWICE, [(NINTH, TWICE)])
    assert (hear(dashboard("failed")), told()) == (OutcomeCode.DASHBOARD_REFUND_FAILED, [])
    assert (len(made()), bill()) == (2, ("refunded", FEE))


@pytest.mark.usefixtures("half_cancelled")
def test_a_refund_at_the_dashboard_while_ours_is_on_its_way_waits_for_what_becomes_of_ours() -> None:
    assert hear(dashboard("processed")) is OutcomeCode.ALREADY_GOING_BACK
    assert (len(made()), told()) == (1, [])
    hear(word(1, "processed", HALF))
    assert (hear(dashboard("processed")), told()) == (OutcomeCode.REFUND_TWICE, [(NINTH, TWICE)])


@pytest.mark.usefixtures("half_cancelled")
def test_a_refund_at_the_dashboard_of_more_than_ours_explains_is_a_case_until_it_can_be_recorded() -> None:
    hear(dashboard("processed", HALF))
    other = replace(dashboard("processed", HALF), refund_id="rfnd_00000000000008", amount_paise=HALF + 100)
    assert (hear(other), len(made())) == (OutcomeCode.REFUND_TWICE, 2)
    hear(word(1, "failed", HALF))
    assert hear(replace(other, amount_paise=HALF)) is OutcomeCode.DASHBOARD_REFUND
    assert (bill(), told()) == (("refunded", FEE), [])


@pytest.mark.usefixtures("paid")
def test_a_pending_refund_at_the_dashboard_is_asked_about_until_it_ends(razorpay: Account) -> None:
    hear(dashboard("pending", HALF))
    assert made()[0].next_attempt_at == NOW + HOUR
    razorpay.refunds = [dashboard("processed", HALF)]
    assert send.send_due(now=NOW + HOUR - timedelta(seconds=1)) == 0
    assert (send.send_due(now=NOW + HOUR), bill()) == (1, ("partially_refunded", HALF))
    assert made()[0].next_attempt_at is None


@pytest.mark.usefixtures("paid")
@pytest.mark.parametrize(
    ("status", "of", "code"),
    [
        ("failed", "pay_00000000000001", OutcomeCode.DASHBOARD_REFUND_FAILED),
        ("processed", "pay_00000000000002", OutcomeCode.NOT_KEPT),
    ],
)
def test_a_refund_that_failed_or_gives_back_what_was_never_kept_is_not_recorded(
    status: str, of: str, code: OutcomeCode
) -> None:
    with rehearse() as tx:
        payment = tx.exec(select(Payment)).one()
        attempt = tx.exec(select(PaymentAttempt)).one()
        attempt.gateway_payment_id = of
        fact = replace(dashboard(status), payment_id=of)
        done = dashboard_refunds.record(tx, payment, attempt, [], fact, Source.WEBHOOK, NOW)
    assert (done.code, made(), told()) == (code, [], [])
