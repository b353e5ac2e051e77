"""Ways to pay in trouble: any order of news, calm words, and nothing old."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from booking_ui.db.models import Downtime
from booking_ui.db.session import Database
from booking_ui.domain.webhook_outcome import Outcome, OutcomeCode
from booking_ui.gateways import wire
from booking_ui.services.payments import downtimes
from tests.support.cast import NOW
from tests.support.facts import downtime
from tests.support.sandbox_control import control

LATER = NOW + timedelta(seconds=30)
BEGAN = Outcome(OutcomeCode.DOWNTIME_BEGAN, "upi")


def test_news_in_any_order_ends_with_the_newest(db: Database) -> None:
    assert downtimes.record(fact=downtime(told=9, ended=True), now=NOW) == Outcome(
        OutcomeCode.DOWNTIME_ENDED, "upi"
    )
    assert downtimes.record(fact=downtime(told=1), now=NOW) == Outcome(OutcomeCode.NOTHING_NEW)
    assert downtimes.notice(now=LATER) == ""


def test_news_that_nothing_repeats_is_forgotten(db: Database) -> None:
    assert downtimes.record(fact=downtime(), now=NOW) == BEGAN
    assert downtimes.notice(now=LATER) != ""
    assert downtimes.notice(now=NOW + downtimes.STALE) == ""


def test_news_as_old_as_what_was_removed_is_no_news(db: Database) -> None:
    assert downtimes.record(fact=downtime(), now=NOW + timedelta(days=181)) == Outcome(
        OutcomeCode.NOTHING_NEW
    )


def test_a_downtime_that_is_only_planned_is_not_told_yet(db: Database) -> None:
    downtimes.record(fact=downtime(begins_at=LATER), now=NOW)
    assert (downtimes.notice(now=NOW), downtimes.notice(now=LATER) != "") == ("", True)


def test_asking_finds_what_no_message_told_and_forgets_what_is_over(db: Database, sandbox: str) -> None:
    control(sandbox, "clock/advance", {"seconds": 0})
    started = control(sandbox, "downtimes", {"method": "card", "instrument": {"network": "VISA"}})
    far = NOW + timedelta(days=3650)  # the sandbox's clock is ahead of ours
    try:
        minute_ago = far - timedelta(minutes=1)
        assert downtimes.record(fact=downtime(changed_at=minute_ago), now=minute_ago) == BEGAN
        downtimes.refresh(now=far)
        assert downtimes.notice(now=far) == (
            "Card payments are slow at some banks right now. If a payment doesn't go through, try another way to pay."
        )
    finally:
        control(sandbox, "downtimes", {"id": started["id"]})
    downtimes.refresh(now=far + timedelta(minutes=5))
    assert downtimes.notice(now=far + timedelta(minutes=5)) == ""


def test_a_dead_gateway_changes_nothing(db: Database, dead_gateway: str) -> None:
    downtimes.record(fact=downtime(), now=NOW)
    assert downtimes.refresh(now=LATER) == 0
    assert downtimes.notice(now=LATER) != ""


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([], ""),
        ([("upi", "")], "UPI is slow right now."),
        ([("upi", "okicici"), ("upi", "okaxis")], "UPI is slow at some banks right now."),
        ([("upi", "okicici"), ("card", "")], "UPI and Card payments are slow right now."),
        ([("netbanking", "HDFC")], "Netbanking is slow at some banks right now."),
        ([("paylater", "")], "Paylater is slow right now."),
    ],
)
def test_the_words_name_each_method_once(rows: list[tuple[str, str]], words: str) -> None:
    found = downtimes.sentence(
        [
            Downtime(gateway_downtime_id=str(n), method=m, instrument=i, begins_at=NOW, changed_at=NOW, seen_at=NOW)
            for n, (m, i) in enumerate(rows)
        ]
    )  # fmt: skip
    assert found == (f"{words} If a payment doesn't go through, try another way to pay." if words else "")


def test_news_that_cannot_be_read_has_no_use_and_stops_nobody() -> None:
    for entity in (None, {}, {"id": "down_1", "method": "upi"}):
        body = {"event": "payment.downtime.started", "payload": {"payment.downtime": {"entity": entity}}}
        assert wire.event(json.dumps(body).encode()) == wire.Event("payment.downtime.started")
