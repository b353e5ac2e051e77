"""What keeps a refund waiting for a bank, and for how long."""

from __future__ import annotations

import pytest

from booking_ui.db.session import read
from booking_ui.domain.payment import Source
from booking_ui.services.booking import cancel
from booking_ui.services.cases.reconciliation_cases import TITLES, CaseKind
from booking_ui.services.payments import apply
from booking_ui.services.refunds import dispute_holds, retry
from tests.support.cast import FEE, NOW, Cast
from tests.support.disputes import dispute, hear, kept
from tests.support.facts import held
from tests.support.refunds import CAPTURED, ORDER, PAID, told

pytestmark = pytest.mark.usefixtures("paid")


@pytest.fixture
def paid(cast: Cast) -> None:
    held(cast, cast.asha, order=ORDER)
    apply.apply(fact=CAPTURED, source=Source.WEBHOOK, now=NOW)


def in_the_way() -> int | None:
    with read() as tx:
        return dispute_holds.standing_in_the_way(tx, PAID)


@pytest.mark.parametrize("undecided", ["open", "under_review"])
def test_an_undecided_dispute_stands_in_the_way_of_its_own_payment_alone(undecided: str) -> None:
    assert in_the_way() is None
    hear(dispute(undecided))
    assert in_the_way() == kept()[0].id
    with read() as tx:
        assert dispute_holds.standing_in_the_way(tx, "pay_00000000000002") is None


@pytest.mark.parametrize("end", ["won", "closed"])
def test_one_that_ended_well_stands_in_nobodys_way(end: str) -> None:
    hear(dispute("open"))
    hear(dispute(end), 5)
    assert in_the_way() is None


@pytest.mark.parametrize(("taken", "waits"), [(0, True), (FEE, False)])
def test_a_lost_one_does_until_razorpay_says_what_it_took(taken: int, waits: bool) -> None:
    hear(dispute("lost", deducted_paise=taken))
    assert (in_the_way() is not None) is waits


def test_a_refund_that_waits_for_a_dispute_waits_for_nothing_else(cast: Cast, dead_gateway: str) -> None:
    del dead_gateway
    cancel.cancel_by_policy(patient_id=cast.asha, appointment_id=1, now=NOW)
    retry.keep_waiting(1, "not enough balance", NOW)
    assert [title for _, title in told()] == [TITLES[CaseKind.REFUND_WAITS]]
    hear(dispute("open"))
    assert [title for _, title in told()] == [TITLES[CaseKind.DISPUTED]]
    hear(dispute("lost"), 5)
    assert [title for _, title in told()] == [TITLES[CaseKind.DISPUTE_LOST]]
