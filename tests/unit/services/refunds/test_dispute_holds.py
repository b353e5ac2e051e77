"""What keeps a refund waiting for a bank, and for how long."""

from __future__ import annotations

import pytest

from booking_ui.db.session import read
from booking_ui.domain.payment import Source
from booking_ui.services.payments import apply
from booking_ui.services.refunds import dispute_holds
from tests.support.cast import FEE, NOW, Cast
from tests.support.disputes import dispute, hear, kept
from tests.support.facts import held
from tests.support.refunds import CAPTURED, ORDER, PAID

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
