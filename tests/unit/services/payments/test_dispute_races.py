"""A dispute and something else at the same instant: whichever comes first, the money goes back once."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from booking_ui.domain.dispute import DisputeFact
from booking_ui.domain.errors import WrongState
from booking_ui.domain.payment import RefundFact, RefundStatus, Source
from booking_ui.gateways.razorpay import use
from booking_ui.services.booking import cancel
from booking_ui.services.desk import held_refund
from booking_ui.services.payments import apply, disputes
from booking_ui.services.refunds import send
from booking_ui.services.upkeep import invariants
from tests.support.cast import FEE, NOW, Cast
from tests.support.disputes import dispute, hear, kept
from tests.support.facts import held
from tests.support.races import at_once
from tests.support.razorpay_account import Account, account
from tests.support.refunds import CAPTURED, FIRST, MINUTE, ORDER, bill, made

razorpay = account


class Paying(Account):
    """Sends what it is asked to."""

    def refund(self, payment_id: str, *, amount_paise: int, key: str) -> RefundFact:
        self.sent.append(amount_paise)
        return RefundFact(FIRST, payment_id, RefundStatus.PROCESSED, amount_paise, key)


@pytest.fixture
def paid(cast: Cast, razorpay: Account) -> int:
    view = held(cast, cast.asha, order=ORDER)
    apply.apply(fact=CAPTURED, source=Source.WEBHOOK, now=NOW)
    return view.id


def told(fact: DisputeFact) -> object:
    return disputes.record(fact=fact, source=Source.WEBHOOK, at=NOW, now=NOW)


def cancelled(cast: Cast, appointment_id: int) -> object:
    return cancel.cancel_by_policy(patient_id=cast.asha, appointment_id=appointment_id, now=NOW)


def every_promise_holds() -> bool:
    return [v for c in invariants.count(now=NOW) for v in c.violations] == []


@pytest.mark.parametrize("first", ["cancelled", "disputed"])
def test_a_visit_cancelled_in_the_instant_of_its_dispute_waits_for_the_bank(
    cast: Cast, paid: int, first: str
) -> None:
    works: list[Callable[[], object]] = [partial(cancelled, cast, paid), partial(told, dispute("open"))]
    results = at_once(works if first == "cancelled" else works[::-1])
    assert [one for one in results if isinstance(one, Exception)] == []
    (refund,) = made()
    assert (refund.status, refund.dispute_id, refund.next_attempt_at) == ("pending", kept()[0].id, None)
    assert every_promise_holds()


def test_a_visit_cancelled_in_the_instant_of_a_lost_dispute_gives_nothing_back_on_top(
    cast: Cast, paid: int, razorpay: Account
) -> None:
    results = at_once([partial(cancelled, cast, paid), partial(told, dispute("lost"))])
    assert [one for one in results if isinstance(one, Exception)] == []
    send.send_due(now=NOW + MINUTE)
    assert ([one.status for one in made() if one.status != "failed"], bill(), razorpay.sent) == (
        [],
        ("refunded", 0),
        [],
    )
    assert every_promise_holds()


def test_a_refund_sent_in_the_instant_of_its_dispute_either_waits_or_is_recorded_as_sent(
    cast: Cast, paid: int
) -> None:
    cancelled(cast, paid)
    paying = Paying()
    use(paying)
    results = at_once([partial(send.send_due, now=NOW), partial(told, dispute("open"))])
    assert [one for one in results if isinstance(one, Exception)] == []
    (refund,) = made()
    if paying.sent:
        assert (paying.sent, refund.status, refund.dispute_id) == ([FEE], "processed", None)
    else:
        assert (refund.status, refund.dispute_id) == ("pending", kept()[0].id)
    assert every_promise_holds()


def test_all_words_of_a_dispute_at_once_many_times_count_one_deduction(cast: Cast, paid: int) -> None:
    hear(dispute("open"))
    words = [dispute(status) for status in ("open", "under_review", "lost")] * 4
    results = at_once([partial(told, one) for one in words])
    assert [one for one in results if isinstance(one, Exception)] == []
    assert [(row.status, row.deducted_paise) for row in kept()] == [("lost", FEE)]
    assert (bill(), every_promise_holds()) == (("refunded", 0), True)


def test_the_first_words_of_a_dispute_at_once_make_one_row(cast: Cast, paid: int) -> None:
    results = at_once([partial(told, dispute("open"))] * 6)
    assert [one for one in results if isinstance(one, Exception)] == []
    assert len(kept()) == 1


def test_a_refund_sent_all_the_same_in_the_instant_of_the_loss_is_not_sent(
    cast: Cast, paid: int, razorpay: Account
) -> None:
    hear(dispute("open"))
    cancelled(cast, paid)
    release = partial(
        held_refund.send_all_the_same, admin=cast.devi, refund_id=1, reason="the patient asked", now=NOW
    )
    results = at_once([release, partial(told, dispute("lost"))])
    assert [one for one in results if isinstance(one, Exception) and not isinstance(one, WrongState)] == []
    send.send_due(now=NOW + MINUTE)
    assert ([one.status for one in made()], razorpay.sent, bill()) == (["failed"], [], ("refunded", 0))
    assert every_promise_holds()
