"""Razorpay without a network: the sandbox's own domain, on simulated time, behind our own gateway class."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NoReturn

import requests

from booking_ui.domain.errors import GatewayError, GatewayUnavailable, GatewayUnknown
from booking_ui.gateways import razorpay
from booking_ui.sandbox import box as sandbox_box
from booking_ui.sandbox import errors, faults
from booking_ui.sandbox.bank import jobs
from booking_ui.sandbox.box import Box
from booking_ui.sandbox.clock import Clock
from booking_ui.sandbox.rest import disputes, orders, payments, refunds
from booking_ui.sandbox.settings import KEY_ID, KEY_SECRET, Settings
from booking_ui.sandbox.store import Doc, Store
from tests.simulation.plan import Conditions
from tests.simulation.stage import Broken, Stage

ENDPOINT = "https://clinic.example/webhook"
TROUBLES = (
    "429",
    "500",
    "500 after doing it",
    "502",
    "502 after doing it",
    "hangs",
    "hangs after doing it",
    "reset",
)


class StagedClock(Clock):
    """The sandbox's clock, moved by the story."""

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self._stage = stage

    def now(self) -> float:
        return self._stage.now.timestamp()


class Account:
    """Our merchant account at the simulated Razorpay."""

    def __init__(self, stage: Stage, conditions: Conditions) -> None:
        settings = Settings(webhook_urls=(ENDPOINT,) if conditions.webhooks else ())
        store = Store("")
        with store.transaction():
            store.set_meta("account_id", "acc_SimulatedAcct1")
            sandbox_box.set_endpoints(store, settings.webhook_urls)
        self.box = Box(settings=settings, store=store, clock=StagedClock(stage))
        self.box.switches.list_lag_seconds = conditions.list_lag_seconds
        self.box.switches.refunds = conditions.refunds
        self.wire = Wire(self.box, stage, conditions)
        self.gateway = StagedRazorpay(self.wire)

    def let_pass(self) -> None:
        """Run Razorpay's jobs that are due by now."""
        with self.box.store.transaction():
            jobs.run_due(self.box)

    def close(self) -> None:
        self.box.store.close()


class StagedRazorpay(razorpay.Razorpay):
    """Our whole gateway, with the SDK's HTTP replaced by the sandbox's domain."""

    def __init__(self, wire: Wire) -> None:
        # Not the parent's: it would open a real SDK client.
        self.key_id, self._secret = KEY_ID, KEY_SECRET
        self._client = Sdk(wire)


class Wire:
    """A call to Razorpay, with what may go wrong before, in and after it."""

    def __init__(self, box: Box, stage: Stage, conditions: Conditions) -> None:
        self.box, self.stage, self.conditions = box, stage, conditions
        self.trouble = conditions.gateway_trouble

    def call(self, what: str, work: Callable[[], Doc], *, posting: bool = False) -> Doc:
        if self.stage.writing:
            raise Broken(f"Razorpay was called inside a transaction: {what}")
        self.stage.point("before a call to Razorpay")
        self.stage.pause()
        trouble = self._trouble(what)
        if trouble and "after" not in trouble:
            _fail(trouble, posting)
        try:
            answer: Doc = json.loads(json.dumps(work()))
        except errors.Refusal as refusal:
            self.stage.pause()
            raise _refused(refusal, posting) from refusal
        if trouble:
            _fail(trouble, posting)
        self.stage.pause()
        self.stage.point("after Razorpay's answer")
        return answer

    def within(self, work: Callable[[], Doc]) -> Callable[[], Doc]:
        """One transaction at Razorpay."""

        def whole() -> Doc:
            with self.box.store.transaction():
                return work()

        return whole

    def _trouble(self, what: str) -> str:
        if not self.trouble or self.stage.chance.random() >= self.trouble:
            return ""
        kind = self.stage.chance.choice(TROUBLES)
        self.stage.fault(f"gateway: {kind}", f"Razorpay: {what} → {kind}")
        return kind


def _fail(trouble: str, posting: bool) -> NoReturn:
    kind = trouble.split(maxsplit=1)[0]
    if kind in ("hangs", "reset"):
        raise (GatewayUnknown if posting else GatewayUnavailable)(reason="network")
    status, content_type, body = faults.canned(kind)
    raise _mapped(status, content_type.decode(), body, posting)


def _refused(refusal: errors.Refusal, posting: bool) -> GatewayError:
    return _mapped(refusal.status, "application/json", json.dumps(refusal.body()).encode(), posting)


def _mapped(status: int, content_type: str, body: bytes, posting: bool) -> GatewayError:
    """The error that our transport makes of this answer."""
    response = requests.Response()
    response.status_code, response._content = status, body
    response.headers["Content-Type"] = content_type
    return razorpay._failure(response, posting)


class Sdk:
    """The few resources of the SDK that our gateway uses."""

    def __init__(self, wire: Wire) -> None:
        self.order, self.payment, self.refund = _Orders(wire), _Payments(wire), _Refunds(wire)
        self.dispute = _Disputes(wire)


class _Orders:
    def __init__(self, wire: Wire) -> None:
        self._wire, self._box = wire, wire.box

    def create(self, data: Doc) -> Doc:
        body = dict(data)
        known = self._wire.conditions.unique_receipt
        if known == "ignored":
            body.pop("unique_receipt", None)
        if self._wire.conditions.capture == "manual":
            body["payment"] = {"capture": "manual"}

        def work() -> Doc:
            if known == "refused" and "unique_receipt" in body:
                raise errors.extra_fields(["unique_receipt"])
            return orders.create(self._box, body)

        return self._wire.call("create an order", self._wire.within(work), posting=True)

    def all(self, query: Doc) -> Doc:
        def work() -> Doc:
            newest = self._box.clock.now() - self._box.switches.list_lag_seconds
            found = self._box.store.select(
                "kind='order' AND tag=? AND created <= ?",
                (query["receipt"], newest),
                f"LIMIT {query['count']}",
            )
            return {"items": [order.doc for order in found]}

        return self._wire.call("list orders", work)

    def payments(self, order_id: str) -> Doc:
        def work() -> Doc:
            order = orders.get(self._box, order_id)
            return {"items": [payment.doc for payment in payments.of_order(self._box, order.id)]}

        return self._wire.call("list an order's payments", work)


class _Payments:
    def __init__(self, wire: Wire) -> None:
        self._wire, self._box = wire, wire.box

    def all(self, query: Doc) -> Doc:
        return self._wire.call("list payments", lambda: _page(self._box, "payment", query))

    def fetch(self, payment_id: str) -> Doc:
        return self._wire.call("fetch a payment", lambda: payments.get(self._box, payment_id).doc)

    def capture(self, payment_id: str, amount: int, data: Doc) -> Doc:
        def work() -> Doc:
            body = {**data, "amount": amount}
            return payments.capture(self._box, payments.get(self._box, payment_id), body)

        return self._wire.call("capture", self._wire.within(work), posting=True)

    def refund(self, payment_id: str, data: Doc, *, headers: dict[str, str]) -> Doc:
        key = headers["X-Refund-Idempotency"]
        return self._wire.call("refund", lambda: self._refund(payment_id, data, key), posting=True)

    def _refund(self, payment_id: str, data: Doc, key: str) -> Doc:
        """Does as the sandbox's route: takes the key, works, files the answer; a second request in between gets 409."""
        store = self._box.store
        with store.transaction():
            if known := refunds.take_key(self._box, key, payment_id, data):
                return known.doc
        if self._box.switches.refund_seconds:
            self._wire.stage.pause()
        try:
            with store.transaction():
                refund = refunds.create(self._box, payments.get(self._box, payment_id), data)
                refunds.file_answer(self._box, key, refund)
        except errors.Refusal:
            refunds.free_key(self._box, key)
            raise
        return refund.doc

    def fetch_multiple_refund(self, payment_id: str, data: Doc) -> Doc:
        def work() -> Doc:
            payment = payments.get(self._box, payment_id)
            found = self._box.store.select(
                "kind='refund' AND parent=?", (payment.id,), f"LIMIT {data['count']}"
            )
            return {"items": [refund.doc for refund in found]}

        return self._wire.call("list a payment's refunds", work)


class _Refunds:
    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def all(self, query: Doc) -> Doc:
        return self._wire.call("list refunds", lambda: _page(self._wire.box, "refund", query))

    def fetch(self, refund_id: str) -> Doc:
        return self._wire.call("fetch a refund", lambda: refunds.get(self._wire.box, refund_id).doc)


class _Disputes:
    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def all(self, query: Doc) -> Doc:
        def work() -> Doc:
            return _page(self._wire.box, "dispute", query)

        # Every comparison asks: where nobody disputes anything, trouble would only change all stories.
        return self._wire.call("list disputes", work) if self._wire.conditions.disputes else work()

    def fetch(self, dispute_id: str) -> Doc:
        return self._wire.call("fetch a dispute", lambda: disputes.get(self._wire.box, dispute_id).doc)


def _page(box: Box, kind: str, query: Doc) -> Doc:
    """One page of a list, newest first, that may lag."""
    newest = min(query["to"] + 1, box.clock.now() - box.switches.list_lag_seconds)
    values = (kind, query["from"], newest)
    page = f"LIMIT {query['count']} OFFSET {query['skip']}"
    found = box.store.select("kind=? AND created >= ? AND created < ?", values, page)
    return {"items": [entity.doc for entity in found]}


def documents(box: Box, kind: str) -> list[dict[str, Any]]:
    """Every order, payment, refund or dispute at Razorpay, oldest first."""
    return [entity.doc for entity in reversed(box.store.select("kind=?", (kind,)))]
