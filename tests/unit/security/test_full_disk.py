"""The disk under SQLite is full: what was committed is shown, nothing is booked, and nothing needs to be started again."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from booking_ui.domain.clock import utc_now
from booking_ui.domain.errors import DatabaseAway
from booking_ui.services.accounts import authentication
from tests.support.full_disk import no_room
from tests.support.security.clinic import Served, served
from tests.support.servers import child_processes


@pytest.fixture
def clinic(sqlite_url: str, tmp_path: Path) -> Iterator[Served]:
    with served(Path(sqlite_url.removeprefix("sqlite:///")), tmp_path) as found:
        yield found


def app_processes() -> list[int]:
    """The served app's two: the one that this process started, and its own."""
    started = child_processes(os.getpid(), "granian")
    return [*started, *(one for parent in started for one in child_processes(parent, ""))]


def test_no_claim_is_half_made_and_the_clinic_goes_on_once_there_is_room(clinic: Served) -> None:
    asha = authentication.issue_tokens(person_id=clinic.stage.cast.asha, now=utc_now()).access_token
    headers = {"Authorization": f"Bearer {asha}"}
    wanted = {"availabilityId": clinic.stage.free_slot}
    with httpx.Client(base_url=clinic.address, timeout=60) as ask:
        with no_room(clinic.database, app_processes()):
            refused = ask.post("/api/appointments", json=wanted, headers=headers)
            assert (refused.status_code, refused.json()["code"]) == (503, DatabaseAway.code)
            assert refused.json()["message"] == DatabaseAway.message
            assert ask.get("/api/doctors").status_code == 200
            ready = ask.get("/api/ready")
            assert ready.json()["data"]["checks"]["database"] == {"ok": False, "detail": "can't be written"}
        held = ask.post("/api/appointments", json=wanted, headers=headers)
        assert (held.status_code, held.json()["success"]) == (201, True)
        assert ask.get("/api/ready").json()["data"]["checks"]["database"]["ok"]
    log = clinic.log.read_text()
    assert "Traceback" not in log, log[-3000:]
    assert log.count("database.away") == 1
