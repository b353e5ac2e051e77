"""The merchant's API under /v1: parses requests, answers in Razorpay's shapes."""

from __future__ import annotations

import asyncio
import base64
import binascii
import hmac
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from booking_ui.sandbox import errors
from booking_ui.sandbox.box import Box
from booking_ui.sandbox.incoming import box_of, json_body, refuse_pages
from booking_ui.sandbox.rest import disputes, orders, payments, refunds, settlements
from booking_ui.sandbox.store import Doc, Entity
from booking_ui.sandbox.webhooks import events

_MAX_COUNT = 100
_AUTHORIZED = (
    "SELECT parent FROM entity p WHERE p.kind='payment' AND json_extract(p.doc, '$.status')='authorized'"
)
_Endpoint = Callable[[Request], Awaitable[Response]]


def _authenticate(request: Request) -> None:
    refuse_pages(request)
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    settings = box_of(request).settings
    try:
        given = base64.b64decode(encoded, validate=True)
    except binascii.Error as exc:
        raise errors.Unauthorized from exc
    expected = f"{settings.key_id}:{settings.key_secret}".encode()
    if scheme != "Basic" or not hmac.compare_digest(given, expected):
        raise errors.Unauthorized


@dataclass(frozen=True)
class Call:
    """One authenticated request, read."""

    box: Box
    ids: dict[str, str]
    query: QueryParams
    body: Doc

    @property
    def id(self) -> str:
        return self.ids["id"]


def _operation(work: Callable[[Call], Doc]) -> _Endpoint:
    """One request = one transaction."""

    async def endpoint(request: Request) -> Response:
        _authenticate(request)
        body = await json_body(request) if request.method != "GET" else {}
        box = box_of(request)
        with box.store.transaction():
            return JSONResponse(work(Call(box, request.path_params, request.query_params, body)))

    return endpoint


def _create_order(call: Call) -> Doc:
    return orders.create(call.box, call.body)


def _fetch_order(call: Call) -> Doc:
    return _shown_order(call, orders.get(call.box, call.id))


def _list_orders(call: Call) -> Doc:
    where, values = "", []
    if "receipt" in call.query:
        where, values = " AND tag=?", [call.query["receipt"]]
    if "authorized" in call.query:
        where += f" AND id {'IN' if call.query['authorized'] == '1' else 'NOT IN'} ({_AUTHORIZED})"
    return _collection([_shown_order(call, order) for order in _page(call, "order", where, values, lag=True)])


def _order_payments(call: Call) -> Doc:
    order = orders.get(call.box, call.id)
    return _collection([payment.doc for payment in payments.of_order(call.box, order.id)])


def _patch_order(call: Call) -> Doc:
    return orders.set_notes(call.box, orders.get(call.box, call.id), call.body)


def _fetch_payment(call: Call) -> Doc:
    return _shown_payment(call, payments.get(call.box, call.id))


def _list_payments(call: Call) -> Doc:
    return _collection([_shown_payment(call, payment) for payment in _page(call, "payment", lag=True)])


def _capture(call: Call) -> Doc:
    return payments.capture(call.box, payments.get(call.box, call.id), call.body)


def _card(call: Call) -> Doc:
    return payments.card_of(payments.get(call.box, call.id))


def _patch_payment(call: Call) -> Doc:
    return orders.set_notes(call.box, payments.get(call.box, call.id), call.body)


def _payment_refunds(call: Call) -> Doc:
    payment = payments.get(call.box, call.id)
    return _collection([refund.doc for refund in _page(call, "refund", " AND parent=?", [payment.id])])


def _payment_refund(call: Call) -> Doc:
    refund = refunds.get(call.box, call.ids["refund_id"])
    if refund.doc["payment_id"] != call.id:
        raise errors.unknown_id()
    return refund.doc


def _list_refunds(call: Call) -> Doc:
    return _collection([refund.doc for refund in _page(call, "refund", lag=True)])


def _fetch_refund(call: Call) -> Doc:
    return refunds.get(call.box, call.id).doc


def _patch_refund(call: Call) -> Doc:
    return orders.set_notes(call.box, refunds.get(call.box, call.id), call.body)


def _list_disputes(call: Call) -> Doc:
    return _collection([dispute.doc for dispute in _page(call, "dispute", lag=True)])


def _fetch_dispute(call: Call) -> Doc:
    return disputes.get(call.box, call.id).doc


def _downtimes(call: Call) -> Doc:
    return _collection(call.box.downtimes)


def _downtime(call: Call) -> Doc:
    for known in call.box.downtimes:
        if known["id"] == call.id:
            return known
    raise errors.unknown_id()


def _settled(call: Call) -> Doc:
    year, month, day = (_number(call, name, 0) for name in ("year", "month", "day"))
    try:
        wanted = date(year, month, day)
    except (ValueError, OverflowError) as exc:
        raise errors.invalid("year, month and day must name a day.", "day") from exc
    count, skip = _number(call, "count", 10), _number(call, "skip", 0)
    return _collection(settlements.of_day(call.box, wanted)[skip : skip + count])


async def _refund_payment(request: Request) -> Response:
    _authenticate(request)
    return await _refund(request, request.path_params["id"], await json_body(request))


async def _refund_by_body(request: Request) -> Response:
    _authenticate(request)
    body = await json_body(request)
    payment_id = body.pop("payment_id", None)
    if not isinstance(payment_id, str):
        raise errors.invalid("The payment id field is required.", "payment_id")
    return await _refund(request, payment_id, body)


async def _refund(request: Request, payment_id: str, body: Doc) -> Response:
    """Take the key, refund, file the answer; a twin that comes in between gets 409."""
    box, key = box_of(request), request.headers.get("x-refund-idempotency")
    if key is not None:
        with box.store.transaction():
            if known := refunds.take_key(box, key, payment_id, body):
                return JSONResponse(known.doc)
    try:
        if box.switches.refund_seconds:
            await asyncio.sleep(box.switches.refund_seconds)
        with box.store.transaction():
            refund = refunds.create(box, payments.get(box, payment_id), body)
            if key is not None:
                refunds.file_answer(box, key, refund)
    except errors.Refusal:
        if key is not None:
            refunds.free_key(box, key)
        raise
    return JSONResponse(refund.doc)


def _collection(items: list[Doc]) -> Doc:
    return {"entity": "collection", "count": len(items), "items": items}


def _number(call: Call, name: str, default: int) -> int:
    text = call.query.get(name, str(default))
    if not text.isascii() or not text.isdigit() or len(text) > 12:
        raise errors.invalid(f"The {name} must be an integer.", name)
    return int(text)


def _page(
    call: Call, kind: str, where: str = "", values: Sequence[str] = (), *, lag: bool = False
) -> list[Entity]:
    """One page of a list, newest first; with `lag`, what was made moments ago is not there yet."""
    count, skip = _number(call, "count", 10), _number(call, "skip", 0)
    if not 1 <= count <= _MAX_COUNT:
        raise errors.invalid("The count must be between 1 and 100.", "count")
    since, until = _number(call, "from", 0), _number(call, "to", 10**11)
    newest = call.box.clock.now() - (call.box.switches.list_lag_seconds if lag else 0)
    return call.box.store.select(
        "kind=? AND created >= ? AND created < ? AND created <= ?" + where,
        (kind, since, until + 1, newest, *values),
        f"LIMIT {count} OFFSET {skip}",
    )


def _shown_order(call: Call, order: Entity) -> Doc:
    wanted = call.query.getlist("expand[]")
    if "payments" not in wanted and "payments.card" not in wanted:
        return order.doc
    found = payments.of_order(call.box, order.id)
    shown = [events.with_card(p) if "payments.card" in wanted else p.doc for p in found]
    return order.doc | {"payments": _collection(shown)}


def _shown_payment(call: Call, payment: Entity) -> Doc:
    return events.with_card(payment) if "card" in call.query.getlist("expand[]") else payment.doc


def routes() -> list[Route]:
    table: list[tuple[str, str, _Endpoint]] = [
        ("POST", "/v1/orders", _operation(_create_order)),
        ("GET", "/v1/orders", _operation(_list_orders)),
        ("GET", "/v1/orders/{id}", _operation(_fetch_order)),
        ("PATCH", "/v1/orders/{id}", _operation(_patch_order)),
        ("GET", "/v1/orders/{id}/payments", _operation(_order_payments)),
        ("GET", "/v1/payments/downtimes", _operation(_downtimes)),
        ("GET", "/v1/payments/downtimes/{id}", _operation(_downtime)),
        ("GET", "/v1/payments", _operation(_list_payments)),
        ("GET", "/v1/payments/{id}", _operation(_fetch_payment)),
        ("PATCH", "/v1/payments/{id}", _operation(_patch_payment)),
        ("POST", "/v1/payments/{id}/capture", _operation(_capture)),
        ("GET", "/v1/payments/{id}/card", _operation(_card)),
        ("POST", "/v1/payments/{id}/refund", _refund_payment),
        ("GET", "/v1/payments/{id}/refunds", _operation(_payment_refunds)),
        ("GET", "/v1/payments/{id}/refunds/{refund_id}", _operation(_payment_refund)),
        ("POST", "/v1/refunds", _refund_by_body),
        ("GET", "/v1/refunds", _operation(_list_refunds)),
        ("GET", "/v1/disputes", _operation(_list_disputes)),
        ("GET", "/v1/disputes/{id}", _operation(_fetch_dispute)),
        ("GET", "/v1/settlements/recon/combined", _operation(_settled)),
        ("GET", "/v1/refunds/{id}", _operation(_fetch_refund)),
        ("PATCH", "/v1/refunds/{id}", _operation(_patch_refund)),
    ]
    return [Route(path, endpoint, methods=[method]) for method, path, endpoint in table]
