"""What the watchers outside may ask."""

from __future__ import annotations

from datetime import timedelta

import pytest

from booking_ui.config.settings import settings
from booking_ui.db.models import PromiseCount
from booking_ui.db.session import Database, use, write
from booking_ui.services.journal import heartbeats
from tests.support.api import Caller, Json
from tests.support.cast import NOW
from tests.support.servers import free_port

JOBS = ("webhooks", "refunds", "holds", "quiet orders", "mails")


def checks(who: Caller, status: int) -> Json:
    answer = who.get("/api/ready")
    assert answer.status_code == status
    body = answer.json()
    assert body["success"] is (status == 200)
    found: Json = body["data"]["checks"]
    return found


def test_alive_asks_nothing_of_anybody(anybody: Caller) -> None:
    broken = Database("sqlite:////nowhere/at/all.db")
    use(broken)
    answer = anybody.get("/api/health")
    assert answer.json() == {"success": True, "message": "Alive.", "data": {"status": "alive"}}


def test_ready_names_what_it_stands_on(anybody: Caller) -> None:
    heartbeats.beat(job="holds", now=NOW)
    answer = anybody.get("/api/ready")
    assert answer.status_code == 200
    assert answer.json() == {
        "success": True,
        "message": "Ready.",
        "data": {
            "checks": {
                "database": {"ok": True, "detail": "answers"},
                "redis": {"ok": True, "detail": "answers" if settings().redis_url else "not used"},
                "gateway": {"ok": True, "detail": "sandbox"},
                "sweep": {"ok": True, "detail": "0 s ago"},
                "promises": {"ok": True, "detail": "not yet counted"},
            }
        },
    }


def test_not_ready_while_no_worker_ever_ran(anybody: Caller) -> None:
    assert checks(anybody, 503)["sweep"] == {"ok": False, "detail": "no worker has run yet"}


def test_not_ready_without_a_database(anybody: Caller) -> None:
    use(Database("sqlite:////nowhere/at/all.db"))
    answer = anybody.get("/api/ready")
    assert answer.status_code == 503
    body = answer.json()
    assert (body["success"], body["code"]) == (False, "not_ready")
    assert body["data"]["checks"]["database"] == {"ok": False, "detail": "can't be reached"}
    assert "nowhere" not in answer.text


def test_redis_is_asked_when_it_is_used(
    anybody: Caller, configured: pytest.MonkeyPatch, redis_url: str
) -> None:
    heartbeats.beat(job="holds", now=NOW)
    configured.setenv("REDIS_URL", redis_url)
    settings.cache_clear()
    assert checks(anybody, 200)["redis"] == {"ok": True, "detail": "answers"}
    configured.setenv("REDIS_URL", f"redis://user:secret@127.0.0.1:{free_port()}/0")
    settings.cache_clear()
    assert checks(anybody, 503)["redis"] == {"ok": False, "detail": "can't be reached"}


def test_the_age_of_the_slowest_job_is_told(anybody: Caller) -> None:
    for number, job in enumerate(JOBS):
        heartbeats.beat(job=job, now=NOW - timedelta(seconds=10 * number))
    heartbeats.beat(job="horizon", now=NOW - timedelta(hours=2))
    assert checks(anybody, 200)["sweep"] == {"ok": True, "detail": "40 s ago"}


def test_a_job_that_stopped_makes_it_not_ready(anybody: Caller) -> None:
    heartbeats.beat(job="webhooks", now=NOW)
    heartbeats.beat(job="holds", now=NOW - timedelta(minutes=5))
    assert checks(anybody, 200)["sweep"] == {"ok": True, "detail": "300 s ago"}
    heartbeats.beat(job="refunds", now=NOW - timedelta(minutes=5, seconds=1))
    heartbeats.beat(job="horizon", now=NOW - timedelta(hours=3, seconds=1))
    assert checks(anybody, 503)["sweep"] == {"ok": False, "detail": "late: horizon, refunds"}


def test_a_job_whose_last_end_lies_ahead_is_not_taken_for_fresh(anybody: Caller) -> None:
    heartbeats.beat(job="holds", now=NOW)
    heartbeats.beat(job="refunds", now=NOW + timedelta(minutes=1))
    assert checks(anybody, 200)["sweep"] == {"ok": True, "detail": "0 s ago"}
    heartbeats.beat(job="comparison", now=NOW + timedelta(days=365))
    assert checks(anybody, 503)["sweep"] == {"ok": False, "detail": "noted ahead of the clock: comparison"}
    heartbeats.beat(job="comparison", now=NOW)
    assert checks(anybody, 200)["sweep"] == {"ok": True, "detail": "0 s ago"}


def test_a_broken_promise_makes_the_clinic_not_ready(anybody: Caller) -> None:
    with write() as tx:
        tx.add(
            PromiseCount(number=3, promise="Captured = kept", checked=9, violated=1, first_fault="x", at=NOW)
        )
    assert checks(anybody, 503)["promises"] == {"ok": False, "detail": "violated: 3"}
