"""Strangers who open many connections and never finish what they say: nobody else waits for them, and they are sent away."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from booking_ui.api.http import bodies, middleware
from booking_ui.commands.serving import server
from tests.support.databases import lay
from tests.support.raw_sockets import crowd
from tests.support.security import clinic
from tests.support.security.clinic import Served
from tests.support.servers import wait_until

CROWD = 1_040  # granian has 1,024 places unless it is told otherwise
WEBHOOK = "/api/appointments/razorpay-webhook"


@pytest.fixture(scope="module")
def at(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("served")
    database = home / "booking.db"
    lay(sqlite_template, database)
    with clinic.served(database, home, RATE_LIMIT_TRUSTED_IPS="") as found:
        yield found


def port(at: Served) -> int:
    return urlsplit(at.address).port or 0


def endless(path: str, kind: str = "application/json", **headers: str) -> bytes:
    lines = [f"POST {path} HTTP/1.1", "Host: localhost", f"Content-Type: {kind}", "Content-Length: 1000"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", "{"]).encode()


def others_are_served(at: Served) -> None:
    """Patients get their answers while the strangers stay; how fast is measured elsewhere, on a quiet machine."""
    with httpx.Client(trust_env=False, timeout=bodies.SECONDS - 1) as client:
        for path in ("/api/doctors", "/api/health", "/api/doctors"):
            assert client.get(f"http://127.0.0.1:{port(at)}{path}").status_code == 200


def test_a_thousand_endless_webhooks_stop_no_other_route(at: Served) -> None:
    with crowd(port(at), CROWD, endless(WEBHOOK)) as strangers:
        others_are_served(at)
        strangers.until_closed(seconds=bodies.SECONDS + 10)
    assert Counter(strangers.heard) == {
        b"HTTP/1.1 408 Request Timeout": middleware.UNFINISHED_WEBHOOKS,
        b"HTTP/1.1 429 Too Many Requests": CROWD - middleware.UNFINISHED_WEBHOOKS,
    }
    assert bodies.SECONDS - 1 < max(strangers.ended) < bodies.SECONDS + 10


@pytest.mark.parametrize("said", [b"GET /api/health HTTP/1.1\r\nHost: loc", b""], ids=["half", "silent"])
def test_a_thousand_headers_without_end_stop_no_route(at: Served, said: bytes) -> None:
    with crowd(port(at), CROWD, said) as strangers:
        others_are_served(at)
        strangers.until_closed(seconds=server.HEADER_SECONDS + 10)


def test_one_address_has_a_bounded_number_of_requests_at_once(at: Served) -> None:
    refused = 16
    with crowd(port(at), middleware.AT_ONCE + refused, endless("/api/auth/login")) as strangers:
        strangers.until_closed(seconds=bodies.SECONDS + 10)
    told = Counter(strangers.heard)
    assert told[b"HTTP/1.1 429 Too Many Requests"] == refused
    assert told[b"HTTP/1.1 408 Request Timeout"] == middleware.AT_ONCE
    others_are_served(at)  # every place was left


@pytest.mark.parametrize(
    "path", [WEBHOOK, "/api/session/sign-in", "/api/session/reset", "/api/auth/login", "/api/payments/intent"]
)
@pytest.mark.parametrize("kind", ["application/json", "application/x-www-form-urlencoded"])
def test_who_leaves_before_the_end_of_the_body_costs_no_page_of_log(at: Served, path: str, kind: str) -> None:
    def counted() -> float:
        with httpx.Client(trust_env=False) as client:
            lines = client.get(f"http://127.0.0.1:{port(at)}/metrics").text.splitlines()
        mine = (
            line for line in lines if line.startswith("http_requests_total") and f'route="{path}"' in line
        )
        return sum(float(line.split()[-1]) for line in mine)

    before, seen = len(at.log.read_text()), counted()
    with crowd(port(at), 3, endless(path, kind, Origin=at.address)):
        pass
    wait_until(lambda: counted() == seen + 3, what="three answers that nobody heard")
    written = [line for line in at.log.read_text()[before:].splitlines() if "route=/metrics" not in line]
    assert not any("Traceback" in line for line in written)
    assert len(written) <= 3
