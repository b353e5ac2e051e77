"""A hold ends at its time, or when its patient gives it up."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import select

from booking_ui.db.models import Appointment, Notification, pk
from booking_ui.db.session import read
from booking_ui.domain.causes import Cause
from booking_ui.domain.payment import Source
from booking_ui.services.booking import claim, hold_expiry
from booking_ui.services.payments import apply
from booking_ui.services.schedule import doctor_editing
from booking_ui.services.upkeep import invariants
from tests.support.cast import NOW, Cast
from tests.support.facts import ORDER, fact, held, seen
from tests.support.mails import written

pytestmark = pytest.mark.usefixtures("turns")


LATER = NOW + timedelta(minutes=16)


def test_the_sweep_frees_expired_holds_once_and_leaves_the_others(cast: Cast) -> None:
    claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
    claim.claim(patient_id=cast.bilal, slot_id=cast.slots[1], now=LATER)
    assert hold_expiry.expire_due(now=LATER) == 1
    assert hold_expiry.expire_due(now=LATER) == 0


def test_letting_go_frees_the_slot_at_once(cast: Cast) -> None:
    view = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
    assert hold_expiry.let_go(patient_id=cast.asha, appointment_id=view.id, now=NOW).phase == "expired"
    assert claim.claim(patient_id=cast.bilal, slot_id=cast.slots[0], now=NOW).phase == "holding"


def test_letting_a_failed_booking_go_is_recorded_once_and_it_can_be_tried_again(cast: Cast) -> None:
    view = held(cast, cast.asha)
    apply.apply(fact=fact(ORDER, "failed"), source=Source.WEBHOOK, now=NOW)
    for _ in range(2):
        gone = hold_expiry.let_go(patient_id=cast.asha, appointment_id=view.id, now=LATER)
    assert (gone.status, gone.phase, gone.can_try_again) == ("failed", "expired", True)
    assert [line.text for line in gone.timeline] == [
        "Time held",
        "Payment didn't go through",
        "Time freed",
        "You let the time go",
    ]
    with read() as tx:
        visit = tx.get_one(Appointment, view.id)
        assert (visit.status, visit.status_cause, visit.updated_at) == ("failed", Cause.LET_GO, LATER)
    assert invariants.total(invariants.count(now=LATER)) == 0
    assert claim.try_again(patient_id=cast.asha, appointment_id=view.id, now=LATER).phase == "holding"


def test_a_booking_whose_money_went_back_has_nothing_to_let_go(cast: Cast) -> None:
    view = held(cast, cast.asha)
    claim.claim(patient_id=cast.bilal, slot_id=cast.slots[0], now=LATER)
    apply.apply(fact=fact(ORDER, "captured"), source=Source.WEBHOOK, now=LATER)
    before = seen(cast.asha, view, LATER)
    after = hold_expiry.let_go(patient_id=cast.asha, appointment_id=view.id, now=LATER)
    assert (before.phase, after) == ("refund_due", before)


def test_a_patient_whose_hold_the_clinic_ends_is_told_once(cast: Cast) -> None:
    claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
    doctor_editing.set_active(admin=cast.devi, doctor_id=cast.chandra, active=False, now=NOW)
    assert hold_expiry.expire_due(now=NOW) == 1
    assert hold_expiry.expire_due(now=NOW) == 0
    with read() as tx:
        (row,) = tx.exec(select(Notification)).all()
    assert row.kind == "day_closed"
    mail = written(pk(row), NOW)
    assert mail.subject == "The doctor is away: Tue 6 Jan, 10:00 am with Dr Chandra Rao"
    assert "so your hold has ended. Nothing was paid.\nPick another time: " in mail.text
