"""The clinic's settings applied to one booking: until when something may be done, and what comes back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from booking_ui.config.settings import settings
from booking_ui.db.models import Appointment, Payment, Refund
from booking_ui.domain.appointment import AppointmentStatus
from booking_ui.domain.errors import HoldExpired, WrongState
from booking_ui.domain.payment import PaymentStatus, RefundOrigin, RefundStatus
from booking_ui.services.views import AppointmentView
from booking_ui.services.visits import terms
from tests.support.cast import FEE, FIRST_SLOT, NOW

HALF = FEE // 2
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
PAID = "pay_00000000000001"
OTHERS = [status for status in AppointmentStatus if status is not AppointmentStatus.CONFIRMED]


@pytest.fixture(autouse=True)
def _the_clinics_terms(configured: pytest.MonkeyPatch) -> None:
    """All until 24 hours before, half until 4; moved until 2 hours before."""
    configured.setenv("CANCELLATION_POLICY", "24:100,4:50")
    configured.setenv("RESCHEDULE_CUTOFF_HOURS", "2")
    settings.cache_clear()


def visit(status: AppointmentStatus = AppointmentStatus.CONFIRMED, *, cap: int = 100) -> Appointment:
    return Appointment(
        reference="AB12CD",
        slot_id=1,
        doctor_id=1,
        patient_id=1,
        status=status,
        starts_at=FIRST_SLOT,
        ends_at=FIRST_SLOT + HOUR,
        fee_paise=FEE,
        refund_cap_percent=cap,
        created_at=NOW,
        updated_at=NOW,
    )


def bill(status: PaymentStatus = PaymentStatus.CAPTURED) -> Payment:
    return Payment(
        appointment_id=1,
        status=status,
        amount_paise=FEE,
        currency="INR",
        gateway_payment_id=PAID,
        created_at=NOW,
        updated_at=NOW,
    )


def refund(paise: int, status: RefundStatus = RefundStatus.PROCESSED, payment: str = PAID) -> Refund:
    return Refund(
        payment_id=1,
        amount_paise=paise,
        status=status,
        gateway_payment_id=payment,
        origin=RefundOrigin.DESK,
        reason="cancelled",
        idempotency_key="refund-1",
        created_at=NOW,
        updated_at=NOW,
    )


def test_the_bands_are_the_clinics_and_a_move_may_have_lowered_them() -> None:
    assert terms.bands(visit()) == ((24, 100), (4, 50))
    assert terms.bands(visit(cap=50)) == ((24, 50), (4, 50))
    assert terms.bands(visit(cap=0)) == ((24, 0), (4, 0))


@pytest.mark.parametrize(
    ("before", "paise"),
    [(24 * HOUR, FEE), (24 * HOUR - SECOND, HALF), (4 * HOUR, HALF), (4 * HOUR - SECOND, None)],
)
def test_the_quote_and_the_refund_are_one_sum_by_the_band_of_the_moment(
    before: timedelta, paise: int | None
) -> None:
    now = FIRST_SLOT - before
    quote = terms.cancel_quote(visit(), bill(), [], now)
    assert (quote and quote.refund_paise) == paise
    assert terms.refund_paise(visit(), bill(), [], now) == paise


def test_after_a_move_no_more_is_quoted_than_it_left() -> None:
    quote = terms.cancel_quote(visit(cap=50), bill(), [], NOW)
    assert quote is not None
    assert (quote.refund_paise, quote.sentence) == (
        HALF,
        "You'll get ₹250 of ₹500 back. Until Tue 6 Jan, 6:00 am you can cancel here; after that, only by phone.",
    )


@pytest.mark.parametrize("status", OTHERS)
def test_only_a_confirmed_visit_has_a_quote_or_can_be_moved(status: AppointmentStatus) -> None:
    assert terms.cancel_quote(visit(status), bill(), [], NOW) is None
    assert not terms.can_reschedule(visit(status), NOW)
    assert terms.too_late(visit(status), can_cancel=False, now=FIRST_SLOT - HOUR) == ""


@pytest.mark.parametrize("status", PaymentStatus)
def test_a_bill_keeps_its_money_from_its_capture_until_all_of_it_is_back(status: PaymentStatus) -> None:
    holds = status in ("captured", "refund_pending", "partially_refunded")
    assert terms.kept_paise(bill(status), []) == (FEE if holds else 0)


def test_what_was_given_back_of_this_payment_is_kept_no_more() -> None:
    given = [
        refund(10_000),
        refund(5_000, RefundStatus.PENDING),
        refund(20_000, RefundStatus.FAILED),
        refund(FEE, payment="pay_00000000000002"),  # the second of two payments: not the visit's own
    ]
    assert terms.kept_paise(bill(), given) == FEE - 15_000
    assert terms.refund_paise(visit(), bill(), given, NOW) == FEE - 15_000


def test_the_rule_names_the_clinics_times_and_sums() -> None:
    # Monday 10:00 am is the last instant of the first band.
    assert terms.rule(visit(), bill(), [], NOW) == (
        "Cancel by Mon 5 Jan, 10:00 am: ₹500 back. By Tue 6 Jan, 6:00 am: ₹250 back. "
        "Later it can't be cancelled online: call us."
    )


def test_the_rule_counts_what_went_back_already() -> None:
    assert terms.rule(visit(), bill(), [refund(40_000)], NOW) == (
        "Cancel by Mon 5 Jan, 10:00 am: ₹100 back. By Tue 6 Jan, 6:00 am: nothing back. "
        "Later it can't be cancelled online: call us."
    )


def test_a_visit_moves_until_the_cutoff_and_never_once_it_has_begun(configured: pytest.MonkeyPatch) -> None:
    assert terms.can_reschedule(visit(), FIRST_SLOT - 2 * HOUR)
    assert not terms.can_reschedule(visit(), FIRST_SLOT - 2 * HOUR + SECOND)
    configured.setenv("RESCHEDULE_CUTOFF_HOURS", "0")
    settings.cache_clear()
    assert terms.can_reschedule(visit(), FIRST_SLOT - SECOND)
    assert not terms.can_reschedule(visit(), FIRST_SLOT)


def test_a_visit_ahead_says_what_it_is_too_late_for() -> None:
    early, late = FIRST_SLOT - 3 * HOUR, FIRST_SLOT - HOUR
    assert terms.too_late(visit(), can_cancel=True, now=early) == ""
    assert terms.too_late(visit(), can_cancel=False, now=early) == (
        "It's too late to cancel this visit online."
    )
    assert terms.too_late(visit(), can_cancel=True, now=late) == "It's too late to move this visit online."
    assert terms.too_late(visit(), can_cancel=False, now=late) == (
        "It's too late to cancel or move this visit online."
    )
    assert terms.too_late(visit(), can_cancel=False, now=FIRST_SLOT) == ""


def test_only_a_booking_that_waits_for_its_payment_is_payable() -> None:
    terms.payable(AppointmentView(phase="holding", can_pay=True))
    with pytest.raises(HoldExpired):
        terms.payable(AppointmentView(phase="expired"))
    with pytest.raises(WrongState):
        terms.payable(AppointmentView(phase="confirmed"))
