"""A hold ends at its time, or when its patient gives it up."""

from __future__ import annotations

from datetime import timedelta

import pytest

from booking_ui.services.booking import claim, hold_expiry
from tests.support.cast import NOW, Cast

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
