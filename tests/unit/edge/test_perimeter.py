"""Around every answer: who called, from behind which proxies, and the headers."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.types import Message, Scope
from starlette.websockets import WebSocket

from booking_ui.api.app import api
from booking_ui.config.settings import load, settings
from booking_ui.edge.perimeter import (
    Perimeter,
    caller_address,
    content_security_policy,
    inline_scripts,
    normal_address,
)
from booking_ui.gateways import limiter
from booking_ui.services.accounts import authentication
from booking_ui.services.limits import metrics
from tests.support.cast import NOW, Cast

PEER = "198.51.100.9"
BOOT = "window.dark = matchMedia('(prefers-color-scheme: dark)').matches;"


@pytest.fixture
def client_files(tmp_path: Path) -> Path:
    """What a build leaves behind, in small."""
    (tmp_path / "assets").mkdir()
    (tmp_path / "admin").mkdir()
    for name in ("index.html", "admin/index.html"):
        page = f'<html><script>{BOOT}</script><script src="/clinic.js"></script><script type="module" async>go()</script>'
        (tmp_path / name).write_text(page)
    (tmp_path / "assets/page-CUM8PlBt.js").write_text("go")
    (tmp_path / "clinic.js").write_text("go")
    return tmp_path


async def _told(request: Request) -> JSONResponse:
    return JSONResponse(
        {"client": request.client.host if request.client else "", "scheme": request.url.scheme}
    )


async def _page(_: Request) -> HTMLResponse:
    return HTMLResponse("<h1>Hello</h1>")


async def _away(_: Request) -> RedirectResponse:
    return RedirectResponse("/page/")


async def _broken(_: Request) -> PlainTextResponse:
    raise RuntimeError("a mistake of ours")


async def _socket(socket: WebSocket) -> None:
    await socket.accept()
    await socket.close()


@pytest.fixture
def perimeter(client_files: Path) -> Perimeter:
    routes = [
        Route("/told", _told), Route("/page/", _page), Route("/away", _away), Route("/broken", _broken),
        WebSocketRoute("/_event/", _socket), Mount("/", StaticFiles(directory=client_files, html=True)),
    ]  # fmt: skip
    return Perimeter(Starlette(routes=routes), client_files)


def get(app: Any, path: str, peer: str = PEER, **headers: str) -> httpx.Response:
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=(peer, 4000))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost:3000") as client:
            return await client.get(path, headers=headers)

    return asyncio.run(ask())


@pytest.fixture
def behind(configured: pytest.MonkeyPatch) -> Callable[..., None]:
    """Set how many proxies stand before us."""

    def hops(count: int, **more: str) -> None:
        for name, value in {"TRUSTED_PROXY_HOPS": str(count), **more}.items():
            configured.setenv(name, value)
        settings.cache_clear()

    return hops


def seen(perimeter: Perimeter, forwarded: str) -> str:
    told: str = get(perimeter, "/told", **{"X-Forwarded-For": forwarded}).json()["client"]
    return told


def test_without_proxies_a_forged_header_is_ignored(perimeter: Perimeter) -> None:
    assert seen(perimeter, "203.0.113.7") == PEER
    assert seen(perimeter, "127.0.0.1") == PEER


@pytest.mark.parametrize(
    ("hops", "forwarded", "who"),
    [
        (1, "203.0.113.7", "203.0.113.7"),
        (1, "127.0.0.1, 203.0.113.7", "203.0.113.7"),  # the left one was sent by the caller himself
        (2, "127.0.0.1, 203.0.113.7, 10.0.0.2", "203.0.113.7"),
        (2, "203.0.113.7", PEER),  # it came past one of our proxies
        (1, "", PEER),
        (1, "unknown", PEER),
        (1, "203.0.113.7:5123", "203.0.113.7"),
        (1, "[2001:db8::7]:5123", "2001:db8::7"),
        (1, "2001:DB8:0::7", "2001:db8::7"),
        (1, "::ffff:203.0.113.7", "203.0.113.7"),  # the proxy listens on an IPv6 socket
        (1, " , ,203.0.113.7,", "203.0.113.7"),
    ],
)
def test_behind_proxies_the_address_is_read_from_the_right(
    perimeter: Perimeter, behind: Any, hops: int, forwarded: str, who: str
) -> None:
    behind(hops)
    assert seen(perimeter, forwarded) == who


def test_two_headers_are_one_list(behind: Any) -> None:
    behind(1)
    lines = [(b"x-forwarded-for", b"127.0.0.1"), (b"x-forwarded-for", b"203.0.113.7")]
    assert caller_address({"type": "http", "headers": lines, "client": (PEER, 1)}) == ("203.0.113.7", 0)


@pytest.mark.parametrize(
    "text", ["", "x", "1.2.3", "1.2.3.4.5", "::g", "[::1", "1.2.3.4:x", "'; drop", "\x00"]
)
def test_what_is_no_address_is_none(text: str) -> None:
    assert normal_address(text) == ""


def test_behind_a_proxy_that_speaks_tls_redirects_stay_on_it(perimeter: Perimeter, behind: Any) -> None:
    assert get(perimeter, "/told").json()["scheme"] == "http"
    behind(1, PUBLIC_URL="https://clinic.example")
    assert get(perimeter, "/told").json()["scheme"] == "https"


EVERYWHERE = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "strict-origin-when-cross-origin",
    "cross-origin-opener-policy": "same-origin-allow-popups",
    "permissions-policy": 'camera=(), geolocation=(), microphone=(), payment=(self "http://localhost:3100")',
}


@pytest.mark.parametrize(
    ("path", "status"),
    [("/page/", 200), ("/", 200), ("/told", 200), ("/away", 307), ("/nowhere", 404), ("/broken", 500)],
)
def test_every_answer_has_the_headers(perimeter: Perimeter, path: str, status: int) -> None:
    answer = get(perimeter, path)
    assert answer.status_code == status
    assert {name: answer.headers.get(name) for name in EVERYWHERE} == EVERYWHERE
    assert "strict-transport-security" not in answer.headers


def test_over_https_the_browser_is_told_to_stay_there(perimeter: Perimeter, behind: Any) -> None:
    behind(0, PUBLIC_URL="https://clinic.example")
    answer = get(perimeter, "/page/")
    assert answer.headers["strict-transport-security"] == "max-age=31536000"
    assert "upgrade-insecure-requests" in answer.headers["content-security-policy"]


CACHED = {
    "/assets/page-CUM8PlBt.js": "public, max-age=31536000, immutable",
    "/assets/nothing-CUM8PlBt.js": "no-cache",
    "/clinic.js": "no-cache",
    "/": "no-cache",
}


def test_only_files_named_after_their_content_are_kept_without_asking(perimeter: Perimeter) -> None:
    assert {path: get(perimeter, path).headers["cache-control"] for path in CACHED} == CACHED


@pytest.mark.parametrize("path", ["/account/", "/admin/booking/B7K2/", "/appointment/B7K2/reschedule/", "/appointments"])  # fmt: skip
def test_a_page_that_shows_what_is_a_persons_own_is_kept_by_no_browser(
    perimeter: Perimeter, path: str
) -> None:
    assert get(perimeter, path).headers["cache-control"] == "no-store"


def directives(said: str) -> dict[str, list[str]]:
    return {one.split()[0]: one.split()[1:] for one in said.split("; ")}


def test_a_page_may_run_its_own_inline_scripts_by_hash_and_no_others(perimeter: Perimeter) -> None:
    found = directives(get(perimeter, "/").headers["content-security-policy"])
    digests = [
        f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
        for text in (BOOT, "go()")
    ]
    assert found["script-src"] == ["'self'", *sorted(digests), "http://localhost:3100"]
    assert "unsafe" not in " ".join(found["script-src"] + found["default-src"])
    assert (found["frame-ancestors"], found["object-src"], found["base-uri"]) == (["'none'"],) * 3
    assert found["frame-src"] == ["http://localhost:3100"]
    assert found["connect-src"] == ["'self'", "ws://localhost:3000", "http://localhost:3100"]


def test_the_policy_comes_with_pages_only(perimeter: Perimeter) -> None:
    assert "content-security-policy" not in get(perimeter, "/clinic.js").headers
    told = get(perimeter, "/told").headers["content-security-policy"]
    assert told == "default-src 'none'; frame-ancestors 'none'"


REAL: dict[str, object] = {
    "razorpay_key_id": "rzp_live_1234567890abcd", "razorpay_key_secret": "s", "razorpay_webhook_secret": "w",
    "public_url": "https://clinic.example", "secret_key": "k" * 32, "merchant_logo": "https://cdn.example/logo.png",
    "support_phone": "+91 80 1234 5678", "support_hours": "",
}  # fmt: skip


def test_with_keys_razorpays_own_pages_are_let_in_and_the_sandbox_is_not() -> None:
    found = directives(content_security_policy(load(**REAL), ()))
    razorpay = [f"https://{host}.razorpay.com" for host in ("checkout", "checkout", "api", "*")]
    assert found["script-src"] == ["'self'", *razorpay]
    assert found["frame-src"] == razorpay
    assert found["connect-src"] == ["'self'", "wss://clinic.example", *razorpay]
    assert found["img-src"] == ["'self'", "data:", "https://cdn.example", *razorpay]
    assert "localhost" not in content_security_policy(load(**REAL), ())


def test_while_pages_are_developed_there_is_no_policy() -> None:
    async def page(scope: Scope, receive: Any, send: Any) -> None:
        await HTMLResponse("<script>hot()</script>")(scope, receive, send)

    answer = get(Perimeter(page, None), "/")
    assert "content-security-policy" not in answer.headers
    assert answer.headers["x-frame-options"] == "DENY"


def test_a_folder_without_pages_gives_no_hashes(tmp_path: Path) -> None:
    assert inline_scripts(tmp_path / "nothing") == ()


def connect(perimeter: Perimeter, peer: str) -> str:
    """How the handshake ended: accepted or closed."""
    said: list[Message] = []

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        said.append(message)

    scope: Scope = {
        "type": "websocket",
        "path": "/_event/",
        "headers": [],
        "client": (peer, 1),
        "query_string": b"",
    }
    asyncio.run(perimeter(scope, receive, send))
    return str(said[0]["type"]).removeprefix("websocket.")


def test_an_address_may_open_so_many_connections_and_no_more(
    perimeter: Perimeter, configured: pytest.MonkeyPatch
) -> None:
    configured.setenv("RATE_LIMIT_CONNECTS", "2/minute")
    settings.cache_clear()
    limiter.reset()
    assert [connect(perimeter, PEER) for _ in range(3)] == ["accept", "accept", "close"]
    assert connect(perimeter, "198.51.100.10") == "accept"
    assert {connect(perimeter, "127.0.0.1") for _ in range(5)} == {"accept"}  # trusted


def handed_on(perimeter: Perimeter, **headers: str) -> dict[str, str]:
    """The headers of a tab's handshake as Reflex sees them, and keeps them."""
    seen: list[Scope] = []

    async def reflex(scope: Scope, _receive: Any, _send: Any) -> None:
        seen.append(scope)

    async def nothing(*_: Any) -> Any:
        return {"type": "websocket.connect"}

    lines = [(name.encode(), value.encode()) for name, value in headers.items()]
    scope: Scope = {"type": "websocket", "path": "/_event/", "headers": lines, "client": (PEER, 1)}
    perimeter.app = reflex
    asyncio.run(perimeter(scope, nothing, nothing))
    return {name.decode(): value.decode() for name, value in seen[0]["headers"]}


def test_what_is_kept_of_a_tab_opens_no_session(perimeter: Perimeter, cast: Cast) -> None:
    token = authentication.open_session(person_id=cast.asha, now=NOW)
    kept = handed_on(perimeter, origin="here", cookie=f"theme=dark; sid={token}", authorization="Bearer x")
    assert kept["origin"] == "here"
    assert token not in str(kept)
    assert "Bearer" not in str(kept)
    left = kept["cookie"].removeprefix("sid=")
    assert authentication.session_principal_by_digest(
        digest=left, now=NOW
    ) == authentication.session_principal(token=token, now=NOW)
    assert authentication.session_principal(token=left, now=NOW) is None
    again = handed_on(perimeter, cookie=f"sid={left}")  # whoever reads it where it lies and sends it
    assert "cookie" not in again


def counted(route: str, status: str) -> float:
    return float(metrics.REQUESTS.labels(route, "GET", status)._value.get())


def test_answers_are_counted_under_their_template_never_their_address(perimeter: Perimeter) -> None:
    around = Perimeter(api, None)
    asked = [
        (around, "/api/health", "/api/health", "200"), (around, "/api/nothing/7", "/api/…", "404"),
        (around, "/api/appointments/7", "/api/appointments/{appointment_id}", "401"),
        (perimeter, "/page/", "page", "200"), (perimeter, "/clinic.js", "file", "200"), (perimeter, "/broken", "file", "500"),
    ]  # fmt: skip
    for app, path, route, status in asked:
        before = counted(route, status)
        assert get(app, path).status_code == int(status)
        assert counted(route, status) == before + 1, path


def test_the_webhooks_list_of_addresses_sees_through_the_proxies(behind: Any, cast: Cast) -> None:
    assert cast  # the alarm about a bad signature is stored
    behind(1, RAZORPAY_WEBHOOK_IPS="52.66.75.174")

    async def deliver(forwarded: str, peer: str = "10.0.0.2") -> int:
        transport = httpx.ASGITransport(Perimeter(api, None), client=(peer, 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost:3000") as client:
            path = "/api/appointments/razorpay-webhook"
            answer = await client.post(path, content=b"{}", headers={"X-Forwarded-For": forwarded})
            return answer.status_code

    assert asyncio.run(deliver("203.0.113.7")) == 403
    assert asyncio.run(deliver("52.66.75.174, 203.0.113.7")) == 403
    assert asyncio.run(deliver("::ffff:52.66.75.174")) == 400  # let in, and not signed
    behind(0)
    assert asyncio.run(deliver("52.66.75.174")) == 403
    assert asyncio.run(deliver("", peer="::ffff:52.66.75.174")) == 400
