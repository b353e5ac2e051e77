"""The outermost wall: who is calling behind the proxies, how often, and the headers that every answer carries.

It stands around Reflex, the API and the files alike, so that a 404 and a 500 have them too.
"""

from __future__ import annotations

import base64
import hashlib
import re
import time
from functools import lru_cache
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from booking_ui.config.settings import Settings, settings
from booking_ui.domain.errors import RateLimited
from booking_ui.edge import socket_filter
from booking_ui.edge.threads import brief
from booking_ui.services.accounts import sessions
from booking_ui.services.limits import metrics, rate_limits

log = structlog.get_logger(__name__)

RAZORPAY = "https://checkout.razorpay.com https://api.razorpay.com https://*.razorpay.com"
HASHED = re.compile(r"/assets/.+-[A-Za-z0-9_-]{8}\.\w+")  # Vite names a file after its content
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_KEYS = frozenset({b"cookie", b"authorization", b"proxy-authorization"})
_INLINE = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", re.DOTALL)


class Walls:
    """Around the whole application. `client` is where the built pages lie; None while they are being developed."""

    def __init__(self, app: ASGIApp, client: Path | None) -> None:
        self.app = app
        self.scripts = inline_scripts(client) if client else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        scope = {**scope, "client": caller(scope)}
        if settings().trusted_proxy_hops and settings().https:
            # The proxy spoke TLS for us; redirects must lead back to it.
            scope["scheme"] = "https" if scope["type"] == "http" else "wss"
        if scope["type"] == "websocket":
            await self._connect(scope, receive, send)
        else:
            await self._answer(scope, receive, send)

    async def _connect(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not await brief(rate_limits.passes, rate_limits.address, name="connects", host=scope["client"][0]):
            await receive()  # the handshake must be heard before it is refused
            await send({"type": "websocket.close", "code": 1013, "reason": RateLimited.message})
            return
        scope = {**scope, "headers": without_keys(scope["headers"])}
        line = _Line(scope, receive, send) if scope["path"].startswith(socket_filter.NAMESPACE) else None
        await self.app(scope, line.hear if line else receive, line.tell if line else send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun, status, kind = time.perf_counter(), 500, ""

        async def dressed(message: Message) -> None:
            nonlocal status, kind
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                status, kind = message["status"], headers.get("content-type", "")
                self._dress(headers, scope["path"], status)
            await send(message)

        try:
            await self.app(scope, receive, dressed)
        finally:
            route, method = route_of(scope, kind), scope["method"] if scope["method"] in METHODS else "other"
            metrics.REQUESTS.labels(route, method, str(status)).inc()
            metrics.SECONDS.labels(route, method).observe(time.perf_counter() - begun)

    def _dress(self, headers: MutableHeaders, path: str, status: int) -> None:
        for name, value in everywhere(settings()).items():
            headers[name] = value
        kind = headers.get("content-type", "")
        if kind.startswith("text/html") and self.scripts is not None:
            headers["Content-Security-Policy"] = policy(settings(), self.scripts)
        elif kind.startswith("application/json"):
            headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'"
        if "cache-control" not in headers:
            kept = HASHED.fullmatch(path) and status in (200, 206, 304)
            headers["Cache-Control"] = "public, max-age=31536000, immutable" if kept else "no-cache"


class _Line:
    """A tab's websocket, on which only what our pages say is heard; anything else ends it."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._scope, self._receive, self._send = scope, receive, send
        self._over = False

    async def hear(self) -> Message:
        while True:
            message = await self._receive()
            verdict = (
                socket_filter.judged(message.get("text")) if message["type"] == "websocket.receive" else None
            )
            if verdict is socket_filter.Verdict.HANG_UP:
                return await self._hang_up()
            if verdict is not socket_filter.Verdict.SKIP:
                return message

    async def _hang_up(self) -> Message:
        """One line of log a connection: those are limited."""
        log.info("socket.unreadable", agent=Headers(scope=self._scope).get("user-agent", "")[:80])
        await self.tell({"type": "websocket.close", "code": 1008, "reason": "That can't be read."})
        self._over = True
        return {"type": "websocket.disconnect", "code": 1008}

    async def tell(self, message: Message) -> None:
        if not self._over:
            await self._send(message)


def caller(scope: Scope) -> tuple[str, int]:
    """The address that knocked: the TRUSTED_PROXY_HOPS-th from the right of X-Forwarded-For, which our own proxies wrote.

    What stands further left anybody may have written. With fewer entries than hops the peer itself called.
    """
    peer: tuple[str, int] = tuple(scope.get("client") or ("", 0))[:2]
    hops = settings().trusted_proxy_hops
    lines = Headers(scope=scope).getlist("x-forwarded-for") if hops else []
    said = [one.strip() for line in lines for one in line.split(",") if one.strip()]
    found = address(said[-hops]) if hops and len(said) >= hops else ""
    return (found, 0) if found else (address(peer[0]) or peer[0], peer[1])


def address(text: str) -> str:
    """An IP address with or without brackets and port, in its one spelling; empty when it is none.

    An IPv4 address that came through an IPv6 socket is the IPv4 address: RAZORPAY_WEBHOOK_IPS names it so.
    """
    bare = re.sub(r"^\[(.*)\](:\d+)?$|^([\d.]+):\d+$", r"\1\3", text)
    try:
        found = ip_address(bare)
    except ValueError:
        return ""
    return str(getattr(found, "ipv4_mapped", None) or found)


def without_keys(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """A tab's headers with the sha256 of its session cookie instead of the cookies: Reflex stores them with the page."""
    kept = [one for one in headers if one[0] not in _KEYS]
    token = cookie_parser(Headers(raw=headers).get("cookie", "")).get(sessions.cookie_name(), "")
    mark = f"{sessions.cookie_name()}={sessions.digest(token)}" if sessions.is_token(token) else ""
    return [*kept, (b"cookie", mark.encode())] if mark else kept


_CONVERTER = re.compile(r":\w+(?=\})")  # `{id:number}` is `{id}` in the description


def route_of(scope: Scope, kind: str) -> str:
    """The template of an API address, never the address itself; everything else is a page or a file."""
    template = getattr(scope.get("route"), "path", "")
    if template.startswith(("/api/", "/metrics")):
        return "/api/…" if "{rest:" in template else _CONVERTER.sub("", template)
    if f"{scope['path']}/".startswith("/api/"):
        return "/api/…"
    return "page" if kind.startswith("text/html") else "file"


def inline_scripts(client: Path) -> tuple[str, ...]:
    """The CSP sources of every inline script in the built pages: those bytes may run, no others."""
    found = {
        script for page in sorted(client.rglob("*.html")) for script in _INLINE.findall(page.read_text())
    }
    digests = sorted(base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in found)
    return tuple(f"'sha256-{one}'" for one in digests)


@lru_cache(maxsize=4)
def everywhere(now: Settings) -> dict[str, str]:
    """Headers of every answer. Not no-referrer: the browser would then hide the Origin of our own forms."""
    pay = " ".join(f'"{one}"' for one in _gateway(now).split() if "*" not in one)
    found = {
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "strict-origin-when-cross-origin",
        "Permissions-Policy": f"camera=(), geolocation=(), microphone=(), payment=(self {pay})",
        "Cross-Origin-Opener-Policy": "same-origin-allow-popups",  # a bank's page opens beside Razorpay's
    }
    return found | ({"Strict-Transport-Security": "max-age=31536000"} if now.https else {})


@lru_cache(maxsize=4)
def policy(now: Settings, scripts: tuple[str, ...]) -> str:
    """Scripts: our files, the pages' own inline ones by hash, Razorpay's. No eval, nothing else inline."""
    gateway, socket = _gateway(now), re.sub("^http", "ws", now.base_url)
    logo = _origin(now.merchant_logo)
    rules = {
        "default-src": "'self'",
        "script-src": f"'self' {' '.join(scripts)} {gateway}",
        "style-src": "'self' 'unsafe-inline'",
        "img-src": f"'self' data: {logo} {gateway}",
        "font-src": "'self' data:",
        "connect-src": f"'self' {socket} {gateway}",
        "frame-src": gateway,
        "form-action": f"'self' {gateway}",
        "object-src": "'none'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    said = "; ".join(f"{name} {' '.join(value.split())}" for name, value in rules.items())
    return f"{said}; upgrade-insecure-requests" if now.https else said


def _gateway(now: Settings) -> str:
    """Where Checkout.js lives: the sandbox's one origin, or Razorpay's."""
    own = _origin(now.checkout_url)
    return own if now.sandbox else f"{own} {RAZORPAY}"


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
