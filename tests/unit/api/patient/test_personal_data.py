"""A journey with marked values: where they may be found afterwards, and where never."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from sqlalchemy import text
from sqlmodel import select

from booking_ui.api.app import api
from booking_ui.config.settings import settings
from booking_ui.db.models import AuditEntry
from booking_ui.db.session import read
from booking_ui.gateways import redis as accelerator
from booking_ui.services.payments import orders, webhook_inbox
from booking_ui.services.refunds import send
from tests.support.api import Caller, Door
from tests.support.cast import NOW, Cast
from tests.support.mails import Post
from tests.support.sandbox_control import checkout_result
from tests.support.webhooks import body, deliver

NAME, MAIL, PHONE = "Zubeida Qureshi", "zubeida.marked@example.org", "9800000042"
PASSWORD, REASON = "violet otter Shimla", "marked palpitations"
PERSONAL = ("zubeida", "qureshi", PHONE, "palpitations", "shimla")


@pytest.fixture
def post(monkeypatch: pytest.MonkeyPatch) -> Post:
    return Post(monkeypatch)


@pytest.fixture
def shared(redis_url: str, sandbox: str, configured: pytest.MonkeyPatch) -> Iterator[redis.Redis]:
    """With a Redis beside the app, so that its keys can be read afterwards."""
    configured.setenv("REDIS_URL", redis_url)
    settings.cache_clear()
    accelerator.reconnect()
    client = redis.Redis.from_url(redis_url)
    yield client
    client.close()
    accelerator.reconnect()


def journey(anybody: Caller, door: Door, cast: Cast, sandbox: str, post: Post) -> list[str]:
    """Register, mistype, sign in each way, book, pay, cancel, reset; returns every secret that was in play."""
    account = {"name": NAME, "email": MAIL, "phone": PHONE, "password": PASSWORD}
    made = anybody.post("/api/auth/register", account).json()["data"]
    secrets = [made["accessToken"], made["refreshToken"], post.newest(NOW)]
    anybody.post("/api/auth/register", account)
    anybody.post("/api/auth/login", {"email": MAIL, "password": "wrong " + PASSWORD})
    anybody.form("/api/session/sign-in", {"email": MAIL, "password": PASSWORD})
    secrets.append(anybody.cookies["sid"])
    her = Caller(door, {"Authorization": f"Bearer {made['accessToken']}"})
    booked = her.post("/api/appointments/book", {"availabilityId": cast.slots[0], "reason": REASON}).json()[
        "data"
    ]
    order = booked["gatewayOrderId"]
    anybody.post("/api/appointments/payment-callback", checkout_result(sandbox, order))
    her.post(f"/api/appointments/{booked['appointmentId']}/cancel")
    send.send_due(now=NOW)
    orders.ask_quiet(now=NOW)
    deliver(body("payment.captured"))
    webhook_inbox.process_due(now=NOW)
    for path in ("reset", "code"):
        anybody.post(f"/api/auth/{path}/request", {"email": MAIL})
        secrets.append(post.newest(NOW))
    anybody.post("/api/auth/code", {"email": MAIL, "code": "000000"})
    anybody.post("/api/auth/reset", {"token": secrets[-2], "password": PASSWORD + "!"})
    return secrets


def test_after_a_whole_journey_nothing_personal_and_nothing_secret_lies_where_it_should_not(
    anybody: Caller, door: Door, cast: Cast, sandbox: str, post: Post,
    shared: redis.Redis, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    secrets = journey(anybody, door, cast, sandbox, post)
    codes = [one for one in secrets if len(one) == 6]
    tokens = [one for one in secrets if len(one) > 6]
    assert codes
    assert tokens
    said = capfd.readouterr()
    logged = f"{said.out}{said.err}{caplog.text}".lower()
    keys = " ".join(str(key) for key in shared.scan_iter()).lower()
    with read() as tx:
        trail = " ".join(row.model_dump_json() for row in tx.exec(select(AuditEntry)).all()).lower()
        stored = " ".join(_everything(tx)).lower()
    assert trail.count("registered") == 1
    for where, found in (("log", logged), ("audit", trail), ("Redis", keys)):
        for word in (*PERSONAL, *(one.lower() for one in tokens)):
            assert word not in found, f"{word} in the {where}"
        # Six digits may stand in a hash by chance, but not by themselves.
        assert not set(codes) & set(re.findall(r"[0-9a-z]+", found)), f"a code in the {where}"
    assert not [one for one in (PASSWORD, *tokens) if one.lower() in stored]


def _everything(tx: Any) -> Iterator[str]:
    for name in tx.connection().dialect.get_table_names(tx.connection()):
        for row in tx.execute(text(f'SELECT * FROM "{name}"')):
            yield str(tuple(row))


def leaves(schema: dict[str, Any], schemas: dict[str, Any], seen: frozenset[str] = frozenset()) -> set[str]:
    """Every field that an answer of this shape may contain."""
    found: set[str] = set()
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return set() if name in seen else leaves(schemas[name], schemas, seen | {name})
    for name, inner in schema.get("properties", {}).items():
        found |= {name} | leaves(inner, schemas, seen)
    for group in ("anyOf", "allOf", "oneOf"):
        for inner in schema.get(group, []):
            found |= leaves(inner, schemas, seen)
    for inner in (schema.get("items"), schema.get("additionalProperties")):
        if isinstance(inner, dict):
            found |= leaves(inner, schemas, seen)
    return found


def fields_by_door() -> dict[str, set[str]]:
    """What a 2xx of each kind of door may contain."""
    spec = api.openapi()
    doors: dict[str, set[str]] = {}
    for path, methods in spec["paths"].items():
        door = "desk" if path.startswith("/api/admin") else "others"
        for method in methods.values():
            for status, answer in method.get("responses", {}).items():
                if str(status).startswith("2"):
                    for kind in answer.get("content", {}).values():
                        doors.setdefault(door, set()).update(
                            leaves(kind.get("schema", {}), spec["components"]["schemas"])
                        )
    return doors


def test_only_the_desk_is_ever_answered_with_a_patients_mail_or_phone() -> None:
    doors = fields_by_door()
    personal = re.compile(r"email|phone|contact|vpa|card|password|person_?id|patientid|body", re.IGNORECASE)
    assert {name for name in doors["others"] if personal.search(name)} == set()
    # personId: a program of the desk books again for the person for whom it booked.
    assert {name for name in doors["desk"] if personal.search(name)} == {
        "patientEmail",
        "patientPhone",
        "personId",
    }


def test_the_desk_never_sees_the_text_of_a_webhook(devi: Caller) -> None:
    deliver(body("payment.captured"))
    events = devi.get("/api/admin/webhook-events").text
    assert "contact" not in events
    assert "gaurav" not in events
    assert "@" not in events
