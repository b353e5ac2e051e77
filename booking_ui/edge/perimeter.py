"""The outermost layer: finds the caller behind the proxies, counts connections and answers, and adds the security headers.

One address waits for nobody but itself: its requests begin one after the other.

It stands around Reflex, the API and the files alike, so that a 404 and a 500 have the headers too.
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
from booking_ui.domain.listing import is_private
from booking_ui.edge import access, language_choice, socket_filter
from booking_ui.edge.threads import call_quick
from booking_ui.edge.turnstile import Turns, Turnstile
from booking_ui.languages import speaking, without_language
from booking_ui.services.accounts import sessions
from booking_ui.services.journal import request_ids
from booking_ui.services.limits import metrics, rate_limits

log = structlog.get_logger(__name__)

RAZORPAY = "https://checkout.razorpay.com https://api.razorpay.com https://*.razorpay.com"
SOCKETS_AT_ONCE = 500  # tabs of one address; a mobile network has many patients behind one
HASHED = re.compile(r"/assets/.+-[A-Za-z0-9_-]{8}\.\w+")  # Vite names a file after its content
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_CREDENTIALS = frozenset({b"cookie", b"authorization", b"proxy-authorization"})
_INLINE = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", re.DOTALL)


class Perimeter:
    """ASGI middleware around the whole application. `client` holds the built pages; None while they are being developed."""

    def __init__(self, app: ASGIApp, client: Path | None) -> None:
        self.app = app
        self.scripts = inline_scripts(client) if client else None
        self.sockets = Turnstile("sockets_at_once", SOCKETS_AT_ONCE)
        self.turns = Turns()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        scope = {**scope, "client": caller_address(scope)}
        await self.turns.take(rate_limits.network(scope["client"][0]))
        if settings().trusted_proxy_hops and settings().https:
            # The proxy spoke TLS for us; redirects must lead back to it.
            scope["scheme"] = "https" if scope["type"] == "http" else "wss"
        if scope["type"] == "websocket":
            await self._connect(scope, receive, send)
        else:
            with request_ids.known_by(access.id_of(scope)):
                await self._answer(scope, receive, send)

    async def _connect(self, scope: Scope, receive: Receive, send: Send) -> None:
        host = scope["client"][0]
        often = not await call_quick(
            rate_limits.is_within, rate_limits.limit_address, name="connects", host=host
        )
        place = None if often else self.sockets.enter(host)
        if place is None:
            await receive()  # the handshake must be heard before it is refused
            await send({"type": "websocket.close", "code": 1013, "reason": RateLimited.message})
            return
        try:
            await self._talk(scope, receive, send)
        finally:
            place.leave()

    async def _talk(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope = {**scope, "headers": without_credentials(scope["headers"])}
        if scope["path"].startswith(socket_filter.NAMESPACE):
            tab = _TabSocket(scope, receive, send)
            receive, send = tab.receive, tab.send
        await self.app(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun, status, kind = time.perf_counter(), 500, ""
        language = language_choice.of_request(scope)

        async def send_with_headers(message: Message) -> None:
            nonlocal status, kind
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                status, kind = message["status"], headers.get("content-type", "")
                self._add_headers(headers, scope["path"], status)
                language_choice.name_language(headers, scope["path"], language)
                access.name_answer(headers)
            await send(message)

        try:
            with speaking(language):
                app = language_choice.answer(scope) or self.app
                await app(scope, receive, send_with_headers)
        finally:
            route, method = route_of(scope, kind), scope["method"] if scope["method"] in METHODS else "other"
            metrics.REQUESTS.labels(route, method, str(status)).inc()
            seconds = time.perf_counter() - begun
            metrics.SECONDS.labels(route, method).observe(seconds)
            access.write(method=method, route=route, status=status, seconds=seconds)

    def _add_headers(self, headers: MutableHeaders, path: str, status: int) -> None:
        for name, value in common_headers(settings()).items():
            headers[name] = value
        kind = headers.get("content-type", "")
        if kind.startswith("text/html") and self.scripts is not None:
            headers["Content-Security-Policy"] = content_security_policy(settings(), self.scripts)
        elif kind.startswith("application/json"):
            headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'"
        if "cache-control" not in headers:
            headers["Cache-Control"] = _keeping(path, status)


def _keeping(path: str, status: int) -> str:
    """The Cache-Control of an answer that has none of its own."""
    if HASHED.fullmatch(path) and status in (200, 206, 304):
        return "public, max-age=31536000, immutable"
    # What is one person's own is kept by no browser and no proxy, also not for the Back button.
    return "no-store" if is_private(without_language(path)) else "no-cache"


class _TabSocket:
    """A tab's websocket that passes on what our pages send; anything else ends the connection."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._scope, self._receive, self._send = scope, receive, send
        self._ear = socket_filter.Ear()
        self._over = False

    async def receive(self) -> Message:
        while True:
            message = await self._receive()
            if message["type"] != "websocket.receive":
                return message
            verdict = self._ear.hear(message.get("text"))
            if verdict is socket_filter.Verdict.HANG_UP:
                return await self._hang_up()
            if verdict is not socket_filter.Verdict.SKIP:
                return message

    async def _hang_up(self) -> Message:
        """Close with one line of log, so at most one for each of the connections, which are limited."""
        log.info("socket.unreadable", agent=Headers(scope=self._scope).get("user-agent", "")[:80])
        await self.send({"type": "websocket.close", "code": 1008, "reason": "That can't be read."})
        self._over = True
        return {"type": "websocket.disconnect", "code": 1008}

    async def send(self, message: Message) -> None:
        if not self._over:
            await self._send(message)


def caller_address(scope: Scope) -> tuple[str, int]:
    """The caller's address: the TRUSTED_PROXY_HOPS-th from the right of X-Forwarded-For, which our own proxies wrote.

    Entries further left may be forged by anybody. With fewer entries than hops the peer itself is the caller.
    """
    peer: tuple[str, int] = tuple(scope.get("client") or ("", 0))[:2]
    hops = settings().trusted_proxy_hops
    lines = Headers(scope=scope).getlist("x-forwarded-for") if hops else []
    entries = [one.strip() for line in lines for one in line.split(",") if one.strip()]
    found = normal_address(entries[-hops]) if hops and len(entries) >= hops else ""
    return (found, 0) if found else (normal_address(peer[0]) or peer[0], peer[1])


def normal_address(text: str) -> str:
    """The one spelling of an IP address, given with or without brackets and port; empty when `text` is none.

    An IPv4 address that came through an IPv6 socket is the IPv4 address: RAZORPAY_WEBHOOK_IPS names it so.
    """
    bare = re.sub(r"^\[(.*)\](:\d+)?$|^([\d.]+):\d+$", r"\1\3", text)
    try:
        found = ip_address(bare)
    except ValueError:
        return ""
    return str(getattr(found, "ipv4_mapped", None) or found)


def without_credentials(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """A tab's headers, which Reflex stores with its page: of the credentials only the sha256 of the session cookie is left."""
    kept = [one for one in headers if one[0] not in _CREDENTIALS]
    token = cookie_parser(Headers(raw=headers).get("cookie", "")).get(sessions.cookie_name(), "")
    mark = f"{sessions.cookie_name()}={sessions.digest(token)}" if sessions.is_token(token) else ""
    return [*kept, (b"cookie", mark.encode())] if mark else kept


_CONVERTER = re.compile(r":\w+(?=\})")  # `{id:number}` is `{id}` in the description


def route_of(scope: Scope, kind: str) -> str:
    """The label under which an answer is counted: the template of an API address, "page" or "file"; never the address itself."""
    template = getattr(scope.get("route"), "path", "")
    if template.startswith(("/api/", "/metrics")):
        return "/api/…" if "{rest:" in template else _CONVERTER.sub("", template)
    if f"{scope['path']}/".startswith("/api/"):
        return "/api/…"
    return "page" if kind.startswith("text/html") else "file"


def inline_scripts(client: Path) -> tuple[str, ...]:
    found = {
        script for page in sorted(client.rglob("*.html")) for script in _INLINE.findall(page.read_text())
    }
    digests = sorted(base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in found)
    return tuple(f"'sha256-{one}'" for one in digests)


@lru_cache(maxsize=4)
def common_headers(current: Settings) -> dict[str, str]:
    """Headers of every answer. Not no-referrer: the browser would then hide the Origin of our own forms."""
    pay = " ".join(f'"{one}"' for one in _checkout_sources(current).split() if "*" not in one)
    found = {
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "strict-origin-when-cross-origin",
        "Permissions-Policy": f"camera=(), geolocation=(), microphone=(), payment=(self {pay})",
        "Cross-Origin-Opener-Policy": "same-origin-allow-popups",  # a bank's page opens beside Razorpay's
    }
    return found | ({"Strict-Transport-Security": "max-age=31536000"} if current.https else {})


@lru_cache(maxsize=4)
def content_security_policy(current: Settings, scripts: tuple[str, ...]) -> str:
    """The policy of every page. It runs our files, the pages' own inline scripts by hash, and Razorpay's; no eval."""
    gateway, socket = _checkout_sources(current), re.sub("^http", "ws", current.base_url)
    logo = _origin(current.merchant_logo)
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
    text = "; ".join(f"{name} {' '.join(value.split())}" for name, value in rules.items())
    return f"{text}; upgrade-insecure-requests" if current.https else text


def _checkout_sources(current: Settings) -> str:
    own = _origin(current.checkout_url)
    return own if current.sandbox else f"{own} {RAZORPAY}"


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
