"""PostgreSQL is away: programs get 503, people a sentence, the log a line; once it is back everybody is served."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from booking_ui.domain.clock import utc_now
from booking_ui.domain.errors import DatabaseAway
from booking_ui.services.accounts import authentication
from tests.support.security.clinic import Served, served
from tests.support.security.socket import Tab
from tests.support.servers import free_port, migrate, postgres_server, wait_until

WEBHOOK = "/api/appointments/razorpay-webhook"


@pytest.fixture
def clinic(sqlite_url: str, tmp_path: Path) -> Iterator[Served]:
    """A served app whose PostgreSQL does not answer; the stage is set in another database."""
    dead = f"postgresql+psycopg://clinic:secret-word@127.0.0.1:{free_port()}/clinic"
    with served(Path(sqlite_url.removeprefix("sqlite:///")), tmp_path, DATABASE_URL=dead) as found:
        yield found


def test_programs_get_503_people_a_sentence_and_the_log_a_line(clinic: Served) -> None:
    cookie = authentication.open_session(person_id=clinic.stage.cast.asha, now=utc_now())
    with httpx.Client(base_url=clinic.address, timeout=30) as ask:
        for _ in range(10):
            answer = ask.get("/api/doctors")
            assert (answer.status_code, answer.json()["code"]) == (503, DatabaseAway.code)
            assert answer.headers["retry-after"] == "5"
            assert answer.json()["message"] == DatabaseAway.message
        keyed = {"Idempotency-Key": "one"}
        form = {"email": "asha@example.com", "password": "violet otter Shimla"}
        assert ask.post("/api/auth/login", json=form).status_code == 503
        register = {**form, "name": "Meera", "phone": "9876543210"}
        assert ask.post("/api/auth/register", json=register, headers=keyed).status_code == 503
        assert ask.post(WEBHOOK, content=b"{}", headers={"X-Razorpay-Signature": "0" * 64}).status_code == 400
        ready = ask.get("/api/ready")
        assert (ready.status_code, ready.json()["code"]) == (503, "not_ready")
        back = ask.post("/api/session/sign-in", data=form, headers={"Origin": clinic.address})
        assert back.status_code == 303
        assert back.headers["location"].startswith(f"/sign-in/?problem={DatabaseAway.code}")
    tab = Tab(clinic.address, cookie=cookie)
    tab.send("reflex___state____state.hydrate")
    tab.until(DatabaseAway.message)
    tab.close()
    log = clinic.log.read_text()
    assert "Traceback" not in log, log[-3000:]
    assert "secret-word" not in log
    assert 1 <= log.count("database.away") <= 6
    told = [line for line in log.splitlines() if "route=" not in line]  # beside one for each request
    assert len("".join(told)) < 6_000, log


def test_after_a_restart_of_postgresql_everybody_is_served_by_the_app_that_went_on(
    sqlite_url: str, tmp_path: Path
) -> None:
    stage = Path(sqlite_url.removeprefix("sqlite:///"))
    with postgres_server() as server:
        server.execute("CREATE DATABASE clinic")
        migrate(server.url("clinic"), data_dir=tmp_path)
        with (
            served(stage, tmp_path, DATABASE_URL=server.url("clinic")) as found,
            httpx.Client(base_url=found.address, timeout=30) as ask,
        ):
            assert ask.get("/api/doctors").status_code == 200
            server.stop()
            away = [ask.get("/api/doctors") for _ in range(5)]
            assert {(one.status_code, one.json()["code"]) for one in away} == {(503, DatabaseAway.code)}
            server.start()
            wait_until(lambda: ask.get("/api/doctors").status_code == 200, what="an answer")
            assert [ask.get("/api/doctors").status_code for _ in range(20)] == [200] * 20
            log = found.log.read_text()
            assert "Traceback" not in log, log[-3000:]
            assert log.count("database.away") == 1
