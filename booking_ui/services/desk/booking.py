"""Everything the desk sees of one booking: the visit, its money, its timeline, and what may be done about it."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from booking_ui.config.settings import settings
from booking_ui.db import clinic_words
from booking_ui.db.models import Appointment, Dispute, Payment, PaymentAttempt, pk
from booking_ui.db.session import read
from booking_ui.domain import refund_policy
from booking_ui.domain.appointment import AppointmentStatus
from booking_ui.domain.clock import instant_label
from booking_ui.domain.errors import NotFound
from booking_ui.domain.money import rupees
from booking_ui.domain.people.person import spaced_phone
from booking_ui.languages import _
from booking_ui.services.cases import attention
from booking_ui.services.desk import booking_timeline, bookings, mark_payment, refund
from booking_ui.services.views.desk import BookingRow, RefundChoice, WholeBooking
from booking_ui.services.visits import patient_view, terms


def whole_booking(*, now: datetime, reference: str) -> WholeBooking:
    """Everything about one booking. Raises NotFound."""
    with read() as tx:
        bill = select(Payment.id).join(Appointment).where(Appointment.reference == reference)
        payment_id = tx.exec(bill).one_or_none()
        if payment_id is None:
            raise NotFound
        joined = bookings.Joined(attention.most_urgent(now, payment_id))
        *one, _ = tx.exec(bookings.every(joined).where(col(Payment.id) == payment_id)).one()
        return _whole(tx, bookings.row(clinic_words.words(tx), *one), now)


def _whole(tx: Session, row: BookingRow, now: datetime) -> WholeBooking:
    whole = patient_view.load(tx, col(Appointment.id) == row.id)[0]
    tried = select(PaymentAttempt).where(PaymentAttempt.payment_id == row.payment_id)
    attempts = tx.exec(tried.order_by(col(PaymentAttempt.id))).all()
    disputed = select(Dispute).where(Dispute.payment_id == row.payment_id).order_by(col(Dispute.id))
    timeline = booking_timeline.lines(
        tx,
        trail=whole.trail,
        attempts=attempts,
        refunds=whole.refunds,
        order_id=row.gateway_order_id,
        zone=settings().zone,
    )
    allowed = mark_payment.allowed(whole.appointment, whole.payment)
    refundable = refund.refundable_paise(whole.payment, whole.refunds)
    return WholeBooking(
        row=row,
        phone_label=spaced_phone(row.patient_phone),
        appointment=patient_view.view(whole, now),
        attempts=[booking_timeline.attempt_view(one, whole.refunds) for one in attempts],
        refunds=[booking_timeline.refund_view(one) for one in sorted(whole.refunds, key=pk)],
        disputes=[booking_timeline.dispute_view(one) for one in tx.exec(disputed).all()],
        timeline=timeline,
        can_mark=bool(allowed),
        marks=allowed,
        can_conclude=row.status == AppointmentStatus.CONFIRMED and whole.appointment.starts_at <= now,
        mark_label=" · ".join(filter(None, [whole.payment.mark_reason, whole.payment.mark_reference])),
        cancel_choices=_cancel_choices(whole, now),
        refundable_paise=refundable,
        refundable_label=rupees(refundable) if refundable else "",
        refund_by_hand=not whole.payment.gateway_payment_id,
    )


def _cancel_choices(b: patient_view.Booking, now: datetime) -> list[RefundChoice]:
    """The refunds that the desk may choose for cancelling this visit, in exact rupees, each amount once."""
    if b.appointment.status is not AppointmentStatus.CONFIRMED:
        return []
    kept = terms.kept_paise(b.payment, b.refunds)
    if not kept:
        return [RefundChoice("none", _("Nothing: no money is kept"))]
    quote = terms.cancel_quote(b.appointment, b.payment, b.refunds, now)
    ruled, rule = (quote.refund_paise, _rule(b, quote, now)) if quote else (0, _("it is too late"))
    by_rule = _("By the rule: {amount} ({rule})", amount=rupees(ruled), rule=rule)
    return [
        *([RefundChoice("policy", by_rule)] if 0 < ruled < kept else []),
        RefundChoice("full", _every(kept, kept == b.payment.amount_paise, ruled == kept)),
        RefundChoice("none", _("Nothing") if ruled else _("Nothing (by the rule: {rule})", rule=rule)),
    ]


def _every(kept: int, whole: bool, ruled: bool) -> str:
    """All the money that is kept: the whole fee or less, and whether the rule gives as much."""
    amount = rupees(kept)
    if whole and ruled:
        return _("The full {amount} (also what the rule gives)", amount=amount)
    if whole:
        return _("The full {amount}", amount=amount)
    if ruled:
        return _("All that is kept: {amount} (also what the rule gives)", amount=amount)
    return _("All that is kept: {amount}", amount=amount)


def _rule(b: patient_view.Booking, quote: refund_policy.Quote, now: datetime) -> str:
    """Such as: half of the fee, until Mon 23 Nov, 10:30 am."""
    bands = terms.bands(b.appointment)
    percent = refund_policy.percent_at(bands=bands, starts_at=b.appointment.starts_at, now=now) or 0
    until = instant_label(quote.changes_at, settings().zone)
    if percent == 100:
        return _("all of the fee, until {time}", time=until)
    if percent == 50:
        return _("half of the fee, until {time}", time=until)
    if percent == 0:
        return _("nothing this close to the visit, until {time}", time=until)
    return _("{percent} % of the fee, until {time}", percent=percent, time=until)
