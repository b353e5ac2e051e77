"""One item that breaks keeps nobody else waiting, in the jobs of the worker."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import col, delete, select

from booking_ui.db import queues
from booking_ui.db.models import Appointment, Notification, Payment
from booking_ui.db.session import read, write
from booking_ui.services.booking import claim, hold_expiry
from booking_ui.services.desk import mark_payment
from booking_ui.services.journal.batches import each, one_by_one
from booking_ui.services.upkeep import delivery
from tests.support.cast import NOW, Cast


def test_every_item_has_its_turn_and_what_broke_is_raised_afterwards() -> None:
    done: list[float] = []
    with pytest.raises(ZeroDivisionError):
        each([1, 0, 2], lambda item: done.append(1 / item))
    assert done == [1, 0.5]
    with pytest.raises(ExceptionGroup) as raised:
        each([0, 4, 0], lambda item: done.append(1 / item))
    assert ([type(error) for error in raised.value.exceptions], done) == (
        [ZeroDivisionError, ZeroDivisionError],
        [1, 0.5, 0.25],
    )
    assert each([1, 2], lambda item: item * 2) == [2, 4]


def test_an_item_is_taken_in_hand_only_when_the_one_before_it_is_done() -> None:
    waiting = [1, 2, 3]

    def take() -> int | None:
        return waiting.pop(0) if waiting else None

    items = one_by_one(take, limit=2, within=timedelta(minutes=1))
    assert (next(items), waiting) == (1, [2, 3])
    assert (next(items), waiting) == (2, [3])
    assert list(items) == []
    assert list(one_by_one(take, limit=2, within=timedelta(minutes=1))) == [3]


def test_a_batch_whose_time_is_over_takes_nothing_more_in_hand() -> None:
    assert list(one_by_one(lambda: 1, limit=2, within=timedelta(0))) == []


def bill_lost(appointment_id: int) -> None:
    """What the database should never hold: a booking that nothing can be done with."""
    with write() as tx:
        tx.exec(delete(Payment).where(col(Payment.appointment_id) == appointment_id))


def test_a_hold_that_cannot_be_ended_does_not_keep_the_others_alive(cast: Cast) -> None:
    hers = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
    claim.claim(patient_id=cast.bilal, slot_id=cast.slots[1], now=NOW + timedelta(minutes=1))
    bill_lost(hers.id)
    with pytest.raises(AssertionError):
        hold_expiry.expire_due(now=NOW + timedelta(minutes=20))
    with read() as tx:
        assert tx.exec(select(Appointment.status).order_by(col(Appointment.id))).all() == [
            "pending_payment",
            "failed",
        ]


def test_a_mail_that_cannot_be_written_stops_no_other_and_is_parked_at_last(cast: Cast) -> None:
    visits = [
        claim.claim(patient_id=who, slot_id=slot, now=NOW).id
        for who, slot in zip((cast.asha, cast.bilal), cast.slots, strict=False)
    ]
    for visit in visits:
        with read() as tx:
            bill = tx.exec(select(Payment.id).where(Payment.appointment_id == visit)).one() or 0
        mark_payment.mark(admin=cast.devi, payment_id=bill, status="captured", reason="in cash", now=NOW)
    bill_lost(visits[0])
    now, waits = NOW, []
    for _ in range(len(queues.MAILS.steps) + 1):
        assert delivery.deliver_due(now=now) == (2 if now == NOW else 1)
        broken, fine = mails()
        if broken.next_attempt_at:
            waits.append(broken.next_attempt_at - now)
            now = broken.next_attempt_at
    assert (fine.status, fine.sent_at) == ("done", NOW)
    assert (broken.status, broken.last_error, waits) == (
        "parked",
        "failed: IndexError",
        list(queues.MAILS.steps),
    )


def mails() -> list[Notification]:
    with read() as tx:
        return list(tx.exec(select(Notification).order_by(col(Notification.id))).all())
