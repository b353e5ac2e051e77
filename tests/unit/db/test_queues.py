"""Rows in a worker's hand: one worker each, for a while, the longest due first."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

from sqlmodel import Session, col, select

from booking_ui.db import locks
from booking_ui.db.models import DeliveryStatus, Notification, pk
from booking_ui.db.queues import MAILS
from booking_ui.db.session import Database, read, use, write
from tests.support.cast import NOW, Cast, assemble

MINUTE = timedelta(minutes=1)
STEPS = replace(MAILS, steps=(MINUTE, 10 * MINUTE))


def waiting(person_id: int, *minutes_ago: int) -> list[int]:
    """The ids of mails that fell due so long ago."""
    with write() as tx:
        rows = [
            Notification(
                key=f"k{number}",
                person_id=person_id,
                kind="code",
                status=DeliveryStatus.WAITING,
                next_attempt_at=NOW - MINUTE * number,
                created_at=NOW,
            )
            for number in minutes_ago
        ]
        tx.add_all(rows)
        tx.flush()
        return [pk(row) for row in rows]


def take(tx: Session, limit: int) -> list[int]:
    return [pk(row) for row in locks.lease(tx, MAILS, now=NOW, limit=limit)]


def taken(limit: int) -> list[int]:
    with write() as tx:
        return take(tx, limit)


def test_the_longest_due_are_taken_first_and_for_the_length_of_the_lease(cast: Cast) -> None:
    young, old, ahead = waiting(cast.asha, 1, 5, -1)
    assert (taken(1), taken(5), taken(5)) == ([old], [young], [])
    with read() as tx:
        rows = tx.exec(select(Notification).order_by(col(Notification.id))).all()
    assert [(pk(row), row.attempts, row.next_attempt_at) for row in rows] == [
        (young, 1, NOW + MAILS.lease),
        (old, 1, NOW + MAILS.lease),
        (ahead, 0, NOW + MINUTE),
    ]


def test_of_two_workers_at_once_one_passes_over_what_the_other_has(postgresql_url: str) -> None:
    """SQLite has one writer: there the second one only comes afterwards."""
    database = Database(postgresql_url)
    use(database)
    first, second = waiting(assemble().asha, 2, 1)
    with ThreadPoolExecutor(1) as pool, write() as tx:
        assert take(tx, 1) == [first]
        assert pool.submit(taken, 5).result(30) == [second]
    use(None)
    database.dispose()


def test_the_steps_are_used_up_or_the_last_one_is_repeated() -> None:
    assert [STEPS.after(tries, NOW) for tries in (1, 2, 3)] == [NOW + MINUTE, NOW + 10 * MINUTE, None]
    assert [STEPS.at_last(tries, NOW) - NOW for tries in (1, 2, 3)] == [MINUTE, 10 * MINUTE, 10 * MINUTE]
