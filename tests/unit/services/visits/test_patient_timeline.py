"""A booking's trail as its patient reads it."""

from __future__ import annotations

from datetime import timedelta

from booking_ui.db.models import AuditEntry
from booking_ui.domain.causes import Cause
from booking_ui.domain.payment import AttemptStatus
from booking_ui.services.booking import claim
from booking_ui.services.visits import patient_timeline
from tests.support.cast import NOW, Cast
from tests.support.patient_view import LATE, heard, held, seen


def test_of_one_second_the_payment_is_told_before_what_it_did_to_the_time(cast: Cast) -> None:
    visit_id = held(cast)
    heard(AttemptStatus.FAILED)
    claim.try_again(patient_id=cast.asha, appointment_id=visit_id, now=LATE)
    heard(AttemptStatus.CAPTURED)
    told = seen(cast, visit_id).timeline
    assert [line.text for line in told] == [
        "Time held",
        "Payment didn't go through",
        "Time freed",
        "Time held",
        "Payment received",
        "Booking confirmed",
    ]
    assert [line.tone for line in told] == ["waiting", "bad", "plain", "waiting", "good", "good"]


def entry(
    action: str, after: str, *, before: str = "", cause: Cause | None = None, minute: int = 0
) -> AuditEntry:
    at = NOW + timedelta(minutes=minute)
    return AuditEntry(
        subject="appointment:1",
        seq=1,
        actor="worker",
        action=action,
        before=before,
        after=after,
        cause=cause,
        at=at,
        previous_hash="",
        hash="",
    )


def texts(*trail: AuditEntry) -> list[str]:
    return [line.text for line in patient_timeline.lines(trail)]


def test_a_hold_that_ended_without_an_attempt_to_pay_claims_no_failed_payment() -> None:
    begun, freed = entry("appointment", "pending_payment"), entry("appointment", "failed", minute=15)
    never = entry("payment", "failed", cause=Cause.HOLD_EXPIRED, minute=15)
    tried = entry("payment", "failed", cause=Cause.PAYMENT_FAILED, minute=15)
    assert texts(begun, freed, never) == ["Time held", "Time freed"]
    assert texts(begun, freed, tried) == ["Time held", "Payment didn't go through", "Time freed"]


def test_a_refund_that_waits_from_its_first_moment_is_started_once_it_is_released() -> None:
    reserved, waits = entry("refund", "pending"), entry("refund_wait", "held")
    assert texts(reserved, waits) == ["The refund waits for your bank"]
    released = entry("refund_wait", "released", minute=1)
    assert texts(reserved, waits, released) == ["The refund waits for your bank", "Refund started"]


def test_a_moved_visit_names_both_times_and_the_clinics_own_work_is_left_out() -> None:
    moved = entry("moved", "2026-01-07T05:30:00Z slot:2", before="2026-01-06T04:30:00Z slot:1")
    assert texts(entry("case", "closed"), moved, entry("asked", "")) == [
        "Moved from Tue 6 Jan, 10:00 am to Wed 7 Jan, 11:00 am"
    ]
