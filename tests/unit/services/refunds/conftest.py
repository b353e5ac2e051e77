"""Asha's paid visit, and its cancellations while Razorpay can't be reached."""

from __future__ import annotations

import pytest
from sqlmodel import update

from booking_ui.config.settings import settings
from booking_ui.db.models import Payment
from booking_ui.db.session import write
from booking_ui.domain.payment import Source
from booking_ui.services.booking import cancel, claim
from booking_ui.services.payments import apply
from booking_ui.services.refunds import send
from tests.support.cast import NOW, Cast
from tests.support.razorpay_account import Account, account
from tests.support.refunds import (
    CAPTURED,
    ORDER,
)

razorpay = account


@pytest.fixture
def paid(cast: Cast, razorpay: Account) -> int:
    """Asha's paid visit."""
    view = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
    with write() as tx:
        tx.exec(update(Payment).values(gateway_order_id=ORDER))
    apply.apply(fact=CAPTURED, source=Source.WEBHOOK, now=NOW)
    razorpay.payments = [CAPTURED]
    return view.id


@pytest.fixture
def cancelled(cast: Cast, paid: int) -> int:
    """The same, cancelled while Razorpay could not be reached: one refund waits, with number 1."""
    cancel.cancel_by_policy(patient_id=cast.asha, appointment_id=paid, now=NOW)
    send.send_due(now=NOW)
    return paid


@pytest.fixture
def half_back(configured: pytest.MonkeyPatch) -> None:
    """The policy that counts for what is held from now on."""
    configured.setenv("CANCELLATION_POLICY", "4:50")
    settings.cache_clear()


@pytest.fixture
def half_cancelled(cast: Cast, half_back: None, paid: int) -> int:
    """Half of the fee goes back, the other half the clinic keeps."""
    del half_back
    cancel.cancel_by_policy(patient_id=cast.asha, appointment_id=paid, now=NOW)
    send.send_due(now=NOW)
    return paid
