"""What Razorpay says of refunds against our books: never added twice, never lost, and always seen by the desk."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlmodel import select

from booking_ui.db.models import Payment
from booking_ui.db.session import write
from booking_ui.domain.errors import GatewayRejected, WrongState
from booking_ui.domain.payment import AttemptStatus, Source
from booking_ui.domain.webhook_outcome import OutcomeCode
from booking_ui.services.cases import reconciliation_cases
from booking_ui.services.desk import booking_timeline
from booking_ui.services.payments import reconciliation
from booking_ui.services.refunds import mismatch, send
from tests.support.cast import FEE, NOW, Cast
from tests.support.razorpay_account import Account
from tests.support.refunds import (
    AMOUNT,
    CAPTURED,
    DAY,
    FIRST,
    HALF,
    HOUR,
    MINUTE,
    TWICE,
    UNDONE,
    alarms,
    bill,
    dashboard,
    ends,
    hear,
    made,
    settle,
    told,
    word,
)

REFUSED = GatewayRejected(http_status=400, reason="The payment has been fully refunded already")


@pytest.mark.usefixtures("cancelled")
def test_a_refund_given_back_by_hand_that_razorpay_pays_after_all_is_a_case_and_not_added(cast: Cast) -> None:
    hear(word(1, "failed"))
    settle(cast, 1)
    for _ in range(3):
        assert hear(word(1, "processed")) is OutcomeCode.REFUND_TWICE
    assert (bill(), ends()) == (("refunded", FEE), [("failed", 2), ("processed", None)])
    assert (told(), alarms()) == ([(FIRST, TWICE)], [f"may have gone back twice: {FIRST}"])
    assert (made()[0].paid_after_all, booking_timeline.refund_view(made()[0]).problem) == (
        True,
        "Razorpay paid it after all",
    )
    (case,) = reconciliation_cases.open_cases()
    assert case.detail.startswith("₹500 of booking ")
    reconciliation_cases.close(admin=cast.devi, case_id=case.id, note="she paid it back", now=NOW)
    assert (hear(word(1, "processed")), told()) == (OutcomeCode.REFUND_TWICE, [])


@pytest.mark.usefixtures("cancelled")
def test_one_that_razorpay_only_begins_to_pay_after_it_was_given_back_by_hand_is_a_case_too(
    cast: Cast, razorpay: Account
) -> None:
    razorpay.refusal = GatewayRejected(http_status=400, reason="extra_field_sent")
    send.send_due(now=NOW + MINUTE)  # refused for good: it has no id of Razorpay's
    settle(cast, 1)
    assert hear(word(1, "pending")) is OutcomeCode.REFUND_TWICE
    assert (ends(), told()) == ([("failed", 2), ("processed", None)], [(FIRST, TWICE)])
    assert (made()[0].paid_after_all, made()[0].last_error) == (False, "extra_field_sent")


@pytest.mark.usefixtures("cancelled")
def test_what_was_sent_again_and_refused_because_the_first_was_paid_counts_once(
    cast: Cast, razorpay: Account
) -> None:
    hear(word(1, "failed"))
    settle(cast, 1, "again")
    assert hear(word(1, "processed")) is OutcomeCode.REFUND_TWICE
    assert (bill(), ends(), told()) == (
        ("refund_pending", 0),
        [("failed", 2), ("pending", None)],
        [(FIRST, TWICE)],
    )
    razorpay.refusal = REFUSED
    razorpay.payments = [replace(CAPTURED, status=AttemptStatus.REFUNDED, amount_refunded_paise=FEE)]
    razorpay.refunds = [word(1, "processed")]
    send.send_due(now=NOW + HOUR)
    assert (bill(), ends(), told()) == (("refunded", FEE), [("processed", None), ("failed", 1)], [])
    assert hear(word(1, "processed")) is OutcomeCode.NOTHING_NEW


@pytest.mark.usefixtures("half_cancelled")
def test_a_half_that_was_sent_again_and_paid_both_times_stays_a_case(cast: Cast) -> None:
    hear(word(1, "failed", HALF))
    settle(cast, 1, "again")
    hear(word(1, "processed", HALF))
    hear(word(2, "processed", HALF))
    assert (bill(), ends()) == (("partially_refunded", HALF), [("failed", 2), ("processed", None)])
    assert told() == [(FIRST, TWICE)]


@pytest.mark.usefixtures("cancelled")
def test_one_whose_stand_in_failed_too_counts_once_razorpay_has_paid_it(cast: Cast) -> None:
    hear(word(1, "failed"))
    settle(cast, 1, "again")
    hear(word(2, "failed"))
    assert hear(word(1, "processed")) is OutcomeCode.REFUND_PROCESSED
    assert (bill(), ends(), told()) == (("refunded", FEE), [("processed", None), ("failed", 1)], [])
    assert hear(word(2, "processed")) is OutcomeCode.REFUND_TWICE


@pytest.mark.usefixtures("cancelled")
def test_one_paid_after_all_beyond_what_is_left_is_a_case_and_not_added() -> None:
    hear(word(1, "failed"))
    hear(dashboard("processed", HALF))
    assert hear(word(1, "processed")) is OutcomeCode.REFUND_TWICE
    assert (bill(), told()) == (("partially_refunded", HALF), [(FIRST, TWICE)])


@pytest.mark.usefixtures("cancelled")
def test_another_amount_at_razorpay_is_a_case() -> None:
    hear(word(1, "processed"))
    assert told() == []
    hear(word(1, "processed", 100), Source.COMPARISON)
    assert (told(), bill()) == ([(FIRST, AMOUNT)], ("refunded", FEE))
    assert reconciliation_cases.open_cases()[0].detail.startswith("₹1 at Razorpay, ₹500 here, of booking ")


@pytest.mark.usefixtures("cancelled")
def test_one_that_is_done_here_and_failed_there_is_a_case_until_razorpay_says_again_that_it_is_done(
    razorpay: Account,
) -> None:
    hear(word(1, "processed"))
    razorpay.refunds = [word(1, "failed")]
    for _ in range(2):
        reconciliation.compare_now(now=NOW + DAY)
        assert (told(), bill()) == ([(FIRST, UNDONE)], ("refunded", FEE))
    hear(word(1, "processed"))  # a message that may be older than the failure
    assert told() == [(FIRST, UNDONE)]
    razorpay.refunds = [word(1, "processed")]
    reconciliation.compare_now(now=NOW + DAY)
    assert told() == []


@pytest.mark.usefixtures("cancelled")
def test_a_failed_refund_that_razorpay_made_after_all_is_not_sent_again(
    cast: Cast, razorpay: Account
) -> None:
    hear(word(1, "failed"))
    razorpay.refunds, razorpay.sent = [word(1, "processed")], []
    with pytest.raises(WrongState, match="after all"):
        settle(cast, 1, "again")
    assert (bill(), ends(), razorpay.sent) == (("refunded", FEE), [("processed", None)], [])


@pytest.mark.usefixtures("cancelled")
def test_a_failed_refund_that_razorpay_is_making_is_on_its_way_again(cast: Cast, razorpay: Account) -> None:
    hear(word(1, "failed"))
    razorpay.refunds, razorpay.sent = [word(1, "pending")], []
    with pytest.raises(WrongState, match="after all"):
        settle(cast, 1, "again")
    assert (bill(), ends()) == (("refund_pending", 0), [("pending", None)])
    assert (made()[0].next_attempt_at, razorpay.sent) == (NOW + HOUR, [])
    hear(word(1, "failed"))
    assert (bill(), ends()) == (("captured", 0), [("failed", None)])


@pytest.mark.usefixtures("half_cancelled")
def test_a_second_refund_is_one_case_and_one_alarm_however_often_it_is_told() -> None:
    with write() as tx:
        payment = tx.exec(select(Payment)).one()
        for _ in range(2):
            mismatch.note_second_refund(
                tx, payment, dashboard("processed", HALF), source=Source.WEBHOOK, now=NOW
            )
    assert len(told()) == len(alarms()) == 1


@pytest.mark.usefixtures("half_cancelled")
def test_a_refund_that_is_the_same_at_razorpay_is_no_difference() -> None:
    (refund,) = made()
    with write() as tx:
        payment = tx.exec(select(Payment)).one()
        mismatch.note_differences(tx, payment, refund, word(1, "processed", HALF), NOW)
    assert told() == []
