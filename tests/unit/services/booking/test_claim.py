"""A free slot is held for one patient, and a taken one offers others."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import func, select

from booking_ui.config.settings import settings
from booking_ui.db.models import Appointment, AuditEntry, Payment, Slot
from booking_ui.db.session import read, write
from booking_ui.domain.clock import iso
from booking_ui.domain.errors import NotFound, SlotGone, SlotTaken, TooManyHolds, WrongState
from booking_ui.services.booking import appointments, cancel, claim, hold_expiry
from tests.support.cast import FEE, FIRST_SLOT, NOW, Cast

pytestmark = pytest.mark.usefixtures("turns")


LATER = NOW + timedelta(minutes=16)


def count(model: type) -> int:
    with read() as tx:
        return tx.exec(select(func.count()).select_from(model)).one()


def test_a_free_slot_is_held_for_fifteen_minutes(cast: Cast) -> None:
    view = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW, reason="  chest pain ")
    assert (view.phase, view.status, view.payment_status) == ("holding", "pending_payment", "pending")
    assert (view.hold_expires_at, view.hold_seconds_left) == ("2026-01-05T04:45:00Z", 900)
    assert view.held_until == "10:15 am"
    assert (view.fee_paise, view.fee_label, view.when_label) == (FEE, "₹500", "Tue 6 Jan, 10:00 am")
    assert (view.reason, view.can_pay, view.can_cancel) == ("chest pain", True, False)


def test_a_hold_ends_at_the_latest_when_its_visit_begins(cast: Cast) -> None:
    near = FIRST_SLOT - timedelta(minutes=4)
    view = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=near)
    assert (view.hold_seconds_left, view.hold_expires_at) == (240, iso(FIRST_SLOT))
    hold_expiry.let_go(patient_id=cast.asha, appointment_id=view.id, now=near)
    again = claim.try_again(patient_id=cast.asha, appointment_id=view.id, now=near + timedelta(minutes=1))
    assert again.hold_seconds_left == 180


def test_a_time_within_the_clinics_notice_is_refused_and_one_that_is_held_stays(
    cast: Cast, configured: pytest.MonkeyPatch
) -> None:
    configured.setenv("MINIMUM_NOTICE_MINUTES", "120")
    settings.cache_clear()
    last, near = FIRST_SLOT - timedelta(minutes=120, seconds=1), FIRST_SLOT - timedelta(minutes=120)
    held = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=last)
    assert claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=near).id == held.id
    assert hold_expiry.let_go(patient_id=cast.asha, appointment_id=held.id, now=near).can_try_again is False
    with pytest.raises(SlotGone, match="at least 2 hours ahead"):
        claim.claim(patient_id=cast.bilal, slot_id=cast.slots[0], now=near)
    with pytest.raises(SlotGone, match="at least 2 hours ahead"):
        claim.try_again(patient_id=cast.asha, appointment_id=held.id, now=near)


def test_asking_again_for_ones_own_hold_gives_the_same_hold(cast: Cast) -> None:
    first = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
    again = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW + timedelta(minutes=1))
    assert (again.id, again.hold_expires_at) == (first.id, first.hold_expires_at)
    assert count(Appointment) == 1


def test_a_taken_slot_offers_the_three_nearest_and_changes_nothing(cast: Cast) -> None:
    claim.claim(patient_id=cast.asha, slot_id=cast.slots[1], now=NOW)
    before = count(AuditEntry)
    with pytest.raises(SlotTaken) as refused:
        claim.claim(patient_id=cast.bilal, slot_id=cast.slots[1], now=NOW)
    assert set(refused.value.nearest_slot_ids) == {cast.slots[0], cast.slots[2], cast.slots[3]}
    assert refused.value.sentence.startswith("10:30 am was just taken.")
    assert (count(Appointment), count(Payment), count(AuditEntry)) == (1, 1, before)


def test_an_expired_hold_gives_way_to_the_next_patient_without_waiting_for_the_sweep(cast: Cast) -> None:
    hers = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
    his = claim.claim(patient_id=cast.bilal, slot_id=cast.slots[0], now=LATER)
    assert his.phase == "holding"
    seen = appointments.find(patient_id=cast.asha, appointment_id=hers.id, now=LATER)
    assert (seen.status, seen.payment_status, seen.phase) == ("failed", "failed", "expired")
    # Nobody tried to pay, so no payment "didn't go through".
    assert [line.text for line in seen.timeline] == ["Time held", "Time freed"]


def test_a_slot_in_the_past_or_withdrawn_is_gone(cast: Cast) -> None:
    with pytest.raises(SlotGone):
        claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=FIRST_SLOT)
    with write() as tx:
        slot = tx.get(Slot, cast.slots[0])
        assert slot
        slot.withdrawn = True
        tx.add(slot)
    with pytest.raises(SlotGone):
        claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
    with pytest.raises(NotFound):
        claim.claim(patient_id=cast.asha, slot_id=999_999, now=NOW)
    assert count(Appointment) == 0


def test_a_patient_holds_at_most_three_slots_at_once(cast: Cast) -> None:
    for slot_id in cast.slots[:3]:
        claim.claim(patient_id=cast.asha, slot_id=slot_id, now=NOW)
    with pytest.raises(TooManyHolds):
        claim.claim(patient_id=cast.asha, slot_id=cast.slots[3], now=NOW)
    assert claim.claim(patient_id=cast.asha, slot_id=cast.slots[3], now=LATER).phase == "holding"


def test_trying_again_holds_the_same_slot_with_the_same_booking(cast: Cast) -> None:
    first = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
    again = claim.try_again(patient_id=cast.asha, appointment_id=first.id, now=LATER)
    assert (again.id, again.phase, again.payment_status) == (first.id, "holding", "pending")
    assert again.hold_expires_at == "2026-01-05T05:01:00Z"
    assert (
        claim.try_again(patient_id=cast.asha, appointment_id=first.id, now=LATER).hold_expires_at
        == again.hold_expires_at
    )


def test_trying_again_is_refused_once_somebody_else_has_the_slot(cast: Cast) -> None:
    first = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
    claim.claim(patient_id=cast.bilal, slot_id=cast.slots[0], now=LATER)
    with pytest.raises(SlotTaken):
        claim.try_again(patient_id=cast.asha, appointment_id=first.id, now=LATER)
    assert appointments.find(patient_id=cast.asha, appointment_id=first.id, now=LATER).status == "failed"


def test_only_a_confirmed_booking_can_be_cancelled(cast: Cast) -> None:
    view = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
    with pytest.raises(WrongState):
        cancel.cancel_by_policy(patient_id=cast.asha, appointment_id=view.id, now=NOW)
    assert appointments.find(patient_id=cast.asha, appointment_id=view.id, now=NOW).phase == "holding"
