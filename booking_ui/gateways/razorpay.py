"""Razorpay through its official SDK. Only this file imports the SDK, and it works around the SDK's traps.

Every call is bounded in time and ends in a value or in one of three errors: GatewayRejected (understood and refused),
GatewayUnavailable (nothing happened there), GatewayUnknown (a POST whose answer was lost: it may have happened).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit

import razorpay
import requests
import structlog
from requests.adapters import HTTPAdapter
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from booking_ui.config.settings import settings
from booking_ui.domain.dispute import DisputeFact
from booking_ui.domain.errors import (
    GatewayError,
    GatewayRejected,
    GatewayUnavailable,
    GatewayUnknown,
    GatewayUnreadable,
)
from booking_ui.domain.gateway_news import DowntimeFact, Listing, SettledItem
from booking_ui.domain.payment import PaymentFact, RefundFact
from booking_ui.gateways import wire
from booking_ui.gateways.breaker import Breaker, Outcome

log = structlog.get_logger()

Fact = TypeVar("Fact")

# The order's own word beats the account's setting: every payment that a bank agrees to within three days, after which no
# bank answers any more, is captured by Razorpay, and late money then confirms or goes back by our rules.
CAPTURE = {
    "capture": "automatic",
    "capture_options": {
        "automatic_expiry_period": 3 * 24 * 60,
        "manual_expiry_period": 5 * 24 * 60,
        "refund_speed": "normal",
    },
}

CONNECT_SECONDS, READ_SECONDS = 3.0, 10.0
PAGE = 100
IDEMPOTENCY = "X-Refund-Idempotency"
CONFLICT = 409

_deadline: ContextVar[float | None] = ContextVar("deadline of those who wait for Razorpay", default=None)


@contextmanager
def in_a_hurry(seconds: float) -> Iterator[None]:
    """Somebody waits: all calls inside the block together take `seconds` at most, and none is made while Razorpay is
    known to be away or the time is over. Those raise GatewayUnavailable at once.

    Outside, in the worker's jobs, calls have more time and are always made: they find out when Razorpay is back.
    """
    token = _deadline.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _deadline.reset(token)


class _Transport(HTTPAdapter):
    """Puts a time limit on every call and turns every failure into one of our three errors.

    Done below the SDK because it has no time limits, picks its error class by the body's code instead of the HTTP
    status, drops field and reason, chokes on the edge's HTML 502 and prints network errors to stdout.
    """

    def __init__(self, breaker: Breaker) -> None:
        super().__init__(pool_maxsize=32)
        self._breaker = breaker

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        hurried = _deadline.get() is not None
        kwargs["timeout"] = self._patience()
        posting = request.method != "GET"
        try:
            response = super().send(request, *args, **kwargs)
            _ = response.content  # read here, so that an answer that breaks off is caught too
        except requests.RequestException as exc:
            late = isinstance(exc, requests.Timeout)
            self._breaker.note(Outcome.TIMED_OUT if late else Outcome.FAILED, tried=hurried)
            never_sent = _never_connected(exc)
            raise (GatewayUnknown if posting and not never_sent else GatewayUnavailable)(
                reason="network"
            ) from exc
        self._breaker.note(Outcome.FAILED if response.status_code >= 500 else Outcome.ANSWERED, tried=hurried)
        if response.ok and _json(response) is not None:
            return response
        raise _failure(response, posting)

    def _patience(self) -> tuple[float, float]:
        """The seconds to connect and to wait for an answer. Raises GatewayUnavailable when there is none to give."""
        deadline = _deadline.get()
        if deadline is None:
            return CONNECT_SECONDS, READ_SECONDS
        left = deadline - time.monotonic()
        if left <= 0:
            raise GatewayUnavailable(reason="no time left to ask")
        if not self._breaker.lets_through():
            raise GatewayUnavailable(reason="known to be away")
        return min(left, CONNECT_SECONDS), min(left, READ_SECONDS)


def _never_connected(exc: requests.RequestException) -> bool:
    cause = getattr(exc.args[0], "reason", None) if exc.args else None
    return isinstance(exc, requests.ConnectTimeout) or isinstance(
        cause, NewConnectionError | ConnectTimeoutError
    )


def _json(response: requests.Response) -> dict[str, Any] | None:
    try:
        body = response.json()
    except (ValueError, RecursionError):  # no JSON, a number without end, or brackets without end
        return None
    return body if isinstance(body, dict) else None


def _failure(response: requests.Response, posting: bool) -> GatewayError:
    """The error for an HTTP status; the texts of descriptions are not stable enough to branch on."""
    status = response.status_code
    body = _json(response) or {}
    found = body.get("error")
    error = found if isinstance(found, dict) else {}
    named = error.get("reason") if error.get("reason") != "NA" else ""
    reason = str(named or error.get("description") or "")[:200]
    if status == 429 or (status == CONFLICT and IDEMPOTENCY in response.request.headers):
        return GatewayUnavailable(http_status=status, reason=reason)
    if 400 <= status < 500 and error:  # without Razorpay's own error it is a proxy's page, and no refusal
        return GatewayRejected(http_status=status, reason=reason)
    return (GatewayUnknown if posting else GatewayUnavailable)(http_status=status, reason=reason)


class Razorpay:
    """One account at Razorpay, or at the sandbox, which looks the same from here. Each call of it raises GatewayError.

    Thread-safe: calls share no mutable data.
    """

    def __init__(self, *, key_id: str, key_secret: str, api_url: str) -> None:
        if not key_id or not key_secret:
            raise ValueError("a gateway without key or secret can't be opened")
        session = requests.Session()
        # Environment proxies would swallow calls to the sandbox on loopback.
        session.trust_env = urlsplit(api_url).hostname not in {"127.0.0.1", "localhost", "::1"}
        transport = _Transport(Breaker("razorpay"))
        session.mount("https://", transport)
        session.mount("http://", transport)
        self.key_id = key_id
        self._secret = key_secret
        # The SDK hangs its resources on the client at run time: there is no type to give.
        client: Any = razorpay.Client
        self._client = client(auth=(key_id, key_secret), session=session, base_url=api_url.rstrip("/"))

    def create_order(self, *, amount_paise: int, currency: str, receipt: str, notes: dict[str, str]) -> str:
        """Open an order and return its id. A second call with the same receipt returns the same order (BP-07)."""
        body = {"amount": amount_paise, "currency": currency, "receipt": receipt, "notes": notes}
        try:
            order = self._client.order.create({**body, "unique_receipt": True})
        except GatewayRejected as refused:
            # `unique_receipt` is new, and a repeated receipt may be refused: the order may exist already.
            order = self._order_with(receipt) or self._plain_order(body, refused)
        return _checked_order(order, amount_paise, currency)

    def _plain_order(self, body: dict[str, Any], refused: GatewayRejected) -> dict[str, Any]:
        if refused.reason != "extra_field_sent":
            raise refused
        created: dict[str, Any] = self._client.order.create(dict(body))
        return created

    def _order_with(self, receipt: str) -> dict[str, Any] | None:
        items = _items(self._client.order.all({"receipt": receipt, "count": 1}))
        known = (one for one in items if isinstance(one, dict) and one.get("receipt") == receipt)
        return next(known, None)

    def payment(self, payment_id: str) -> PaymentFact:
        return _fact(wire.payment_fact, self._client.payment.fetch(_id("pay", payment_id)))

    def payments_of(self, order_id: str) -> Listing[PaymentFact]:
        return _listing(wire.payment_fact, _items(self._client.order.payments(_id("order", order_id))))

    def capture(self, payment_id: str, *, amount_paise: int, currency: str) -> PaymentFact:
        """Capture an authorized payment; "already captured" is a success if a fetch confirms it."""
        try:
            # A fresh dict for each call: all threads share the SDK's default one, with one another's amounts in it.
            captured = self._client.payment.capture(
                _id("pay", payment_id), amount_paise, {"currency": currency}
            )
        except GatewayRejected:
            fact = self.payment(payment_id)
            if fact.status != "captured" or fact.amount_paise != amount_paise:
                raise
            return fact
        return _fact(wire.payment_fact, captured)

    def refund(self, payment_id: str, *, amount_paise: int, key: str) -> RefundFact:
        """Send money back. The same key with the same amount never pays twice.

        Raises GatewayUnavailable while the first request under the key is in progress, and GatewayRejected when the key
        has made another refund.
        """
        body = {"amount": amount_paise, "speed": "normal", "receipt": key, "notes": {"key": key}}
        try:
            made = self._client.payment.refund(_id("pay", payment_id), body, headers={IDEMPOTENCY: key})
        except GatewayUnavailable as conflict:
            # Only the sentences of the two conflicts differ: the refunds that there are tell which one it is.
            if conflict.http_status != CONFLICT or all(one.key != key for one in self.refunds_of(payment_id)):
                raise
            raise GatewayRejected(http_status=CONFLICT, reason=conflict.reason) from conflict
        return _fact(wire.refund_fact, made)

    def refund_by_id(self, refund_id: str) -> RefundFact:
        return _fact(wire.refund_fact, self._client.refund.fetch(_id("rfnd", refund_id)))

    def refunds_of(self, payment_id: str) -> list[RefundFact]:
        """Every refund of a payment, ours or not.

        An unreadable one is an error, not left out: a refund of ours that is missing here would be sent again.
        """
        answer = self._client.payment.fetch_multiple_refund(_id("pay", payment_id), {"count": 100})
        return [_fact(wire.refund_fact, item) for item in _items(answer)]

    def payments_between(self, since: datetime, until: datetime) -> Listing[PaymentFact]:
        """Every payment made between two instants; the list may lag by minutes."""
        return _listing(wire.payment_fact, _all(self._client.payment.all, since, until))

    def newest_payments(self, count: int) -> Listing[PaymentFact]:
        """The account's newest payments in one call, at most 100; the list may lag by minutes."""
        return _listing(wire.payment_fact, _items(self._client.payment.all({"count": count})))

    def refunds_between(self, since: datetime, until: datetime) -> Listing[RefundFact]:
        return _listing(wire.refund_fact, _all(self._client.refund.all, since, until))

    def dispute(self, dispute_id: str) -> DisputeFact:
        return _fact(wire.dispute_fact, self._client.dispute.fetch(_id("disp", dispute_id)))

    def disputes_between(self, since: datetime, until: datetime) -> Listing[DisputeFact]:
        """Every dispute that was opened between two instants."""
        return _listing(wire.dispute_fact, _all(self._client.dispute.all, since, until))

    def downtimes(self) -> list[DowntimeFact]:
        return _listing(wire.downtime_fact, _items(self._client.payment.fetchDownTime())).facts

    def settled_on(self, day: date) -> list[SettledItem]:
        """The lines of Razorpay's settlements on a day of its own calendar (IST)."""
        found: list[SettledItem] = []
        skip, asked = 0, {"year": day.year, "month": day.month, "day": day.day, "count": PAGE}
        while True:
            items = _items(self._client.settlement.report({**asked, "skip": skip}))
            found += [item for item in _listing(wire.settled_item, items).facts if item is not None]
            skip += len(items)
            if len(items) < PAGE:
                return found

    def signed_return(self, *, order_id: str, payment_id: str, signature: str) -> bool:
        if not wire.is_id("order", order_id) or not wire.is_id("pay", payment_id):
            return False
        return wire.signed_by(f"{order_id}|{payment_id}".encode(), signature, (self._secret,))


def _all(fetch: Callable[[dict[str, int]], dict[str, Any]], since: datetime, until: datetime) -> list[Any]:
    """All pages of a list, each of 100, the most that Razorpay gives."""
    found: list[Any] = []
    window = {"from": int(since.timestamp()), "to": int(until.timestamp()), "count": PAGE}
    while True:
        items = _items(fetch({**window, "skip": len(found)}))
        if items == found[-PAGE:]:  # a list that does not know `skip` would have no end
            return found
        found += items
        if len(items) < PAGE:
            return found


def _items(answer: dict[str, Any]) -> list[Any]:
    """The entities of a list that Razorpay gave.

    Raises GatewayUnavailable for an answer without a list: it says nothing, least of all that there are none. Taken for
    an empty one, it would let a refund be sent a second time.
    """
    items = answer.get("items")
    if not isinstance(items, list):
        raise GatewayUnavailable(reason="an answer without a list")
    return items


def _id(kind: str, value: str) -> str:
    if not wire.is_id(kind, value):
        raise GatewayRejected(reason=f"malformed {kind} id")
    return value


def _fact(reader: Callable[[object], Fact], entity: object) -> Fact:
    try:
        return reader(entity)
    except wire.Unreadable as exc:
        raise GatewayUnreadable(
            entity_id=wire.unreadable_entity(entity, "").entity_id, reason=str(exc)
        ) from exc


def _listing(reader: Callable[[object], Fact], entities: list[Any]) -> Listing[Fact]:
    """The entities as facts, and the unreadable ones beside them.

    Another shop may share the account: its entities, of whatever shape, must not hide ours.
    """
    found: Listing[Fact] = Listing([], [])
    for entity in entities:
        try:
            found.facts.append(reader(entity))
        except wire.Unreadable as exc:
            named = entity.get("id") or entity.get("entity_id") if isinstance(entity, dict) else None
            log.warning("gateway.unreadable", entity=str(named)[:40], reason=str(exc))
            found.unreadable.append(wire.unreadable_entity(entity, str(exc)))
    return found


def _checked_order(order: dict[str, Any], amount_paise: int, currency: str) -> str:
    order_id = str(order.get("id", ""))
    same = order.get("amount") == amount_paise and order.get("currency") == currency
    if not same or not wire.is_id("order", order_id):
        raise GatewayRejected(reason="the order is not what was asked for")
    return order_id


_current: Razorpay | None = None


def gateway() -> Razorpay:
    """The gateway of this process, opened on first use with the keys in the settings."""
    global _current
    if _current is None:  # two threads may both open one; either serves
        s = settings()
        _current = Razorpay(key_id=s.key_id, key_secret=s.key_secret, api_url=s.api_url)
    return _current


def use(replacement: Razorpay | None) -> None:
    """Put another gateway in place (tests, simulation); None makes the next call read the settings again."""
    global _current
    _current = replacement
