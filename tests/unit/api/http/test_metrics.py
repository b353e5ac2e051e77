"""/metrics: numbers about the clinic, nothing about anybody, for those who may look."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from booking_ui.config.settings import settings
from booking_ui.db.session import Database, use
from booking_ui.gateways import breaker
from booking_ui.gateways.breaker import Breaker, Outcome
from booking_ui.services.booking import claim
from booking_ui.services.journal import heartbeats
from booking_ui.services.limits import metrics
from tests.support.api import Caller
from tests.support.cast import NOW, Cast
from tests.support.webhooks import BODY, post, signed


def scraped(who: Caller, **headers: str) -> dict[str, float]:
    metrics.reset_gauges()
    answer = who.send("GET", "/metrics", headers=headers)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    lines = [line for line in answer.text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


def test_the_state_of_the_clinic_is_counted_in_its_database(
    anybody: Caller, asha: Caller, cast: Cast
) -> None:
    before = scraped(anybody)
    asha.post("/api/appointments", {"availabilityId": cast.slots[0]})
    post(anybody, BODY, signed(BODY))
    heartbeats.beat(job="holds", now=NOW - timedelta(seconds=30))
    after = scraped(anybody)
    told = {
        'clinic_payments{status="pending"}': 1, 'clinic_payments{status="captured"}': 0, "clinic_holds_open": 1,
        'clinic_webhook_events{status="waiting"}': 1, 'clinic_webhook_events{status="parked"}': 0,
        "clinic_refunds_due": 0, 'clinic_job_age_seconds{job="holds"}': 30, "clinic_database_up": 1,
    }  # fmt: skip
    assert {name: after[name] for name in told} == told
    assert after['claims_total{outcome="won"}'] - before['claims_total{outcome="won"}'] == 1


def test_a_lost_race_is_counted(anybody: Caller, asha: Caller, bilal: Caller, cast: Cast) -> None:
    asha.post("/api/appointments", {"availabilityId": cast.slots[0]})
    before = scraped(anybody)['claims_total{outcome="lost"}']
    bilal.post("/api/appointments", {"availabilityId": cast.slots[0]})
    assert scraped(anybody)['claims_total{outcome="lost"}'] == before + 1


def test_a_gateway_that_is_found_to_be_away_and_back_is_counted(anybody: Caller) -> None:
    def changes(change: str) -> float:
        return scraped(anybody)[f'circuit_changes_total{{change="{change}",service="razorpay"}}']

    before = changes("opened"), changes("closed")
    found = Breaker("razorpay")
    for _ in range(breaker.FULL):
        found.note(Outcome.FAILED, tried=True)
    found.note(Outcome.ANSWERED, tried=False)
    assert (changes("opened"), changes("closed")) == (before[0] + 1, before[1] + 1)


def test_counters_are_told_also_while_the_database_is_away(anybody: Caller, db: Database) -> None:
    use(Database("sqlite:////nowhere/at/all.db"))
    told = scraped(anybody)
    use(db)
    assert told["clinic_database_up"] == 0
    assert 'claims_total{outcome="won"}' in told


def test_nothing_personal_is_told(anybody: Caller, asha: Caller, cast: Cast) -> None:
    held = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
    anybody.post("/api/auth/login", {"email": "asha@example.com", "password": "wrong password"})
    metrics.reset_gauges()
    said = anybody.get("/metrics").text
    for personal in ("asha", "Asha", "example.com", held.reference, "+9198"):
        assert personal not in said
    assert not re.search(r'="[^"]{60,}"', said)


def test_only_this_machine_may_look_without_a_token(anybody: Caller) -> None:
    assert anybody.send("GET", "/metrics").status_code == 200
    for mark in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"):
        assert anybody.send("GET", "/metrics", headers={mark: "127.0.0.1"}).status_code == 404


def test_with_a_token_whoever_carries_it_may_look(anybody: Caller, configured: pytest.MonkeyPatch) -> None:
    configured.setenv("METRICS_TOKEN", "a token of the observers")
    settings.cache_clear()
    assert anybody.send("GET", "/metrics").status_code == 404
    for given in ("", "Bearer ", "Bearer a token", "Bearer é"):
        headers = {"Authorization": given.encode()}
        assert anybody.send("GET", "/metrics", headers=headers).status_code == 404
    proxied = {"Authorization": "Bearer a token of the observers", "X-Forwarded-For": "203.0.113.7"}
    assert anybody.send("GET", "/metrics", headers=proxied).status_code == 200
