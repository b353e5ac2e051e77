"""The ASGI middleware of /api: limits on rates, on requests at once and on bodies; no caching unless a route allows it; one
answer for each Idempotency-Key; an envelope even for our own mistakes."""

from __future__ import annotations

import structlog
from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from booking_ui.api.http import bodies
from booking_ui.api.http.envelope import refused, unexpected
from booking_ui.api.http.idempotency import UNSAFE, Recorder
from booking_ui.domain.errors import BookingError, RateLimited, TooLarge, TooSlow
from booking_ui.edge.threads import call_quick
from booking_ui.edge.turnstile import Turns, Turnstile
from booking_ui.services.limits import rate_limits

WEBHOOK = "/api/appointments/razorpay-webhook"
# A genuine webhook is never refused for coming often, and a balancer may ask every second whether we live.
UNCOUNTED = {WEBHOOK, "/api/health"}
AT_ONCE = 256  # requests of one address that wait for their answer; a crowd may share one
UNFINISHED_WEBHOOKS = 512  # a genuine one is whole when it comes, however many come together

log = structlog.get_logger(__name__)


class ApiMiddleware:
    """Guards the API; the pages, which the same application serves, pass untouched."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.requests = Turnstile("requests_at_once", AT_ONCE)
        self.webhooks = Turnstile("unfinished_webhooks", UNFINISHED_WEBHOOKS)
        self.late = Turns()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not f"{scope['path']}/".startswith("/api/"):
            await self.app(scope, receive, send)
            return
        scope["state"] = {**scope.get("state", {})}
        if scope["method"] == "HEAD":  # RFC 9110: what GET would answer, without its body
            scope, send = {**scope, "method": "GET"}, _headless(send)
        answer = _Answer(send)
        turnstile = self.webhooks if scope["path"] == WEBHOOK else self.requests
        if refusal := await _refusal(scope):
            await refused(refusal)(scope, receive, answer)
            return
        place = turnstile.enter(_host(scope))
        if place is None:
            await refused(RateLimited(int(bodies.SECONDS)))(scope, receive, answer)
            return
        body = bodies.Body(receive, arrived=place.leave if turnstile is self.webhooks else None)
        try:
            if scope["method"] in UNSAFE and not await body.comes_whole():
                await self.late.take("")  # those whose time is over at once, from any address
            await self._answered(scope, body.receive, answer)
        finally:
            place.leave()

    async def _answered(self, scope: Scope, receive: Receive, answer: _Answer) -> None:
        try:
            await self.app(scope, receive, Recorder(scope, answer))
        except ClientDisconnect:  # nobody hears the answer; the metrics count it
            log.debug("client.gone", method=scope["method"], path=scope["path"])
            if not answer.started:
                await Response(status_code=400)(scope, receive, answer)
        except BookingError as refusal:  # met while an answer was being stored
            if answer.started:
                raise
            await refused(refusal)(scope, receive, answer)
        except Exception:  # the process edge: a caller gets an envelope, we get the trace
            log.exception("unexpected error", method=scope["method"], path=scope["path"])
            if answer.started:
                raise
            await unexpected()(scope, receive, Recorder(scope, answer))


async def _refusal(scope: Scope) -> BookingError | None:
    if bodies.announced(scope) > bodies.LARGEST:
        return TooLarge()
    if scope["path"] not in UNCOUNTED:
        try:
            await call_quick(rate_limits.limit_address, name="address", host=_host(scope))
        except RateLimited as exc:
            return exc
    return None


def _host(scope: Scope) -> str:
    return str((scope.get("client") or ("",))[0])


class _Answer:
    """Sends an answer on, marked no-store unless its route allows a cache."""

    def __init__(self, send: Send) -> None:
        self.send = send
        self.started = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            headers = MutableHeaders(scope=message)
            headers.setdefault("Cache-Control", "no-store")
            # The rest of the body stays unread: the connection can't be used again.
            if message["status"] in (TooLarge.status, TooSlow.status):
                headers["Connection"] = "close"
        await self.send(message)


def _headless(send: Send) -> Send:
    async def without_body(message: Message) -> None:
        await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

    return without_body
