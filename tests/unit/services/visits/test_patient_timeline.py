"""A booking's trail as its patient reads it."""

from __future__ import annotations

from booking_ui.domain.payment import AttemptStatus
from booking_ui.services.booking import claim
from tests.support.cast import Cast
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
