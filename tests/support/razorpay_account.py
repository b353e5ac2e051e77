"""An account at Razorpay that says what a test lets it say, for what the sandbox never says by itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest

from booking_ui.domain.dispute import DisputeFact
from booking_ui.domain.errors import GatewayError, GatewayUnavailable
from booking_ui.domain.gateway_news import Listing
from booking_ui.domain.payment import PaymentFact, RefundFact
from booking_ui.gateways.razorpay import Razorpay, use


class Account(Razorpay):
    """`payments` and `refunds` are its books; a `refusal` is the answer to whatever it is asked to send."""

    def __init__(self) -> None:
        self.payments: list[PaymentFact] = []
        self.refunds: list[RefundFact] = []
        self.refusal: GatewayError | None = GatewayUnavailable(reason="away")
        self.blind: GatewayError | None = None  # the answer to every question about refunds
        self.sent: list[int] = []
        self.disputes: list[DisputeFact] = []
        self.listed = True  # False: its list of disputes is empty, and each is found by its id alone

    def payment(self, payment_id: str) -> PaymentFact:
        return next(fact for fact in self.payments if fact.payment_id == payment_id)

    def payments_between(self, since: datetime, until: datetime) -> Listing[PaymentFact]:
        return Listing(self.payments, [])

    def refunds_between(self, since: datetime, until: datetime) -> Listing[RefundFact]:
        return Listing(self.refunds, [])

    def disputes_between(self, since: datetime, until: datetime) -> Listing[DisputeFact]:
        return Listing(self.disputes if self.listed else [], [])

    def dispute(self, dispute_id: str) -> DisputeFact:
        return next(fact for fact in self.disputes if fact.dispute_id == dispute_id)

    def refunds_of(self, payment_id: str) -> list[RefundFact]:
        if self.blind:
            raise self.blind
        return [fact for fact in self.refunds if fact.payment_id == payment_id]

    def refund_by_id(self, refund_id: str) -> RefundFact:
        if self.blind:
            raise self.blind
        return next(fact for fact in self.refunds if fact.refund_id == refund_id)

    def refund(self, payment_id: str, *, amount_paise: int, key: str) -> RefundFact:
        self.sent.append(amount_paise)
        raise self.refusal or AssertionError("nothing was to be sent")


@pytest.fixture
def account() -> Iterator[Account]:
    made = Account()
    use(made)
    yield made
    use(None)
