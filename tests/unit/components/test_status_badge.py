"""Every status has a word, a tone and an icon; none is shown by a silent default."""

from __future__ import annotations

from booking_ui.components.patient.appointment import NEXT
from booking_ui.components.shared.status_badge import APPOINTMENT, ATTEMPT, LOOKS, PAYMENT, PHASES, REFUND
from booking_ui.components.ui.icons import PATHS
from booking_ui.components.ui.theme import TONES
from booking_ui.domain.appointment import AppointmentStatus
from booking_ui.domain.payment import AttemptStatus, PaymentStatus, RefundStatus
from booking_ui.services.visits.patient_view import HEADLINES


def test_every_status_has_a_look() -> None:
    assert set(APPOINTMENT) == set(AppointmentStatus)
    assert set(PAYMENT) == set(PaymentStatus)
    assert set(ATTEMPT) == set(AttemptStatus)
    assert set(REFUND) == set(RefundStatus)


def test_every_phase_has_a_look_and_says_what_happens_next() -> None:
    assert set(PHASES) == set(HEADLINES)
    assert set(NEXT) == set(HEADLINES)


def test_every_look_is_made_of_what_exists() -> None:
    for looks in LOOKS.values():
        for look in looks.values():
            assert look.word
            assert look.tone in TONES
            assert look.icon in PATHS
