"""Every write is seen by the next read, whatever is kept in memory or in Redis; only real commits empty it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta

import pytest
import redis as redis_client
from sqlmodel import select

from booking_ui.config.settings import settings
from booking_ui.db import memory
from booking_ui.db.models import Appointment, Payment, Slot
from booking_ui.db.session import Database, read, use, write
from booking_ui.domain.payment import AttemptStatus, PaymentFact, Source
from booking_ui.gateways import redis
from booking_ui.services.booking import cancel, claim, hold_expiry
from booking_ui.services.desk import mark_payment
from booking_ui.services.payments import apply
from booking_ui.services.schedule import availability, doctor_search, leave
from booking_ui.services.schedule import slots as schedules
from tests.support.cast import FEE, FIRST_SLOT, NOW, Cast, assemble
from tests.support.schedule import counted
from tests.support.servers import redis_server

SOON, LATER = NOW + timedelta(minutes=1), NOW + timedelta(minutes=16)
ALL_FREE = ["free"] * 4


@pytest.fixture(params=["alone", "redis", "redis away"])
def kept_in(request: pytest.FixtureRequest, configured: pytest.MonkeyPatch, redis_url: str) -> Iterator[str]:
    """Without Redis, with a real one, and with one that nobody answers for."""
    urls = {"alone": "", "redis": redis_url, "redis away": "redis://127.0.0.1:9/0"}
    configured.setenv("REDIS_URL", urls[request.param])
    settings.cache_clear()
    redis.reconnect()
    yield request.param
    redis.reconnect()


@contextmanager
def process(url: str) -> Iterator[Database]:
    """One more process of the clinic, with connections of its own that do not outlive the test."""
    database = Database(url)
    use(database)
    try:
        yield database
    finally:
        use(None)
        redis.reconnect()
        database.dispose()


def statuses(cast: Cast, now: datetime = NOW) -> list[str]:
    """Dr Chandra's Tuesday as its page reads it; search and neighbours must agree with it."""
    day = schedules.days(doctor_id=cast.chandra, now=now, first_day=date(2026, 1, 6), count=1)[0]
    slots = [*day.morning, *day.afternoon, *day.evening]
    free = [slot.id for slot in slots if slot.status == "free"]
    (shown,) = doctor_search.search(now=now)
    assert [slot.id for slot in shown.next_slots] == free[:3]
    _, nearest = doctor_search.alternatives(slot_id=cast.slots[0], now=now)
    assert {slot.id for slot in nearest} <= set(free)
    return [slot.status for slot in slots]


def claimed(cast: Cast) -> int:
    return claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW).id


def bill(appointment_id: int) -> int:
    with read() as tx:
        return tx.exec(select(Payment.id).where(Payment.appointment_id == appointment_id)).one() or 0


def confirmed(cast: Cast) -> int:
    visit = claimed(cast)
    mark_payment.mark(admin=cast.devi, payment_id=bill(visit), status="captured", reason="in cash", now=NOW)
    return visit


def paid_late(cast: Cast) -> None:
    before = NOW - timedelta(minutes=20)
    visit = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=before).id
    with write() as tx:
        tx.get_one(Payment, bill(visit)).gateway_order_id = "order_1"
    assert hold_expiry.expire_due(now=NOW) == 1
    assert statuses(cast) == ALL_FREE
    fact = PaymentFact("pay_1", "order_1", AttemptStatus.CAPTURED, FEE, "INR")
    apply.apply(fact=fact, source=Source.WEBHOOK, now=NOW)


def moved(cast: Cast) -> None:
    """As a reschedule leaves it."""
    visit = confirmed(cast)
    assert statuses(cast) == ["booked", "free", "free", "free"]
    with write() as tx:
        row, slot = tx.get_one(Appointment, visit), tx.get_one(Slot, cast.slots[2])
        row.slot_id, row.starts_at, row.ends_at = cast.slots[2], slot.starts_at, slot.ends_at


def failed(cast: Cast) -> None:
    mark_payment.mark(
        admin=cast.devi, payment_id=bill(claimed(cast)), status="failed", reason="no cash", now=NOW
    )


def cancelled(cast: Cast) -> None:
    visit = confirmed(cast)
    assert statuses(cast)[0] == "booked"
    cancel.cancel_by_policy(patient_id=cast.asha, appointment_id=visit, now=NOW)


def let_go(cast: Cast) -> None:
    visit = claimed(cast)
    assert statuses(cast)[0] == "held"
    hold_expiry.let_go(patient_id=cast.asha, appointment_id=visit, now=NOW)


def tried_again(cast: Cast) -> None:
    visit = claimed(cast)
    hold_expiry.let_go(patient_id=cast.asha, appointment_id=visit, now=NOW)
    assert statuses(cast) == ALL_FREE
    claim.try_again(patient_id=cast.asha, appointment_id=visit, now=NOW)


def on_leave(cast: Cast) -> None:
    day = date(2026, 1, 6)
    leave.close_days(
        admin=cast.devi, doctor_id=cast.chandra, first_day=day, last_day=day, name="Leave", now=NOW
    )


def withdrawn(cast: Cast) -> None:
    with write() as tx:
        tx.get_one(Slot, cast.slots[3]).withdrawn = True


WRITES: list[tuple[Callable[[Cast], object], list[str]]] = [
    (claimed, ["held", "free", "free", "free"]),
    (confirmed, ["booked", "free", "free", "free"]),
    (let_go, ALL_FREE),
    (failed, ALL_FREE),
    (cancelled, ALL_FREE),
    (tried_again, ["held", "free", "free", "free"]),
    (paid_late, ["booked", "free", "free", "free"]),
    (moved, ["free", "free", "booked", "free"]),
    (on_leave, []),
    (withdrawn, ["free", "free", "free"]),
]


@pytest.mark.parametrize(("write_it", "truth"), WRITES, ids=[one.__name__ for one, _ in WRITES])
def test_the_read_after_a_write_shows_it(
    cast: Cast, kept_in: str, write_it: Callable[[Cast], object], truth: list[str]
) -> None:
    assert statuses(cast) == ALL_FREE
    write_it(cast)
    assert statuses(cast) == truth


def test_a_hold_reads_as_free_the_instant_it_ends_although_nothing_was_written(
    cast: Cast, kept_in: str
) -> None:
    claimed(cast)
    assert statuses(cast, SOON) == ["held", "free", "free", "free"]
    ends = NOW + timedelta(minutes=15)
    assert statuses(cast, ends - timedelta(seconds=1)) == ["held", "free", "free", "free"]
    assert statuses(cast, ends) == ALL_FREE
    assert hold_expiry.expire_due(now=ends) == 1
    assert statuses(cast, ends) == ALL_FREE


def test_times_that_have_begun_are_gone_and_an_earlier_clock_still_sees_them(
    cast: Cast, kept_in: str
) -> None:
    assert statuses(cast, FIRST_SLOT) == ["free"] * 3
    assert statuses(cast, NOW) == ALL_FREE
    assert statuses(cast, FIRST_SLOT + timedelta(minutes=30)) == ["free"] * 2


def test_what_another_process_commits_is_seen_at_once(cast: Cast, db: Database, kept_in: str) -> None:
    assert statuses(cast) == ALL_FREE
    other = Database(db.url)
    use(other)
    claimed(cast)
    assert statuses(cast) == ["held", "free", "free", "free"]
    use(db)
    assert statuses(cast) == ["held", "free", "free", "free"]
    other.dispose()


def test_while_nobody_writes_only_the_stamp_is_asked_for(cast: Cast) -> None:
    statuses(cast)
    with counted() as said:
        statuses(cast)
    assert [one for one in said if "pg_current_snapshot" not in one] == []


def test_what_a_writer_has_not_committed_is_seen_by_nobody(cast: Cast, kept_in: str) -> None:
    assert statuses(cast) == ALL_FREE
    try:
        with write() as tx:
            tx.get_one(Slot, cast.slots[0]).withdrawn = True
            tx.flush()
            assert statuses(cast) == ALL_FREE
            raise KeyError
    except KeyError:
        pass
    assert statuses(cast) == ALL_FREE


def test_processes_on_one_postgresql_share_what_they_read(
    postgresql_url: str, configured: pytest.MonkeyPatch, redis_url: str
) -> None:
    configured.setenv("REDIS_URL", redis_url)
    settings.cache_clear()
    redis.reconnect()
    with process(postgresql_url):
        cast = assemble()
        assert statuses(cast) == ALL_FREE
        with process(postgresql_url), counted() as said:
            schedules.days(doctor_id=cast.chandra, now=SOON)
    assert [statement for statement in said if "slot.starts_at" in statement] == []


def test_a_redis_that_goes_away_and_comes_back_costs_nothing_but_time(
    postgresql_url: str, configured: pytest.MonkeyPatch
) -> None:
    with process(postgresql_url):
        cast = assemble()
        with redis_server() as url:
            configured.setenv("REDIS_URL", url)
            settings.cache_clear()
            redis.reconnect()
            assert statuses(cast) == ALL_FREE
            with redis_client.Redis.from_url(url) as client:
                (key,) = client.keys("kept:*")
                assert len(json.loads(client.get(key) or b"")["times"]) == 4
        claimed(cast)
        assert statuses(cast) == ["held", "free", "free", "free"]


def test_a_fingerprint_changes_with_the_times_of_its_doctor_and_with_the_clock_alone(cast: Cast) -> None:
    def printed(now: datetime = NOW) -> dict[int, int]:
        return availability.fingerprints(doctor_ids=[cast.chandra], now=now)

    before = printed()
    assert printed() == before
    claimed(cast)
    held = printed()
    assert held != before
    assert printed(SOON) == held
    assert printed(LATER) == before  # the hold is over


def test_memory_stays_small_however_much_strangers_search(cast: Cast, db: Database) -> None:
    for number in range(memory.MOST + 20):
        doctor_search.search(now=NOW, q=f"word{number}")
    assert len(memory._kept[db].entries) <= memory.MOST + 2
