"""The numbers of the clinic: claims counted as they end, gauges counted in the database and kept for ten seconds."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlmodel import update

from booking_ui.db.models import Notification, PromiseCount
from booking_ui.db.session import Database, use, write
from booking_ui.domain.errors import NotFound, SlotTaken
from booking_ui.domain.mail_refusal import Refusal
from booking_ui.services.booking import claim
from booking_ui.services.journal import heartbeats
from booking_ui.services.limits import metrics
from booking_ui.services.mail import outbox
from tests.support.cast import NOW, Cast
from tests.support.rows import keep
from tests.support.webhooks import body, deliver


def told() -> dict[str, float]:
    text = metrics.exposition(now=NOW).decode()
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


def claims() -> tuple[float, float]:
    found = told()
    return found['claims_total{outcome="won"}'], found['claims_total{outcome="lost"}']


def test_a_claim_is_won_or_lost_and_an_error_is_neither(cast: Cast) -> None:
    won, lost = claims()
    claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
    assert claims() == (won + 1, lost)
    with pytest.raises(SlotTaken):
        claim.claim(patient_id=cast.bilal, slot_id=cast.slots[0], now=NOW)
    assert claims() == (won + 1, lost + 1)
    with pytest.raises(NotFound):
        claim.claim(patient_id=cast.bilal, slot_id=9_999_999, now=NOW)
    assert claims() == (won + 1, lost + 1)


@pytest.mark.usefixtures("db")
def test_an_empty_clinic_has_zeros_for_every_status_and_not_nothing() -> None:
    found = told()
    statuses = re.findall(r'clinic_payments\{status="(\w+)"\}', " ".join(found))
    assert statuses == [
        "pending",
        "authorized",
        "captured",
        "failed",
        "refund_pending",
        "partially_refunded",
        "refunded",
    ]
    gauges = {name: value for name, value in found.items() if name.startswith("clinic_")}
    assert set(gauges.values()) == {0, 1}
    assert [name for name, value in gauges.items() if value == 1] == ["clinic_database_up"]


def test_the_gauges_count_what_stands_in_the_database(cast: Cast) -> None:
    claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
    claim.claim(
        patient_id=cast.bilal, slot_id=cast.slots[1], now=NOW - timedelta(hours=1)
    )  # its hold is over
    heartbeats.beat(job="holds", now=NOW - timedelta(seconds=30))
    with write() as tx:
        outbox.add_account_mail(
            tx, person_id=cast.asha, code_id=None, kind="password_changed", key="1", now=NOW
        )
    keep(PromiseCount(number=3, promise="x", checked=9, violated=2, first_fault="x", at=NOW))
    found = told()
    counted = {
        'clinic_payments{status="pending"}': 2,
        "clinic_holds_open": 1,
        'clinic_mails{status="waiting"}': 1,
        'clinic_mails{status="parked"}': 0,
        'clinic_job_age_seconds{job="holds"}': 30,
        'clinic_promise_violations{promise="3"}': 2,
    }
    assert {name: found[name] for name in counted} == counted


@pytest.mark.usefixtures("db")
def test_the_lag_is_the_age_of_the_oldest_message_that_waits() -> None:
    deliver(body("payment.captured"))
    metrics.reset_gauges()
    found = metrics.exposition(now=NOW + timedelta(seconds=90)).decode()
    assert "clinic_webhook_lag_seconds 90.0\n" in found
    assert 'clinic_webhook_events{status="waiting"} 1.0\n' in found


def test_two_scrapes_shortly_after_each_other_share_one_count(cast: Cast) -> None:
    assert told()["clinic_holds_open"] == 0
    claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
    assert told()["clinic_holds_open"] == 0
    metrics.reset_gauges()
    assert told()["clinic_holds_open"] == 1


def test_while_the_database_is_away_the_counters_are_told_and_no_gauge_but_that(db: Database) -> None:
    use(Database("sqlite:////nowhere/at/all.db"))
    found = told()
    use(db)
    assert {name: value for name, value in found.items() if name.startswith("clinic_")} == {
        "clinic_database_up": 0
    }
    assert 'claims_total{outcome="won"}' in found


def test_what_waits_for_the_morning_is_late_for_nobody(cast: Cast) -> None:
    with write() as tx:
        outbox.add_account_mail(
            tx, person_id=cast.asha, code_id=None, kind="password_changed", key="1", now=NOW
        )
        tx.flush()
        tx.exec(update(Notification).values(refusal=Refusal.QUIET))
    metrics.reset_gauges()
    found = metrics.exposition(now=NOW + timedelta(hours=9)).decode().splitlines()
    assert {"clinic_mail_lag_seconds 0.0", 'clinic_messages_parked{channel="sms"} 0.0'} <= set(found)
