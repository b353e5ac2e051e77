"""The database away: one refusal for all, a line of log now and then, and no loop of failures."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy.exc import OperationalError

from booking_ui.booking_ui import event_failed
from booking_ui.db.session import Database, use
from booking_ui.domain.errors import DatabaseAway
from booking_ui.edge import outages, tab_store
from booking_ui.edge.outages import SAID_EVERY_SECONDS, Repeated
from booking_ui.edge.threads import call, call_gateway, call_job
from booking_ui.services.schedule import doctor_search
from booking_ui.states.shared.session import NoticeState
from booking_ui.worker import HOLDS, _run_logged
from tests.support.cast import NOW


@pytest.fixture
def away(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    del db
    use(Database("sqlite:////nowhere/at/all.db"))
    monkeypatch.setattr(outages, "_database", Repeated("database.away"))


@pytest.mark.usefixtures("away")
def test_whoever_calls_a_service_gets_one_refusal_and_the_log_one_line(
    capfd: pytest.CaptureFixture[str],
) -> None:
    for run in (call, call_job, lambda *given, **named: call_gateway("", *given, **named)):
        for _ in range(20):
            with pytest.raises(DatabaseAway):
                asyncio.run(run(doctor_search.search, now=NOW))
    asyncio.run(_run_logged(HOLDS))
    said = capfd.readouterr().err
    assert said.count("database.away") == 1
    assert "unable to open database file" in said
    assert "Traceback" not in said


def test_the_line_comes_again_after_a_while_with_a_count(capfd: pytest.CaptureFixture[str]) -> None:
    line = Repeated("database.away")
    for second in range(25):
        line.say(100.0 + second, reason="x")
    said = [one for one in capfd.readouterr().err.splitlines() if "database.away" in one]
    assert [one.rpartition("times_since_last_line=")[2] for one in said] == ["1", "10", "10"]
    assert SAID_EVERY_SECONDS == 10


@pytest.mark.usefixtures("db")
def test_a_wrong_statement_comes_back_unchanged() -> None:
    def wrong() -> None:
        raise OperationalError("SELECT", {}, Exception("no such column: fee"))

    with pytest.raises(OperationalError):
        asyncio.run(call(wrong))


def test_an_event_that_found_no_database_makes_no_other_event_that_would_fail(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shown: list[tuple[str, str, str]] = []
    monkeypatch.setattr(tab_store, "show", lambda *what: shown.append(what))
    assert event_failed(DatabaseAway()) is None
    assert shown == [(NoticeState.get_full_name(), "text", DatabaseAway.message)]
