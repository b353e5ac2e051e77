"""Any order of Razorpay's facts, any repetition: a booking comes to the same end."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from hypothesis import example, given
from hypothesis import strategies as st

from booking_ui.domain.appointment import MOVES, AppointmentStatus
from booking_ui.domain.payment import (
    PAYMENT_MOVES,
    AttemptStatus,
    PaymentStatus,
    Situation,
    Verdict,
    merged,
    verdict,
)

CREATED, FAILED, AUTHORIZED, CAPTURED = (
    AttemptStatus.CREATED,
    AttemptStatus.FAILED,
    AttemptStatus.AUTHORIZED,
    AttemptStatus.CAPTURED,
)


@dataclass
class Booking:
    """The smallest thing that obeys verdicts, so that the table can be run through any history."""

    appointment: AppointmentStatus = AppointmentStatus.PENDING_PAYMENT
    payment: PaymentStatus = PaymentStatus.PENDING
    slot_free: bool = True
    visit_ahead: bool = True
    kept: str = ""
    given_back: list[str] = field(default_factory=list)
    attempts: dict[str, AttemptStatus] = field(default_factory=dict)

    def hear(self, payment_id: str, status: AttemptStatus, exact: bool) -> None:
        before = self.attempts.get(payment_id)
        self.attempts[payment_id] = after = merged(before, status)
        found = verdict(
            Situation(
                attempt_before=before,
                attempt_after=after,
                exact=exact,
                kept_payment_id=self.kept,
                payment_id=payment_id,
                marked_payment_id="",
                appointment=self.appointment,
                payment=self.payment,
                slot_free_or_ours=self.slot_free or self.appointment is AppointmentStatus.PENDING_PAYMENT,
                visit_ahead=self.visit_ahead,
            )
        )
        self._obey(found, payment_id)

    def _obey(self, found: Verdict, payment_id: str) -> None:
        if found is Verdict.CONFIRM:
            assert AppointmentStatus.CONFIRMED in MOVES[self.appointment]
            self.appointment = AppointmentStatus.CONFIRMED
            self._move(PaymentStatus.CAPTURED)
            self.kept = payment_id
        elif found is Verdict.REFUND:
            self._move(PaymentStatus.CAPTURED)
            self._move(PaymentStatus.REFUND_PENDING)
            self.kept = payment_id
            self.given_back.append(payment_id)
        elif found in (Verdict.REFUND_EXTRA, Verdict.REFUND_MISMATCH):
            self.given_back.append(payment_id)
        elif found is Verdict.AUTHORIZE and self.payment is not PaymentStatus.AUTHORIZED:
            self._move(PaymentStatus.AUTHORIZED)
        elif found is Verdict.FAIL:
            assert AppointmentStatus.FAILED in MOVES[self.appointment]
            self.appointment = AppointmentStatus.FAILED
            self._move(PaymentStatus.FAILED)

    def _move(self, to: PaymentStatus) -> None:
        assert to in PAYMENT_MOVES[self.payment], f"{self.payment} → {to}"
        self.payment = to


Fact = tuple[str, AttemptStatus, bool]
ENDINGS: dict[AttemptStatus, list[AttemptStatus]] = {
    FAILED: [CREATED, FAILED],
    CAPTURED: [CREATED, FAILED, AUTHORIZED, CAPTURED],
}


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Fact], list[Fact]]:
    """Facts of up to four attempts that each came to an end, and the same facts in another order, some twice."""
    facts: list[Fact] = []
    for number in range(draw(st.integers(1, 4))):
        ending = draw(st.sampled_from([FAILED, CAPTURED]))
        heard = draw(st.sets(st.sampled_from(ENDINGS[ending]))) | {ending}
        exact = draw(st.sampled_from([True, True, True, False]))
        facts += [(f"pay_{number}", status, exact) for status in sorted(heard)]
    again = facts + draw(st.lists(st.sampled_from(facts), max_size=6))
    return draw(st.permutations(facts)), draw(st.permutations(again))


beginnings = st.sampled_from(
    [
        Booking(),
        Booking(AppointmentStatus.FAILED, PaymentStatus.FAILED),
        Booking(AppointmentStatus.FAILED, PaymentStatus.FAILED, slot_free=False),
        Booking(AppointmentStatus.FAILED, PaymentStatus.FAILED, visit_ahead=False),
    ]
)


def told(beginning: Booking, facts: Iterable[Fact]) -> Booking:
    booking = replace(beginning, given_back=[], attempts={})
    for fact in facts:
        booking.hear(*fact)
    return booking


def at_the_holds_end(booking: Booking) -> Booking:
    """What nobody paid for in time has failed."""
    if booking.appointment is AppointmentStatus.PENDING_PAYMENT:
        return replace(booking, appointment=AppointmentStatus.FAILED, payment=PaymentStatus.FAILED)
    return booking


@given(beginnings, histories())
@example(
    Booking(),
    (
        [("pay_0", FAILED, True), ("pay_1", CAPTURED, True)],
        [("pay_1", CAPTURED, True), ("pay_0", FAILED, True)],
    ),
)
@example(
    Booking(),
    (
        [("pay_0", FAILED, False), ("pay_0", CAPTURED, False)],
        [("pay_0", CAPTURED, False), ("pay_0", FAILED, False)],
    ),
)
def test_a_booking_ends_the_same_whatever_the_order_and_the_repetitions(
    beginning: Booking, history: tuple[list[Fact], list[Fact]]
) -> None:
    """The same end: visit and bill alike, and as many captures kept and given back (which of two is kept may differ)."""
    one, other = (told(beginning, facts) for facts in history)
    assert one.attempts == other.attempts
    if not all(exact for _, _, exact in history[0]):
        # Its failure frees the time at once when it is heard before its capture of a wrong amount, else the hold's end does.
        one, other = at_the_holds_end(one), at_the_holds_end(other)
    assert (one.appointment, one.payment) == (other.appointment, other.payment)
    assert len(one.given_back) == len(other.given_back)


@given(beginnings, histories())
def test_every_capture_is_kept_once_or_given_back_once(
    beginning: Booking, history: tuple[list[Fact], list[Fact]]
) -> None:
    end = told(beginning, history[1])
    captured = sorted(one for one, status in end.attempts.items() if status is CAPTURED)
    kept = [end.kept] if end.payment is PaymentStatus.CAPTURED else []
    assert sorted(end.given_back + kept) == captured
    assert (end.appointment is AppointmentStatus.CONFIRMED) is bool(kept)
