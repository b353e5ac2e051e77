"""The ASGI middleware of /api: rate limit, bodies of at most 256 KiB, no caching unless a route allows it, one answer for each
Idempotency-Key, and an envelope even for our own mistakes."""

from __future__ import annotations

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from booking_ui.api.http.envelope import refused, unexpected
from booking_ui.api.http.idempotency import Recorder
from booking_ui.domain.errors import BookingError, RateLimited, TooLarge
from booking_ui.edge.threads import call_quick
from booking_ui.services.limits import rate_limits

LARGEST_BODY = 256 * 1024
# A genuine webhook is never refused for coming often, and a balancer may ask every second whether we live.
UNCOUNTED = {"/api/appointments/razorpay-webhook", "/api/health"}

log = structlog.get_logger(__name__)


class ApiMiddleware:
    """Guards the API; the pages, which the same application serves, pass untouched."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not f"{scope['path']}/".startswith("/api/"):
            await self.app(scope, receive, send)
            return
        scope["state"] = {**scope.get("state", {})}
        if scope["method"] == "HEAD":  # RFC 9110: what GET would answer, without its body
            scope, send = {**scope, "method": "GET"}, _headless(send)
        answer = _Answer(send)
        if refusal := await _refusal(scope):
            await refused(refusal)(scope, receive, answer)
            return
        try:
            await self.app(scope, _limited(receive), Recorder(scope, answer))
        except Exception:  # the process edge: a caller gets an envelope, we get the trace
            log.exception("unexpected error", method=scope["method"], path=scope["path"])
            if answer.started:
                raise
            await unexpected()(scope, receive, Recorder(scope, answer))


async def _refusal(scope: Scope) -> BookingError | None:
    if _announced(scope) > LARGEST_BODY:
        return TooLarge()
    if scope["path"] not in UNCOUNTED:
        try:
            await call_quick(
                rate_limits.limit_address, name="address", host=(scope.get("client") or ("",))[0]
            )
        except RateLimited as exc:
            return exc
    return None


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
            # The rest of a body that is too large stays unread: the connection can't be used again.
            if message["status"] == TooLarge.status:
                headers["Connection"] = "close"
        await self.send(message)


def _headless(send: Send) -> Send:
    async def without_body(message: Message) -> None:
        await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

    return without_body


def _announced(scope: Scope) -> int:
    length = Headers(scope=scope).get("content-length", "")
    return int(length) if length.isascii() and length.isdigit() and len(length) < 20 else 0


def _limited(receive: Receive) -> Receive:
    """Stop a body that grows past the limit, whatever its announced length."""
    left = LARGEST_BODY

    async def counted() -> Message:
        nonlocal left
        message = await receive()
        left -= len(message.get("body", b""))
        if left < 0:
            raise HTTPException(TooLarge.status)
        return message

    return counted
