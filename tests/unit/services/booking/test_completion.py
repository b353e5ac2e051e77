"""A visit is concluded by the desk, or counts as completed some hours after its end."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import select

from booking_ui.config.settings import settings
from booking_ui.db.models import Appointment, Payment
from booking_ui.db.session import read
from booking_ui.domain.appointment import AppointmentStatus
from booking_ui.domain.errors import WrongState
from booking_ui.services.booking import appointments, claim, completion
from booking_ui.services.desk import mark_payment
from booking_ui.services.journal import audit
from booking_ui.services.upkeep import invariants
from tests.support.cast import FIRST_SLOT, NOW, Cast
from tests.support.week_of_money import Week, razorpay_says

OVER = FIRST_SLOT + timedelta(minutes=30)
pytestmark = pytest.mark.usefixtures("turns")


def test_only_a_visit_that_has_begun_is_concluded(cast: Cast) -> None:
    view = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
    with read() as tx:
        bill = tx.exec(select(Payment.id).where(Payment.appointment_id == view.id)).one()
    mark_payment.mark(
        admin=cast.devi, payment_id=bill or 0, status="captured", reason="paid in cash", now=NOW
    )
    with pytest.raises(WrongState):
        completion.conclude(
            admin=cast.devi, appointment_id=view.id, status=AppointmentStatus.COMPLETED, now=NOW
        )
    completion.conclude(
        admin=cast.devi, appointment_id=view.id, status=AppointmentStatus.NO_SHOW, now=FIRST_SLOT
    )
    assert appointments.find(patient_id=cast.asha, appointment_id=view.id, now=FIRST_SLOT).phase == "no_show"


def status_of(reference: str) -> tuple[str, str, str]:
    """The visit's status, and who changed it last, why."""
    with read() as tx:
        visit = next(one for one in tx.exec(select(Appointment)).all() if one.reference == reference)
        last = audit.trail(tx, f"appointment:{visit.id}")[-1]
        return visit.status.value, last.actor, last.reason


def test_a_visit_nobody_spoke_of_is_completed_by_itself_hours_after_its_end_and_not_before(
    week: Week, cast: Cast
) -> None:
    patience = timedelta(hours=settings().complete_after_hours)

    assert completion.conclude_due(now=OVER + patience - timedelta(seconds=1)) == 0
    assert status_of(week.c1)[0] == "confirmed"
    assert completion.conclude_due(now=OVER + patience) == 1
    assert status_of(week.c1) == ("completed", "system:conclusions", "nobody said otherwise")
    assert status_of(week.c2)[0] == "confirmed"
    assert completion.conclude_due(now=OVER + patience) == 0


def test_only_confirmed_visits_are_completed_and_every_promise_still_holds(week: Week, cast: Cast) -> None:
    far = NOW + timedelta(days=60)

    assert completion.conclude_due(now=far) == 4
    assert status_of(week.e2)[0] == "failed"
    booked = [one for one in invariants.count(now=NOW + timedelta(minutes=15)) if one.violations]
    assert booked == []


def test_a_long_backlog_is_completed_piece_by_piece(week: Week, cast: Cast) -> None:
    far = NOW + timedelta(days=60)

    assert [completion.conclude_due(now=far, limit=3) for _ in range(3)] == [3, 1, 0]


def test_money_that_fails_late_does_not_reopen_a_completed_visit(week: Week, cast: Cast) -> None:
    far = NOW + timedelta(days=60)
    completion.conclude_due(now=far)

    razorpay_says("c1", "c1-late", "failed", 50_000, far)

    assert status_of(week.c1)[0] == "completed"
