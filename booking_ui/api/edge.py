"""Around every /api answer: never cached, at most 256 KiB in, and an envelope even for our own mistakes."""

from __future__ import annotations

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from booking_ui.api.envelope import refused, unexpected
from booking_ui.domain.errors import TooLarge

LARGEST_BODY = 256 * 1024

log = structlog.get_logger(__name__)


class Edge:
    """The pages are served by the same application: they pass untouched."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not f"{scope['path']}/".startswith("/api/"):
            await self.app(scope, receive, send)
            return
        answer = _Answer(send)
        if _announced(scope) > LARGEST_BODY:
            await refused(TooLarge())(scope, receive, answer)
            return
        try:
            await self.app(scope, _limited(receive), answer)
        except Exception:  # the process edge: a caller gets an envelope, we get the trace
            log.exception("unexpected error", method=scope["method"], path=scope["path"])
            if answer.started:
                raise
            await unexpected()(scope, receive, answer)


class _Answer:
    """Sends on, and marks the answer as not to be kept."""

    def __init__(self, send: Send) -> None:
        self.send = send
        self.started = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            MutableHeaders(scope=message)["Cache-Control"] = "no-store"
        await self.send(message)


def _announced(scope: Scope) -> int:
    """The Content-Length, or 0 when there is none to believe."""
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
