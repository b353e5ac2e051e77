"""The control API under /_sandbox: for tests and for people who want to see something go wrong."""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from booking_ui.sandbox import errors
from booking_ui.sandbox.bank import outcomes
from booking_ui.sandbox.box import Box, set_endpoints
from booking_ui.sandbox.control import scripts
from booking_ui.sandbox.faults import HttpFault, WebhookFault
from booking_ui.sandbox.incoming import box_of, json_body, refuse_pages
from booking_ui.sandbox.rest import disputes, orders, payments, refunds
from booking_ui.sandbox.settings import split_urls
from booking_ui.sandbox.store import Doc, token
from booking_ui.sandbox.webhooks import events, queue
from booking_ui.sandbox.webhooks.courier import Courier

_Endpoint = Callable[[Request], Awaitable[Response]]
_Plan = TypeVar("_Plan", HttpFault, WebhookFault)


def _action(work: Callable[[Box, Doc, dict[str, str]], Any]) -> _Endpoint:
    async def endpoint(request: Request) -> Response:
        body = await json_body(request) if request.method == "POST" else {}
        box = box_of(request)
        with box.store.transaction():
            return JSONResponse(work(box, body, request.path_params))

    return endpoint


def _not_from_pages(endpoint: _Endpoint) -> _Endpoint:
    """Needs no login, so a web page that happens to be open must not reach it."""

    async def guarded(request: Request) -> Response:
        refuse_pages(request)
        return await endpoint(request)

    return guarded


def _fields(kind: type[_Plan], body: Doc) -> _Plan:
    """The body as this dataclass; a misspelt or mistyped field is refused, not ignored."""
    known = {field.name: field for field in dataclasses.fields(kind)}
    if extra := sorted(set(body) - set(known)):
        raise errors.extra_fields(extra)
    _check_types({name: field.default for name, field in known.items()}, body)
    try:
        return kind(**body)
    except TypeError as exc:
        raise errors.Refusal(str(exc)) from exc


def _check_types(defaults: Doc, body: Doc) -> None:
    for name, value in body.items():
        default = defaults[name]
        expected = (int, float) if isinstance(default, float) else type(default)
        if default is not dataclasses.MISSING and not isinstance(value, expected):
            raise errors.invalid(f"{name}: {value!r} has the wrong type", name)


def _faults(box: Box, _: Doc, __: dict[str, str]) -> Doc:
    return {
        "http": [dataclasses.asdict(fault) for fault in box.http_faults.planned],
        "webhooks": [dataclasses.asdict(fault) for fault in box.webhook_faults.planned],
    }


def _plan_http(box: Box, body: Doc, _: dict[str, str]) -> Doc:
    box.http_faults.planned.append(_fields(HttpFault, body))
    return _faults(box, {}, {})


def _plan_webhook(box: Box, body: Doc, _: dict[str, str]) -> Doc:
    fault = _fields(WebhookFault, body)
    if fault.signature == "old" and not box.previous_webhook_secret:
        raise errors.invalid("There is no old secret: change the webhook secret first.", "signature")
    box.webhook_faults.planned.append(fault)
    return _faults(box, {}, {})


def _clear_faults(box: Box, _: Doc, __: dict[str, str]) -> Doc:
    box.http_faults.planned.clear()
    box.webhook_faults.planned.clear()
    return _faults(box, {}, {})


def _switches(box: Box, body: Doc, _: dict[str, str]) -> Doc:
    current = dataclasses.asdict(box.switches)
    if extra := sorted(set(body) - set(current)):
        raise errors.extra_fields(extra)
    # By the kinds they are declared with: 2 seconds now do not forbid 0.5 next.
    _check_types({field.name: field.default for field in dataclasses.fields(box.switches)}, body)
    if body.get("refunds", "processed") not in ("processed", "pending", "failed", "no_balance"):
        raise errors.invalid("refunds is processed, pending, failed or no_balance", "refunds")
    box.switches = dataclasses.replace(box.switches, **body)
    return dataclasses.asdict(box.switches)


def _pay(box: Box, body: Doc, ids: dict[str, str]) -> Doc:
    return scripts.pay(box, orders.get(box, ids["id"]), body)


def _authorize(box: Box, _: Doc, ids: dict[str, str]) -> Doc:
    outcomes.authorize(box, payments.get(box, ids["id"]))
    return payments.get(box, ids["id"]).doc


def _dispute(box: Box, body: Doc, ids: dict[str, str]) -> Doc:
    return disputes.open_one(box, payments.get(box, ids["id"]), body).doc


def _move_dispute(box: Box, body: Doc, ids: dict[str, str]) -> Doc:
    dispute = disputes.get(box, ids["id"])
    disputes.move(box, dispute, body)
    return dispute.doc


def _resolve_refund(status: str) -> _Endpoint:
    def work(box: Box, _: Doc, ids: dict[str, str]) -> Doc:
        refund = refunds.get(box, ids["id"])
        refunds.resolve(box, refund, status)
        return refund.doc

    return _action(work)


def _secret(box: Box, body: Doc, _: dict[str, str]) -> Doc:
    secret = body.get("secret")
    if not isinstance(secret, str) or not secret:
        raise errors.invalid("The secret field is required.", "secret")
    box.previous_webhook_secret, box.webhook_secret = box.webhook_secret, secret
    return {"changed": True}


def _urls(box: Box, body: Doc, _: dict[str, str]) -> list[Doc]:
    given = body.get("urls")
    urls = split_urls(given) if isinstance(given, str) else tuple(given or ())
    if any(not str(url).startswith(("http://", "https://")) for url in urls):
        raise errors.invalid("urls: each must start with http:// or https://", "urls")
    set_endpoints(box.store, urls)
    return queue.endpoints(box)


def _enable(box: Box, body: Doc, _: dict[str, str]) -> list[Doc]:
    queue.enable(box, str(body.get("url", "")))
    return queue.endpoints(box)


def _release(box: Box, _: Doc, __: dict[str, str]) -> Doc:
    queue.release(box)
    return {"released": True}


def _replay(box: Box, _: Doc, __: dict[str, str]) -> Doc:
    return {"replayed": queue.replay(box)}


def _endpoints(box: Box, _: Doc, __: dict[str, str]) -> list[Doc]:
    return queue.endpoints(box)


def _downtime(box: Box, body: Doc, _: dict[str, str]) -> Doc:
    """Start one ({"method": "upi"}), or end one ({"id": "down_…", "status": "resolved"})."""
    for known in box.downtimes:
        if known["id"] == body.get("id"):
            known |= {"status": "resolved", "end": box.clock.stamp(), "updated_at": box.clock.stamp()}
            box.downtimes.remove(known)
            events.downtime(box, "payment.downtime.resolved", known)
            return known
    now = box.clock.stamp()
    started: Doc = {
        "id": f"down_{token()}",
        "entity": "payment.downtime",
        "method": str(body.get("method", "upi")),
        "begin": now,
        "end": None,
        "status": "started",
        "scheduled": False,
        "severity": str(body.get("severity", "high")),
        "instrument": body.get("instrument") or {},
        "created_at": now,
        "updated_at": now,
    }
    box.downtimes.append(started)
    events.downtime(box, "payment.downtime.started", started)
    return started


async def _events(request: Request) -> Response:
    found = queue.history(box_of(request))
    for name in ("event", "subject"):
        if wanted := request.query_params.get(name):
            found = [event for event in found if event[name] == wanted]
    return JSONResponse(found)


async def _advance(request: Request) -> Response:
    """Moves time on and answers when everything that fell due has been tried once more."""
    box, body = box_of(request), await json_body(request)
    if extra := sorted(set(body) - {"seconds"}):
        raise errors.extra_fields(extra)
    seconds = body.get("seconds", 0)
    if not isinstance(seconds, int | float) or seconds < 0:
        raise errors.invalid("seconds must be a number of 0 or more.", "seconds")
    with box.store.transaction():
        box.clock.advance(seconds)
        box.store.set_meta("clock_offset", str(box.clock.offset))
    courier: Courier = request.app.state.courier
    await courier.settle()
    return JSONResponse({"now": box.clock.now(), "advanced": box.clock.offset})


async def _clock(request: Request) -> Response:
    clock = box_of(request).clock
    return JSONResponse({"now": clock.now(), "advanced": clock.offset, "factor": clock.factor})


def routes() -> list[Route]:
    table: list[tuple[str, str, _Endpoint]] = [
        ("GET", "faults", _action(_faults)),
        ("DELETE", "faults", _action(_clear_faults)),
        ("POST", "faults/http", _action(_plan_http)),
        ("POST", "faults/webhooks", _action(_plan_webhook)),
        ("GET", "switches", _action(_switches)),
        ("POST", "switches", _action(_switches)),
        ("POST", "orders/{id}/pay", _action(_pay)),
        ("POST", "payments/{id}/authorize", _action(_authorize)),
        ("POST", "payments/{id}/dispute", _action(_dispute)),
        ("POST", "disputes/{id}/move", _action(_move_dispute)),
        ("POST", "refunds/{id}/process", _resolve_refund("processed")),
        ("POST", "refunds/{id}/fail", _resolve_refund("failed")),
        ("GET", "events", _events),
        ("GET", "webhooks", _action(_endpoints)),
        ("POST", "webhooks/secret", _action(_secret)),
        ("POST", "webhooks/urls", _action(_urls)),
        ("POST", "webhooks/enable", _action(_enable)),
        ("POST", "webhooks/release", _action(_release)),
        ("POST", "webhooks/replay", _action(_replay)),
        ("POST", "downtimes", _action(_downtime)),
        ("GET", "clock", _clock),
        ("POST", "clock/advance", _advance),
    ]
    return [
        Route(f"/_sandbox/{path}", _not_from_pages(endpoint), methods=[method])
        for method, path, endpoint in table
    ]
