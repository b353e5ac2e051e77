"""Disputes: recorded once, forward only, each a case, and no refund leaves while one is undecided."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations

import pytest
from sqlmodel import select

from booking_ui.config.settings import settings
from booking_ui.db.models import Payment, PaymentAttempt
from booking_ui.db.session import read
from booking_ui.domain.dispute import DisputeFact
from booking_ui.domain.errors import GatewayRejected, GatewayUnavailable, GatewayUnreadable, WrongState
from booking_ui.domain.payment import AttemptStatus, PaymentFact, Source
from booking_ui.domain.webhook_outcome import OutcomeCode
from booking_ui.services.booking import appointments, cancel
from booking_ui.services.cases import reconciliation_cases
from booking_ui.services.desk import held_refund, payouts
from booking_ui.services.desk.booking import whole_booking
from booking_ui.services.payments import apply, disputes
from booking_ui.services.refunds import send
from tests.support.cast import FEE, NOW, Cast
from tests.support.disputes import DISPUTED, dispute, hear, kept
from tests.support.facts import held
from tests.support.razorpay_account import Account, account
from tests.support.refunds import (
    CAPTURED,
    DAY,
    HALF,
    NINTH,
    ORDER,
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
from tests.support.refunds import hear as refund_told

razorpay = account
OPEN_CASE = [(DISPUTED, "A patient's bank disputes a payment")]
LOST_CASE = [(DISPUTED, "A dispute was lost")]


@pytest.fixture
def paid(cast: Cast, razorpay: Account) -> int:
    """Asha's paid visit, at a Razorpay that is away."""
    view = held(cast, cast.asha, order=ORDER)
    apply.apply(fact=CAPTURED, source=Source.WEBHOOK, now=NOW)
    razorpay.payments = [CAPTURED]
    return view.id


def cancelled(cast: Cast, appointment_id: int) -> None:
    cancel.cancel_by_policy(patient_id=cast.asha, appointment_id=appointment_id, now=NOW)


def waits() -> list[tuple[int, bool, bool]]:
    """(paise, waits for a dispute, is due) of every pending refund."""
    pending = [one for one in made() if one.status == "pending"]
    return [(r.amount_paise, r.dispute_id is not None, r.next_attempt_at is not None) for r in pending]


def taken() -> tuple[int, int]:
    """Paise taken back of the payment and of its attempt."""
    with read() as tx:
        return tx.exec(select(Payment)).one().deducted_paise, tx.exec(
            select(PaymentAttempt)
        ).one().deducted_paise


def test_a_dispute_is_recorded_once_and_is_a_case_with_its_deadline(paid: int) -> None:
    fact = dispute("open", respond_by=NOW + timedelta(days=7))
    assert hear(fact) is OutcomeCode.DISPUTE_OPEN
    assert hear(fact) is OutcomeCode.NOTHING_NEW
    (row,) = kept()
    assert (row.status, row.phase, row.amount_paise, row.deducted_paise) == ("open", "chargeback", FEE, 0)
    assert (row.gateway_payment_id, row.created_at, row.seen_at) == (PAID, NOW, NOW)
    (case,) = reconciliation_cases.open_cases()
    assert "answer by Mon 12 Jan, 10:00 am" in case.detail
    assert "https://dashboard.razorpay.com/app/disputes" in case.remedy


def test_a_dispute_of_a_payment_we_do_not_know_is_ignored(cast: Cast) -> None:
    assert hear(dispute("open")) is OutcomeCode.UNKNOWN_DISPUTED
    assert (kept(), told()) == ([], [])


@pytest.mark.parametrize("end", ["won", "closed"])
def test_its_case_ends_by_itself_when_it_is_won_or_closed(paid: int, end: str) -> None:
    hear(dispute("open"))
    assert told() == OPEN_CASE
    hear(dispute(end), 5)
    assert told() == []


def test_a_lost_one_stays_a_case_until_the_desk_closes_it(cast: Cast, paid: int) -> None:
    hear(dispute("open"))
    hear(dispute("lost"), 5)
    assert told() == LOST_CASE
    (case,) = reconciliation_cases.open_cases()
    reconciliation_cases.close(admin=cast.devi, case_id=case.id, note="talked to the patient", now=NOW)
    assert (told(), hear(dispute("lost"), 6), told()) == ([], OutcomeCode.NOTHING_NEW, [])


HISTORY = ("open", "under_review", "lost")


def test_any_order_of_its_words_ends_in_the_same_state(paid: int) -> None:
    for order in permutations(enumerate(HISTORY)):
        n = len(kept()) + 1
        for minute, status in order:
            hear(dispute(status, n=n, paise=100), minute)
        assert (kept()[-1].status, kept()[-1].deducted_paise) == ("lost", 100)


def test_a_bank_that_asks_for_more_opens_it_again_and_an_older_word_does_not(paid: int) -> None:
    assert hear(dispute("under_review"), 10) is OutcomeCode.DISPUTE_UNDER_REVIEW
    assert hear(dispute("open"), 5) is OutcomeCode.NOTHING_NEW
    assert hear(dispute("open"), 20) is OutcomeCode.DISPUTE_OPEN
    assert hear(dispute("won"), 1) is OutcomeCode.DISPUTE_WON  # an ending is final, whenever it was said
    assert hear(dispute("open"), 30) is OutcomeCode.NOTHING_NEW


def test_a_refund_waits_while_a_dispute_is_undecided_and_leaves_when_it_is_won(
    cast: Cast, paid: int, razorpay: Account
) -> None:
    hear(dispute("open"))
    cancelled(cast, paid)
    assert (waits(), bill()) == ([(FEE, True, False)], ("refund_pending", 0))
    assert (send.send_due(now=NOW + 9 * DAY), razorpay.sent) == (0, [])
    hear(dispute("won"), 5)
    assert waits() == [(FEE, False, True)]
    send.send_due(now=NOW)
    assert razorpay.sent == [FEE]


def test_a_refund_that_was_due_already_waits_too(cast: Cast, paid: int, razorpay: Account) -> None:
    cancelled(cast, paid)
    hear(dispute("under_review"))
    assert waits() == [(FEE, True, False)]
    hear(dispute("closed"), 5)
    assert waits() == [(FEE, False, True)]


def test_a_refund_that_a_worker_has_in_hand_is_not_sent_any_more(
    cast: Cast, paid: int, razorpay: Account
) -> None:
    cancelled(cast, paid)
    (in_hand,) = made()
    hear(dispute("open"))
    send._send(in_hand, NOW)
    assert razorpay.sent == []


def test_what_could_not_be_sent_when_the_dispute_came_goes_on_waiting(
    cast: Cast, paid: int, razorpay: Account
) -> None:
    class Meanwhile(GatewayUnavailable):
        def __init__(self) -> None:
            super().__init__(reason="away")
            hear(dispute("open"))

    cancelled(cast, paid)
    razorpay.sent = Sending(Meanwhile)
    send.send_due(now=NOW)
    assert waits() == [(FEE, True, False)]


class Sending(list[int]):
    """Something happens while the request is on its way."""

    def __init__(self, then: type[Exception]) -> None:
        super().__init__()
        self.then = then

    def append(self, paise: int) -> None:
        super().append(paise)
        raise self.then


def test_the_refund_of_late_money_waits_too(cast: Cast, razorpay: Account) -> None:
    held(cast, cast.asha, order=ORDER)
    apply.apply(fact=CAPTURED, source=Source.WEBHOOK, now=NOW)
    second = PaymentFact("pay_00000000000002", ORDER, AttemptStatus.CAPTURED, FEE, "INR")
    apply.apply(fact=second, source=Source.WEBHOOK, now=NOW)
    assert waits() == [(FEE, False, True)]
    word = dispute("open")
    hear(type(word)(**{**word.__dict__, "payment_id": second.payment_id}))
    assert waits() == [(FEE, True, False)]
    lost = dispute("lost")
    hear(type(lost)(**{**lost.__dict__, "payment_id": second.payment_id}), 5)
    assert (waits(), ends(), bill()) == ([], [("failed", None)], ("captured", 0))


def test_a_lost_dispute_counts_as_given_back_and_ends_the_refund(
    cast: Cast, paid: int, razorpay: Account
) -> None:
    hear(dispute("open"))
    cancelled(cast, paid)
    hear(dispute("lost"), 5)
    assert (waits(), ends(), bill(), taken()) == ([], [("failed", None)], ("refunded", 0), (FEE, FEE))
    assert (send.send_due(now=NOW + 9 * DAY), razorpay.sent) == (0, [])


def test_a_lost_dispute_about_a_part_reduces_the_refund(cast: Cast, paid: int, razorpay: Account) -> None:
    hear(dispute("open", paise=HALF))
    cancelled(cast, paid)
    hear(dispute("lost", paise=HALF), 5)
    assert (ends(), waits()) == ([("failed", 2), ("pending", None)], [(HALF, False, True)])
    assert (bill(), taken()) == (("refund_pending", 0), (HALF, HALF))


def test_what_is_retained_goes_first_where_the_refund_is_smaller_than_the_deduction(
    cast: Cast, paid: int, configured: pytest.MonkeyPatch
) -> None:
    configured.setenv("CANCELLATION_POLICY", "4:50")
    settings.cache_clear()
    hear(dispute("open"))
    cancelled(cast, paid)
    hear(dispute("lost"), 5)
    assert (ends(), bill(), taken()) == ([("failed", None)], ("refunded", 0), (FEE, FEE))


def test_a_dispute_lost_before_the_visit_is_cancelled_leaves_nothing_to_give_back(
    cast: Cast, paid: int
) -> None:
    hear(dispute("lost"))
    assert (bill(), taken()) == (("refunded", 0), (FEE, FEE))
    cancelled(cast, paid)
    assert made() == []


def test_while_razorpay_has_not_said_what_it_took_nothing_goes_back(cast: Cast, paid: int) -> None:
    hear(dispute("open"))
    cancelled(cast, paid)
    hear(dispute("lost", deducted_paise=0), 5)
    assert (waits(), taken()) == ([(FEE, True, False)], (0, 0))
    assert hear(dispute("lost"), 5) is OutcomeCode.DISPUTE_LOST
    assert (waits(), taken()) == ([], (FEE, FEE))


def test_a_refund_waits_for_the_last_of_several_disputes(cast: Cast, paid: int) -> None:
    hear(dispute("open", n=1))
    hear(dispute("open", n=2))
    cancelled(cast, paid)
    hear(dispute("won", n=2), 5)
    assert waits() == [(FEE, True, False)]
    hear(dispute("won", n=1), 5)
    assert waits() == [(FEE, False, True)]


def test_the_daily_comparison_asks_for_new_ones_and_for_those_that_are_not_over(
    paid: int, razorpay: Account
) -> None:
    razorpay.disputes = [dispute("open", n=1)]
    assert disputes.compare(since=NOW - DAY, until=NOW, now=NOW) == 1
    assert disputes.compare(since=NOW - DAY, until=NOW, now=NOW) == 0
    razorpay.listed, razorpay.disputes = False, [dispute("won", n=1)]
    assert disputes.compare(since=NOW, until=NOW, now=NOW) == 1
    assert (kept()[0].status, told()) == ("won", [])


def test_the_deduction_stands_in_the_payouts(cast: Cast, paid: int) -> None:
    hear(dispute("open"))
    hear(dispute("lost", paise=HALF), 5)
    day = NOW.date()
    found = payouts.summary(first=day, last=day)
    assert {one.figure: one.paise for one in found.figures if one.paise} == {
        "captured": FEE, "deducted": HALF, "net": HALF,
    }  # fmt: skip
    assert payouts.daily(first=day, last=day)[0].net_paise == HALF


def test_the_patient_and_the_desk_read_what_is_true(cast: Cast, paid: int) -> None:
    hear(dispute("open", respond_by=NOW + timedelta(days=7)))
    answer = cancel.cancel_by_policy(patient_id=cast.asha, appointment_id=paid, now=NOW)
    assert "waits for your bank" in answer.message
    seen = appointments.find(patient_id=cast.asha, appointment_id=paid, now=NOW)
    assert seen.refund_label.startswith("Your bank is looking into this payment")
    assert "Refund started" not in [line.text for line in seen.timeline]
    desk = whole_booking(now=NOW, reference=seen.reference)
    assert [(d.status, d.amount_label, d.respond_label) for d in desk.disputes] == [
        ("open", "₹500", "Answer by Mon 12 Jan, 10:00 am")
    ]
    assert desk.row.needs_attention.startswith("The patient's bank disputes this payment")
    assert [(r.waits, r.can_settle) for r in desk.refunds] == [(True, False)]
    hear(dispute("lost"), 5)
    assert appointments.find(patient_id=cast.asha, appointment_id=paid, now=NOW).refund_label == (
        "Your bank has taken ₹500 back for you."
    )
    desk = whole_booking(now=NOW, reference=seen.reference)
    assert desk.row.needs_attention.startswith("A dispute of this payment was lost")
    assert [(r.status, r.can_settle) for r in desk.refunds] == [("failed", False)]


def accepted() -> None:
    """Razorpay has taken the first refund and not sent it yet."""
    send.settle(fact=word(1, "pending"), now=NOW)


def test_a_refund_that_razorpay_has_taken_does_not_wait_and_a_lost_dispute_on_top_is_told(
    cast: Cast, paid: int
) -> None:
    cancelled(cast, paid)
    accepted()
    hear(dispute("open"))
    assert [refund.dispute_id for refund in made()] == [None]
    hear(dispute("lost"), 5)
    assert (ends(), bill(), taken()) == ([("pending", None)], ("refund_pending", 0), (0, 0))
    (case,) = reconciliation_cases.open_cases()
    assert case.detail.endswith("Razorpay took ₹500, and ₹500 of that was refunded too, or is on its way")
    (net,) = [
        one for one in payouts.summary(first=NOW.date(), last=NOW.date()).figures if one.figure == "net"
    ]
    assert net.paise == -FEE


def test_when_that_refund_fails_the_dispute_has_given_the_money_back(cast: Cast, paid: int) -> None:
    cancelled(cast, paid)
    accepted()
    hear(dispute("lost"))
    assert refund_told(word(1, "failed")) is OutcomeCode.REFUND_FAILED
    assert (ends(), bill(), taken()) == ([("failed", None)], ("refunded", 0), (FEE, FEE))
    with pytest.raises(WrongState):
        settle(cast, 1)
    assert refund_told(word(1, "processed"), Source.QUESTION) is OutcomeCode.REFUND_TWICE


def test_of_a_refund_that_fails_a_lost_dispute_about_a_part_covers_that_part(cast: Cast, paid: int) -> None:
    cancelled(cast, paid)
    accepted()
    hear(dispute("lost", paise=HALF))
    refund_told(word(1, "failed"))
    assert (ends(), taken()) == ([("failed", None)], (HALF, HALF))
    settle(cast, 1)
    assert [(one.status, one.amount_paise) for one in made()] == [("failed", FEE), ("processed", HALF)]


def test_a_refund_that_had_failed_needs_nothing_more_once_the_dispute_is_lost(cast: Cast, paid: int) -> None:
    cancelled(cast, paid)
    refund_told(word(1, "failed"))
    hear(dispute("lost"))
    assert (bill(), taken()) == (("refunded", 0), (FEE, FEE))
    seen = appointments.find(patient_id=cast.asha, appointment_id=paid, now=NOW)
    assert seen.refund_label == "Your bank has taken ₹500 back for you."
    with pytest.raises(WrongState):
        settle(cast, 1)


def test_the_desk_sends_no_failed_refund_again_while_the_bank_decides(cast: Cast, paid: int) -> None:
    cancelled(cast, paid)
    refund_told(word(1, "failed"))
    hear(dispute("open"))
    with pytest.raises(WrongState, match="disputes this payment"):
        settle(cast, 1, "again")
    hear(dispute("won"), 5)
    settle(cast, 1, "again")
    assert [one.status for one in made()] == ["failed", "pending"]


def test_a_decision_stops_what_the_desk_wanted_sent_before_it(
    cast: Cast, paid: int, razorpay: Account
) -> None:
    hear(dispute("open"))
    cancelled(cast, paid)
    held_refund.send_all_the_same(admin=cast.devi, refund_id=1, reason="the patient asked", now=NOW)
    (in_hand,) = made()
    hear(dispute("lost"), 5)
    send._send(in_hand, NOW)
    assert (ends(), razorpay.sent, taken()) == ([("failed", None)], [], (FEE, FEE))


@pytest.mark.parametrize("end", ["won", "lost", "closed"])
def test_a_refund_that_went_through_stays_whatever_becomes_of_a_later_dispute(
    cast: Cast, paid: int, end: str
) -> None:
    cancelled(cast, paid)
    refund_told(word(1, "processed"))
    hear(dispute("open"))
    hear(dispute(end), 5)
    assert (ends(), bill(), taken()) == ([("processed", None)], ("refunded", FEE), (0, 0))
    assert told() == (LOST_CASE if end == "lost" else [])


def test_a_new_deadline_is_recorded_and_an_older_one_is_not(cast: Cast, paid: int) -> None:
    first, later = NOW + timedelta(days=7), NOW + timedelta(days=9)
    hear(dispute("open", respond_by=first))
    assert hear(dispute("open", respond_by=later), 5) is OutcomeCode.DISPUTE_OPEN
    assert hear(dispute("open", respond_by=first), 1) is OutcomeCode.NOTHING_NEW
    assert kept()[0].respond_by == later
    (case,) = reconciliation_cases.open_cases()
    assert "answer by Wed 14 Jan" in case.detail
    reference = appointments.find(patient_id=cast.asha, appointment_id=paid, now=NOW).reference
    told_of = [line.text for line in whole_booking(now=NOW, reference=reference).timeline]
    assert sum("disputes the payment" in text for text in told_of) == 1


def test_what_razorpay_takes_before_the_decision_stands_in_the_payouts_until_it_is_won(
    cast: Cast, paid: int
) -> None:
    hear(dispute("open", deducted_paise=FEE))
    day, reference = (
        NOW.date(),
        appointments.find(patient_id=cast.asha, appointment_id=paid, now=NOW).reference,
    )
    assert payouts.daily(first=day, last=day)[0].net_paise == 0
    (shown,) = whole_booking(now=NOW, reference=reference).disputes
    assert shown.deducted_label == "Razorpay holds ₹500 until it is decided"
    hear(dispute("won", deducted_paise=FEE), 5)  # Razorpay has not given it back yet
    assert payouts.daily(first=day, last=day)[0].net_paise == FEE
    assert hear(dispute("won"), 6) is OutcomeCode.DISPUTE_WON
    assert kept()[0].deducted_paise == 0  # as promise 9 will compare it
    (shown,) = whole_booking(now=NOW, reference=reference).disputes
    assert (shown.status, shown.deducted_label) == ("won", "")


def test_a_dispute_that_breaks_or_is_not_shown_keeps_no_other_waiting(paid: int, razorpay: Account) -> None:
    hear(dispute("open", n=1))
    hear(dispute("open", n=2))
    hear(dispute("open", n=3))
    answers = {
        1: GatewayRejected(reason="no such id"),
        2: GatewayUnreadable(entity_id="", reason="no status"),
        3: None,
    }

    def shown(dispute_id: str) -> DisputeFact:
        n = int(dispute_id.removeprefix("disp_"))
        if refusal := answers[n]:
            raise refusal
        return dispute("won", n=n)

    razorpay.listed, razorpay.dispute = False, shown  # type: ignore[method-assign]
    assert disputes.compare(since=NOW, until=NOW, now=NOW) == 1
    assert [row.status for row in kept()] == ["open", "open", "won"]
    not_compared = "An entry of Razorpay's books could not be compared"
    assert (f"disp_{2:014d}", not_compared) in told()
    answers[2] = None
    assert disputes.compare(since=NOW, until=NOW, now=NOW) == 1
    assert not_compared not in [title for _, title in told()]


def test_a_refund_made_at_the_dashboard_while_ours_waited_is_a_case_once_the_dispute_is_lost(
    cast: Cast, paid: int, razorpay: Account
) -> None:
    hear(dispute("open"))
    cancelled(cast, paid)
    assert refund_told(dashboard("processed")) is OutcomeCode.ALREADY_GOING_BACK
    hear(dispute("lost"), 5)
    razorpay.refunds = [dashboard("processed")]
    assert disputes.compare(since=NOW, until=NOW, now=NOW) == 0
    assert told() == [*LOST_CASE, (NINTH, TWICE)]
    assert (bill(), taken()) == (("refunded", 0), (FEE, FEE))
