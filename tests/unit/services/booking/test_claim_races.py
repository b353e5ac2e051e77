"""Many at once. Each race has a control that shows it without the guard."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, func, select, text, update

from booking_ui.db import locks
from booking_ui.db.models import Appointment, Notification, Payment, Refund
from booking_ui.db.session import Database, read, use, write
from booking_ui.domain.errors import SlotTaken
from booking_ui.domain.payment import AttemptStatus, PaymentFact, Source
from booking_ui.services.booking import claim
from booking_ui.services.payments import apply
from tests.support.cast import FEE, NOW, Cast, assemble
from tests.support.races import CROWD, at_once, crowd, live_on, unlocked

WITH_AND_WITHOUT_REDIS = pytest.mark.usefixtures("turns")


@WITH_AND_WITHOUT_REDIS
def test_a_crowd_at_one_slot_gets_it_once_and_everybody_else_a_polite_no(cast: Cast) -> None:
    people = crowd()
    results = at_once([partial(claim.claim, patient_id=p, slot_id=cast.slots[0], now=NOW) for p in people])
    refused = [r for r in results if isinstance(r, SlotTaken)]
    assert (len(results) - len(refused), len(refused), live_on(cast.slots[0])) == (1, CROWD - 1, 1)


def test_without_lock_and_index_the_same_crowd_would_be_sold_the_slot_many_times(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: if this fails, the test above proves nothing. SQLite has one writer, so it can't show the race."""
    database = Database(postgresql_url)
    use(database)
    cast = assemble()
    people = crowd()[:2]
    with write() as tx:
        tx.execute(text("DROP INDEX uq_appointment_live_slot"))
    both_have_looked = Barrier(2)
    really_clear = claim.clear_slot

    def look(*args: Any) -> Appointment | None:
        found = really_clear(*args)
        both_have_looked.wait(30)
        return found

    monkeypatch.setattr(claim, "clear_slot", look)
    monkeypatch.setattr(locks, "slot", unlocked)
    results = at_once([partial(claim.claim, patient_id=p, slot_id=cast.slots[0], now=NOW) for p in people])
    sold = [r for r in results if not isinstance(r, Exception)]
    assert (len(sold), live_on(cast.slots[0])) == (2, 2)
    use(None)
    database.dispose()


def test_the_index_alone_refuses_a_second_live_appointment(cast: Cast) -> None:
    claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
    with read() as tx:
        mine = tx.exec(select(Appointment)).one()
    twin = Appointment(**{**mine.model_dump(), "id": None, "reference": "TWINTWIN", "patient_id": cast.bilal})
    with pytest.raises(IntegrityError), write() as tx:
        tx.add(twin)
    assert live_on(cast.slots[0]) == 1


@WITH_AND_WITHOUT_REDIS
def test_webhook_return_and_question_at_the_same_instant_confirm_once_with_one_mail(cast: Cast) -> None:
    view = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
    order = "order_00000000000001"
    with write() as tx:
        tx.exec(update(Payment).where(col(Payment.appointment_id) == view.id).values(gateway_order_id=order))
    fact = PaymentFact("pay_00000000000001", order, AttemptStatus.CAPTURED, FEE, "INR")
    results = at_once(
        [
            partial(apply.apply, fact=fact, source=h, now=NOW)
            for h in (Source.WEBHOOK, Source.RETURN, Source.QUESTION) * 5
        ]
    )
    assert [r for r in results if isinstance(r, Exception)] == []
    with read() as tx:
        bill = tx.exec(select(Payment)).one()
        mails = tx.exec(select(func.count()).select_from(Notification)).one()
    assert (bill.captured_paise, bill.status, mails) == (FEE, "captured", 1)


@WITH_AND_WITHOUT_REDIS
def test_two_patients_paying_for_one_slot_end_with_one_visit_and_one_refund(cast: Cast) -> None:
    hers = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
    late = NOW + timedelta(minutes=16)
    his = claim.claim(patient_id=cast.bilal, slot_id=cast.slots[0], now=late)
    orders = {hers.id: "order_00000000000001", his.id: "order_00000000000002"}
    with write() as tx:
        for appointment_id, order in orders.items():
            tx.exec(
                update(Payment)
                .where(col(Payment.appointment_id) == appointment_id)
                .values(gateway_order_id=order)
            )
    paid = [
        PaymentFact(f"pay_0000000000000{n}", order, AttemptStatus.CAPTURED, FEE, "INR")
        for n, order in enumerate(orders.values())
    ]
    results = at_once([partial(apply.apply, fact=f, source=Source.WEBHOOK, now=late) for f in paid])
    assert sorted(map(str, results)) == ["confirm", "refund"]
    with read() as tx:
        assert [r.amount_paise for r in tx.exec(select(Refund)).all()] == [FEE]
    assert live_on(cast.slots[0]) == 1


@WITH_AND_WITHOUT_REDIS
def test_a_double_click_on_claim_holds_once(cast: Cast) -> None:
    results = at_once([partial(claim.claim, patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)] * 6)
    assert len({getattr(r, "id", r) for r in results}) == 1


@WITH_AND_WITHOUT_REDIS
def test_claims_of_different_slots_by_one_patient_at_once_stay_within_three(cast: Cast) -> None:
    results = at_once([partial(claim.claim, patient_id=cast.asha, slot_id=s, now=NOW) for s in cast.slots])
    assert len([r for r in results if not isinstance(r, Exception)]) == 3
