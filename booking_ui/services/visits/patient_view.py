"""A booking for its patient: one phase, one sentence, a short timeline. Read-only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TypedDict

from sqlmodel import Session, col, select

from booking_ui.config.settings import settings
from booking_ui.db import clinic_words, holds
from booking_ui.db.clinic_words import Words
from booking_ui.db.models import (
    Appointment,
    AuditEntry,
    Dependent,
    Doctor,
    Payment,
    PaymentAttempt,
    Person,
    Refund,
    pk,
)
from booking_ui.domain import bank_reasons
from booking_ui.domain.appointment import AppointmentStatus
from booking_ui.domain.causes import Cause
from booking_ui.domain.clock import clock_label, day_label, distance_label, instant_label, iso
from booking_ui.domain.money import method_label, rupees
from booking_ui.domain.payment import HAS_MONEY, AttemptStatus, PaymentFailure, PaymentStatus, RefundStatus
from booking_ui.domain.people.family import relation_label
from booking_ui.domain.people.person import shown_name
from booking_ui.domain.people.short_name import initials, tint
from booking_ui.languages import FIRST, N_, _, spoken
from booking_ui.services.journal import audit
from booking_ui.services.journal.audit import Action
from booking_ui.services.views import AppointmentView, PdfLink
from booking_ui.services.visits import patient_timeline, place, refund_text, terms

BANKS_ANSWER = timedelta(days=4)  # within three days of the payment; one to spare


@dataclass(frozen=True)
class Booking:
    """The rows of one booking and the words of its language, read together."""

    appointment: Appointment
    payment: Payment
    doctor: Doctor
    patient: Person
    refunds: list[Refund]
    trail: list[AuditEntry]
    dependent: Dependent | None = None
    words: Words = field(default_factory=Words)
    declined: str = ""  # Razorpay's code for it, read where the language has no words of Razorpay's

    @property
    def for_whom(self) -> str:
        """The name of the person whose visit it is."""
        name = self.dependent.name if self.dependent else self.patient.name
        return shown_name(name, erased=self.patient.erased_at is not None)


def load(
    tx: Session, *where: object, newest_first: bool = False, limit: int = 200, offset: int = 0
) -> list[Booking]:
    """The bookings that match, with everything a view needs, in four queries for any number of them.

    They are viewed in the language in which they are loaded.
    """
    order = (
        col(Appointment.starts_at),
        col(Appointment.id),
    )  # two at one time keep their places on every page
    rows = tx.exec(
        select(Appointment, Payment, Doctor, Person)
        .join(Payment, col(Payment.appointment_id) == Appointment.id)
        .join(Doctor, col(Doctor.id) == Appointment.doctor_id)
        .join(Person, col(Person.id) == Appointment.patient_id)
        .where(*where)  # type: ignore[arg-type]  # any SQL condition; sqlmodel's stubs name only some
        .order_by(*(one.desc() if newest_first else one for one in order))
        .offset(offset)
        .limit(limit)
    ).all()
    refunds = tx.exec(select(Refund).where(col(Refund.payment_id).in_([p.id for _, p, *_ in rows]))).all()
    subjects = [audit.booking(pk(a)) for a, *_ in rows]
    trail = tx.exec(
        select(AuditEntry).where(col(AuditEntry.subject).in_(subjects)).order_by(col(AuditEntry.seq))
    ).all()
    wanted = {a.dependent_id for a, *_ in rows} - {None}
    family = tx.exec(select(Dependent).where(col(Dependent.id).in_(wanted))).all() if wanted else []
    words = clinic_words.words(tx)
    declined = _declined(tx, [p for _, p, *_ in rows])
    return [
        Booking(
            a,
            p,
            d,
            person,
            [r for r in refunds if r.payment_id == p.id],
            [e for e in trail if e.subject == audit.booking(pk(a))],
            next((one for one in family if one.id == a.dependent_id), None),
            words,
            declined.get(pk(p), ""),
        )
        for a, p, d, person in rows
    ]


def _declined(tx: Session, payments: Sequence[Payment]) -> dict[int, str]:
    """The newest code for which Razorpay declined each payment; none in English, which has Razorpay's own words."""
    asked = [pk(one) for one in payments if one.failure_kind is PaymentFailure.DECLINED]
    if spoken() == FIRST or not asked:
        return {}
    query = select(PaymentAttempt.payment_id, PaymentAttempt.error_reason).where(
        col(PaymentAttempt.payment_id).in_(asked), PaymentAttempt.status == AttemptStatus.FAILED
    )
    return dict(tx.exec(query.order_by(col(PaymentAttempt.id))).all())


def _still_meant(a: Appointment) -> bool:
    return a.status in (AppointmentStatus.PENDING_PAYMENT, AppointmentStatus.CONFIRMED)


def _waits_for_bank(b: Booking) -> bool:
    return b.payment.status is PaymentStatus.AUTHORIZED


def phase(b: Booking, now: datetime) -> str:
    """The one state that the status page shows large."""
    a, p = b.appointment, b.payment
    if a.status in (AppointmentStatus.PENDING_PAYMENT, AppointmentStatus.FAILED) and _waits_for_bank(b):
        return "checking"
    if a.status is AppointmentStatus.PENDING_PAYMENT:
        return "holding" if holds.is_held(a, now) else "expired"
    if a.status is AppointmentStatus.FAILED:
        if p.status is PaymentStatus.CAPTURED and refund_text.owed_paise(b.refunds):
            return "refund_failed"
        if p.status in (PaymentStatus.REFUND_PENDING, PaymentStatus.CAPTURED):
            return "refund_held" if refund_text.waiting(b.refunds) else "refund_due"
        if p.status in (PaymentStatus.REFUNDED, PaymentStatus.PARTIALLY_REFUNDED):
            return "refunded"
        if a.status_cause is Cause.DAY_CLOSED:
            return "closed"
        return "expired" if a.status_cause in (Cause.HOLD_EXPIRED, Cause.LET_GO) else "failed"
    return a.status.value


def _worth_asking(b: Booking, now: datetime) -> bool:
    """True while the payment window was opened for an order, and no money of it is known.

    The window may have closed on a payment of which no message came, and a bank may agree days after it refused.
    """
    a, p = b.appointment, b.payment
    if not p.gateway_order_id or p.status in HAS_MONEY:
        return False
    opened = max(filter(None, (p.opened_at, a.held_at)), default=a.created_at)
    return p.status is PaymentStatus.AUTHORIZED or now - opened < BANKS_ANSWER


HEADLINES = {
    "holding": N_("Your time is held"),
    "checking": N_("Checking with your bank"),
    "confirmed": N_("You're booked"),
    "completed": N_("Visit completed"),
    "no_show": N_("Marked as missed"),
    "failed": N_("Your payment didn't go through"),
    "expired": N_("The hold ended"),
    "closed": N_("The doctor is away then"),
    "cancelled": N_("Visit cancelled"),
    "refund_due": N_("Your money is on its way back"),
    "refund_held": N_("Your bank is looking into this payment"),
    "refund_failed": N_("Your refund needs our help"),
    "refunded": N_("Your money was sent back"),
}
SENTENCES = {
    "holding": N_("{doctor} is held for you on {when}. Pay {fee} to confirm it."),
    "checking": N_(
        "Your payment reached your bank and we are waiting for its answer. This page changes by itself; "
        "there is nothing you need to do."
    ),
    "confirmed": N_("{doctor} expects you on {when}."),
    "completed": N_("You saw {doctor} on {when}."),
    "no_show": N_("{doctor} was expecting you on {when}. Call us if that is a mistake."),
    "failed": N_("{when} was freed. Try again, or pick another time."),
    "expired": N_("{when} is no longer held for you. Hold it again, or pick another time."),
    "closed": N_("{doctor} sees nobody on {when} after all, so your hold ended. Pick another time."),
    "cancelled": N_("Your visit to {doctor} on {when} will not take place."),
}
OF_DEPENDENT = {
    "confirmed": N_("{doctor} expects {patient} on {when}."),
    "completed": N_("{patient} saw {doctor} on {when}."),
    "no_show": N_("{doctor} was expecting {patient} on {when}. Call us if that is a mistake."),
    "cancelled": N_("{patient}'s visit to {doctor} on {when} will not take place."),
}
UNPAID = {
    "failed": N_("{when} was freed and no payment has reached us. Try again, or pick another time."),
    "expired": N_(
        "{when} is no longer held for you and no payment has reached us. Hold it again, or pick another time."
    ),
    "closed": N_(
        "{doctor} sees nobody on {when} after all, so your hold ended and no payment has reached us. "
        "Pick another time."
    ),
}
"""Said instead, of a booking of which nothing is known to be paid."""

LAPSED = N_("the bank's promise was not taken up in time.")


def view(b: Booking, now: datetime) -> AppointmentView:
    """The booking as its patient sees it at `now`."""
    a, p, d, zone, said = b.appointment, b.payment, b.doctor, settings().zone, b.words.said
    now_phase = phase(b, now)
    when = instant_label(a.starts_at, zone)
    day: date = a.starts_at.astimezone(zone).date()
    return AppointmentView(
        id=pk(a),
        reference=a.reference,
        phase=now_phase,
        status=a.status.value,
        payment_status=p.status.value,
        headline=_(HEADLINES[now_phase]),
        sentence=_sentence(b, now_phase, when),
        doctor_id=a.doctor_id,
        doctor_slug=d.slug,
        doctor_name=d.name,
        doctor_initials=initials(d.name),
        doctor_tint=tint(d.name),
        speciality=said(d.speciality),
        city=said(d.city),
        area=said(d.area),
        address=said(d.address),
        map_place=place.line(d.address, d.city),
        slot_id=a.slot_id,
        starts_at=iso(a.starts_at),
        ends_at=iso(a.ends_at),
        date=day.isoformat(),
        date_label=day_label(day),
        time_label=clock_label(a.starts_at, zone),
        when_label=when,
        in_label=distance_label(a.starts_at - now) if a.starts_at > now and _still_meant(a) else "",
        patient_name=b.for_whom,
        dependent_id=a.dependent_id or 0,
        relation_label=relation_label(b.dependent.relation) if b.dependent else "",
        reason=a.reason,
        timeline=patient_timeline.lines(b.trail),
        moved=a.moved,
        moved_from=moved_from(b),
        fee_paise=a.fee_paise,
        fee_label=rupees(a.fee_paise),
        currency=p.currency,
        worth_asking=_worth_asking(b, now),
        receipts=_receipts(b),
        gateway_order_id=p.gateway_order_id or "",
        gateway_payment_id=p.gateway_payment_id or "",
        method_label=method_label(p.method, p.method_detail),
        paid_paise=p.captured_paise,
        refunded_paise=p.refunded_paise,
        money_label=_money_label(p),
        refund_label=refund_text.label(p, b.refunds),
        **_choices(b, now, now_phase),
    )


def _receipts(b: Booking) -> list[PdfLink]:
    """Links to the receipt and the credit notes; each is issued when it is first asked for (services/receipts)."""
    if b.payment.captured_at is None:
        return []
    mine = f"/api/appointments/{b.appointment.id}"
    of_visit = b.payment.gateway_payment_id or ""
    back = [r for r in b.refunds if r.status is RefundStatus.PROCESSED and r.gateway_payment_id == of_visit]
    notes = [
        PdfLink(
            _("Credit note, {amount} (PDF)", amount=rupees(one.amount_paise)),
            f"{mine}/credit-notes/{one.id}.pdf",
        )
        for one in sorted(back, key=pk)
    ]
    return [PdfLink(_("Receipt (PDF)"), f"{mine}/receipt.pdf"), *notes]


class _Choices(TypedDict):
    hold_expires_at: str
    hold_seconds_left: int
    held_until: str
    can_pay: bool
    can_try_again: bool
    can_cancel: bool
    cancel_quote: str
    cancel_refund_paise: int
    cancel_changes_at: str
    refund_rule: str
    can_reschedule: bool
    too_late: str


def _choices(b: Booking, now: datetime, now_phase: str) -> _Choices:
    """The patient's choices at `now`, with their ends and their refunds."""
    a = b.appointment
    quote = terms.cancel_quote(a, b.payment, b.refunds, now)
    holding = now_phase == "holding" and a.hold_expires_at is not None
    return {
        "hold_expires_at": iso(a.hold_expires_at) if holding and a.hold_expires_at else "",
        "hold_seconds_left": _seconds_left(a, now) if holding else 0,
        "held_until": clock_label(a.hold_expires_at, settings().zone)
        if holding and a.hold_expires_at
        else "",
        "can_pay": holding,
        "can_try_again": now_phase in ("failed", "expired") and a.starts_at > terms.earliest_start(now),
        "can_cancel": quote is not None,
        "cancel_quote": quote.sentence if quote else "",
        "cancel_refund_paise": quote.refund_paise if quote else 0,
        "cancel_changes_at": iso(quote.changes_at) if quote else "",
        "refund_rule": terms.rule(a, b.payment, b.refunds, now),
        "can_reschedule": terms.can_reschedule(a, now),
        "too_late": terms.too_late(a, quote is not None, now),
    }


def _money_label(payment: Payment) -> str:
    if not payment.captured_paise:
        return ""
    paid = rupees(payment.captured_paise)
    if not payment.refunded_paise:
        return _("{paid} paid", paid=paid)
    return _("{paid} paid, {refunded} refunded", paid=paid, refunded=rupees(payment.refunded_paise))


def _sentence(b: Booking, now_phase: str, when: str) -> str:
    """The phase in words: one or more whole sentences, about money only what the ledger holds."""
    if now_phase == "refund_failed":
        return refund_text.owed(refund_text.owed_paise(b.refunds))
    if now_phase == "refund_due":
        return " ".join((_came_late(b, when), _("It goes back to you.")))
    if now_phase == "refund_held":
        return f"{_came_late(b, when)} {refund_text.waiting(b.refunds)}"
    if now_phase == "refunded":
        return f"{_came_late(b, when)} {_given_back(b.payment)}"
    sentence = SENTENCES[now_phase]
    if not b.payment.captured_paise:
        sentence = UNPAID.get(now_phase, sentence)
    if b.dependent is not None:
        sentence = OF_DEPENDENT.get(now_phase, sentence)
    said = _(
        sentence, doctor=b.doctor.name, when=when, fee=rupees(b.appointment.fee_paise), patient=b.for_whom
    )
    return _bank_words(b, now_phase) + said


def _came_late(b: Booking, when: str) -> str:
    if b.appointment.status_cause is Cause.PAID_AND_RETURNED:
        return _("Your payment for {when} was given back before it could confirm the visit.", when=when)
    return _("Your payment arrived when {when} was no longer free.", when=when)


def _given_back(payment: Payment) -> str:
    given = payment.refunded_paise + payment.deducted_paise
    if given < payment.captured_paise:
        return _("{amount} of it was given back.", amount=rupees(given))
    return _("All of it was given back.")


def _bank_words(b: Booking, now_phase: str) -> str:
    """The bank's own reason, as Razorpay words it for customers, to stand before the sentence of the phase."""
    if now_phase != "failed":
        return ""
    if b.payment.failure_kind is PaymentFailure.LAPSED:
        return f"{_(LAPSED)} "
    reason = bank_reasons.said(b.declined, b.payment.failure)
    return f"{reason} " if reason else ""


def _seconds_left(a: Appointment, now: datetime) -> int:
    left = (a.hold_expires_at - now) if a.hold_expires_at else timedelta(0)
    return max(0, int(left.total_seconds()))


def moved_from(b: Booking) -> str:
    """The time before the last move, as a label; empty for a visit that was never moved."""
    made = [e for e in b.trail if e.action == Action.MOVED]
    return instant_label(audit.slot_instant(made[-1].before), settings().zone) if made else ""
