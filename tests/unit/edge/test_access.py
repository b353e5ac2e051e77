"""Each answer has an id that its lines of log carry, and one line of its own that names nobody."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
import structlog

from booking_ui.api.app import api
from booking_ui.db.session import Database
from booking_ui.edge import access, logs
from booking_ui.edge.perimeter import Perimeter
from booking_ui.edge.threads import call
from booking_ui.services.journal import request_ids
from booking_ui.states.shared.session import NoticeState
from booking_ui.worker import Job, run_once
from tests.support.api import ORIGIN
from tests.support.tab import Tab, run

MADE = re.compile(r"r-[0-9a-f]{16}")


@pytest.fixture(autouse=True)
def _lines_of_json() -> Iterator[None]:
    logs.configure("json")
    yield
    logs.configure("console")


def asked(*requests: tuple[str, str, dict[str, Any]]) -> list[httpx.Response]:
    """The answers, through the perimeter, one after the other in one task as on a kept connection."""

    async def story() -> list[httpx.Response]:
        transport = httpx.ASGITransport(Perimeter(api, None), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as ask:
            return [await ask.request(how, path, headers=headers) for how, path, headers in requests]

    return asyncio.run(story())


def lines(capfd: pytest.CaptureFixture[str], event: str) -> list[dict[str, Any]]:
    said = [json.loads(one) for one in capfd.readouterr().err.splitlines() if one.startswith("{")]
    return [one for one in said if one["event"] == event]


@pytest.mark.usefixtures("db")
def test_a_request_is_one_line_with_the_route_and_without_what_its_address_carries(
    capfd: pytest.CaptureFixture[str],
) -> None:
    paths = ("/api/doctors?q=asha@example.com&token=s3cret", "/api/appointments/77", "/api/nothing/s3cret")
    answers = asked(*(("GET", path, {"Authorization": "Bearer s3cret"}) for path in paths))
    found = lines(capfd, "request")
    assert [(one["route"], one["status"]) for one in found] == [
        ("/api/doctors", 200),
        ("/api/appointments/{appointment_id}", 401),
        ("/api/…", 404),
    ]
    assert [one["request_id"] for one in found] == [one.headers["x-request-id"] for one in answers]
    for one in found:
        assert set(one) == {"event", "level", "timestamp", "request_id", "method", "route", "status", "ms"}
        assert one["ms"] > 0
        assert "s3cret" not in str(one)
        assert "asha" not in str(one)


@pytest.mark.usefixtures("db")
def test_a_well_formed_id_of_the_caller_is_kept_and_any_other_replaced() -> None:
    good = ["proxy-1234.abc_X", "a" * 64, "12345678"]
    bad = [
        "",
        "short",
        "a" * 65,
        "asha@example.com",
        "with space",
        "new\tline",
        "üüüüüüüü",
        "98111-22233",
        "4111111111111111",
    ]
    told = asked(*(("GET", "/api/health", {"X-Request-ID": one.encode()}) for one in [*good, *bad]))
    ids = [one.headers["x-request-id"] for one in told]
    assert ids[:3] == good
    assert all(MADE.fullmatch(one) for one in ids[3:])
    assert len(set(ids)) == len(ids)


@pytest.mark.usefixtures("db")
def test_a_refusal_and_an_error_of_ours_have_the_id_too(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def broken(**_named: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("booking_ui.services.schedule.doctor_search.search", broken)
    answer, refused = asked(("GET", "/api/doctors", {}), ("PUT", "/api/doctors", {}))
    assert (answer.status_code, refused.status_code) == (500, 405)
    trace = lines(capfd, "unexpected error")
    assert [one["request_id"] for one in trace] == [answer.headers["x-request-id"]]
    assert refused.headers["x-request-id"] != answer.headers["x-request-id"]


def test_no_id_that_we_make_looks_like_what_the_log_hides(monkeypatch: pytest.MonkeyPatch) -> None:
    rolled = iter(["4111111111111111", "411111111111111a"])
    monkeypatch.setattr("secrets.token_hex", lambda _bytes: next(rolled))
    assert access.new_id("r") == "r-411111111111111a"


def test_a_file_that_is_served_well_is_not_worth_a_line(capfd: pytest.CaptureFixture[str]) -> None:
    for route, status in (("file", 200), ("file", 304), ("file", 404), ("page", 200)):
        access.write(method="GET", route=route, status=status, seconds=0.0012)
    assert [(one["route"], one["status"], one["ms"]) for one in lines(capfd, "request")] == [
        ("file", 404, 1.2),
        ("page", 200, 1.2),
    ]


def test_an_event_of_a_page_and_a_run_of_a_job_are_known_in_threads_too(
    db: Database, capfd: pytest.CaptureFixture[str]
) -> None:
    def work(_now: object = None) -> int:
        structlog.get_logger().info("worked")
        return 0

    async def event() -> None:
        for _ in range(2):
            await Tab().send(NoticeState, NoticeState.tell, text="Hello")
            await call(work)

    run(event())
    run(run_once(Job("mails", work, timedelta(days=1))))
    found = lines(capfd, "worked")
    ids = [one["request_id"] for one in found]
    assert re.fullmatch(r"e-\w{16} e-\w{16} job-\w{16}", " ".join(ids))
    assert len(set(ids)) == 3
    assert found[2]["job"] == "mails"
    assert structlog.contextvars.get_contextvars() == {}
    assert db


def test_a_click_is_one_line_with_its_handler_and_without_what_it_carries(
    db: Database, capfd: pytest.CaptureFixture[str]
) -> None:
    run(Tab().send(NoticeState, NoticeState.tell, text="s3cret"))
    (found,) = lines(capfd, "event")
    assert set(found) == {"event", "level", "timestamp", "request_id", "handler"}
    assert found["handler"].endswith("notice_state.tell")
    assert "s3cret" not in str(found)
    assert db


def test_errors_of_libraries_name_the_request_they_happened_in() -> None:
    def said(level: int) -> str:
        return logging.getLogRecordFactory()("n", level, "f", 1, "broken", (), None).getMessage()

    with request_ids.known_by("r-0123456789abcdef"):
        assert said(logging.ERROR) == "broken request_id=r-0123456789abcdef"
        assert said(logging.INFO) == "broken"
    assert said(logging.ERROR) == "broken"
