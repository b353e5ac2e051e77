"""The mails about a visit: a text and a card, as plain text and as HTML (letter.py), and the visit for the calendar."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from booking_ui.config.settings import settings
from booking_ui.db.models import Notification, Refund
from booking_ui.domain.clock import instant_label
from booking_ui.domain.money import rupees
from booking_ui.gateways import mail
from booking_ui.languages import N_, _
from booking_ui.services.mail import letter, outdated, visit_card
from booking_ui.services.views import AppointmentView
from booking_ui.services.visits import calendar_entry, patient_view, place, refund_text

SUBJECTS = {
    "confirmed": N_("Confirmed: {visit}"),
    "rescheduled": N_("Moved: {doctor}, now {time}"),
    "payment_failed": N_("Your payment didn't go through"),
    "cancelled": N_("Cancelled: {visit}"),
    "slot_lost": N_("Your time was gone when the money arrived"),
    "refunded": N_("Your refund was sent"),
    "refund_failed": N_("Your refund has not gone through yet"),
    "day_closed": N_("The doctor is away: {slot}"),
    "reminder": N_("Reminder: {visit}"),
    "hold_made": N_("Please pay for {visit}"),
    "hold_ends": N_("{when} is held for you until {until}"),
    "unpaid": N_("{when} with {doctor} is still free"),
}
BODIES = {
    "confirmed": N_(
        "{patient}, your visit to {doctor} is confirmed for {when} at {place}.\n\nPaid: {amount}. {back}"
    ),
    "rescheduled": N_(
        "{patient}, your visit to {doctor} was moved from {before} to {when} at {place}.\n\n{stays} {rule}"
    ),
    "payment_failed": N_(
        "{patient}, your payment for {visit}, didn't go through and the time was freed.\n"
        "If you still want it, try again: {link}"
    ),
    "cancelled": N_("{patient}, your visit to {doctor} on {when} is cancelled. {refund}"),
    "slot_lost": N_(
        "{patient}, your payment of {amount} reached us when {slot} was no longer free. {refund}\n"
        "Pick another time: {link}"
    ),
    "refunded": N_("{patient}, your refund for {visit}, was sent: {this}"),
    "refund_failed": N_("{patient}, your refund for {visit}, has not gone through. {this}"),
    "day_closed": N_(
        "{patient}, {doctor} sees nobody on {when} after all, so your hold has ended. {refund}\n"
        "Pick another time: {link}"
    ),
    "reminder": N_(
        "{patient}, {doctor} expects you on {when} at {place}.\n\n"
        "Can't come? Tell us as early as you can: {link}"
    ),
    "hold_made": N_(
        "{patient}, our desk holds {slot} for you until {until}. Pay {amount} by then to confirm it.\n\n"
        "See it and pay: {link}\nIf you don't want it there is nothing to do: the time is free again then."
    ),
    "hold_ends": N_(
        "{patient}, {slot} is held for you until {until} and not paid yet ({amount}).\n\n"
        "Pay to keep it: {link}\nIf you don't want it any more there is nothing to do."
    ),
    "unpaid": N_(
        "{patient}, {visit}, is not paid, so the time is not held for you any more. It is still free. "
        "If a payment still reaches us, you get the time if it is free, or all of your money back.\n\n"
        "Hold it again and pay: {link}\nIf you don't want it any more there is nothing to do."
    ),
}
OF_DEPENDENT = {
    "confirmed": N_(
        "{patient}, {person}'s visit to {doctor} is confirmed for {when} at {place}.\n\nPaid: {amount}. {back}"
    ),
    "rescheduled": N_(
        "{patient}, {person}'s visit to {doctor} was moved from {before} to {when} at {place}.\n\n{stays} {rule}"
    ),
    "cancelled": N_("{patient}, {person}'s visit to {doctor} on {when} is cancelled. {refund}"),
    "reminder": N_(
        "{patient}, {doctor} expects {person} on {when} at {place}.\n\n"
        "Can't come? Tell us as early as you can: {link}"
    ),
}
"""Texts about the visit of a dependent, where they are others than those about the patient's own."""
BY_HAND = (
    N_("Your refund was given by hand"),
    N_("{patient}, your refund for {visit}, was given by hand: {this}"),
)
"""Subject and text about a refund for which Razorpay was not needed."""
STRANGER, SOMEBODY = N_("Hello"), N_("your family member")
"""Stand for the patient's and a dependent's name while the address is not confirmed: a stranger may have chosen them."""
CALENDAR = {"confirmed": "REQUEST", "rescheduled": "REQUEST", "reminder": "REQUEST", "cancelled": "CANCEL"}
"""The method (RFC 5546) of the calendar entry in a mail of this kind: REQUEST adds or moves the visit, CANCEL removes it."""


def compose(row: Notification, booking: patient_view.Booking, now: datetime) -> mail.Message:
    """The mail in the language that is spoken, for a patient who has an address."""
    address = booking.patient.email or ""
    visit = _named(booking, patient_view.view(booking, now))
    words = {**_words(booking, visit), **_money_words(booking, row)}
    subject, body = _texts(booking, row)
    text = _(body, **words).rstrip()
    if row.words:
        text += "\n\n" + _("The clinic says: {words}", words=row.words)
    whole = letter.Letter(
        text,
        actions=visit_card.actions(row.kind, booking, visit),
        facts=visit_card.facts(row.kind, booking, visit),
        footer=visit_card.footer(),
    )
    return mail.Message(
        to=address,
        subject=_(subject, **words),
        text=letter.plain(whole),
        html=letter.html(whole),
        key=row.key,
        calendar=_calendar(booking, visit, CALENDAR[row.kind], row.created_at)
        if row.kind in CALENDAR
        else None,
    )


def _calendar(
    booking: patient_view.Booking, visit: AppointmentView, method: str, made_at: datetime
) -> mail.Attachment:
    patient = booking.patient
    name = patient.name if patient.email_verified_at else ""
    invitation = calendar_entry.Invitation(method, patient.email or "", name)
    entry = calendar_entry.entry(visit, now=made_at, invitation=invitation)
    return mail.Attachment(calendar_entry.file_name(visit), entry, method)


def _texts(booking: patient_view.Booking, row: Notification) -> tuple[str, str]:
    """The subject and the text in English, their places open."""
    if row.kind == "refunded" and _handed(_told(booking, row)):
        return BY_HAND
    body = BODIES[row.kind]
    return SUBJECTS[row.kind], OF_DEPENDENT.get(row.kind, body) if booking.dependent else body


def _named(booking: patient_view.Booking, visit: AppointmentView) -> AppointmentView:
    """The visit without a name that a stranger may have chosen, while the address is not confirmed."""
    confirmed = booking.patient.email_verified_at is not None
    return visit if confirmed else replace(visit, patient_name=_(SOMEBODY))


def _words(booking: patient_view.Booking, visit: AppointmentView) -> dict[str, str]:
    a, d, zone = booking.appointment, booking.doctor, settings().zone
    when = instant_label(a.starts_at, zone)
    return {
        "patient": booking.patient.name if booking.patient.email_verified_at else _(STRANGER),
        "person": visit.patient_name,
        "doctor": d.name,
        "when": when,
        **_visit_words(visit, d.name, when),
        "until": instant_label(a.hold_expires_at, zone) if a.hold_expires_at else "",
        "place": place.line(visit.address, visit.city),
        "amount": rupees(booking.payment.amount_paise),
        "before": visit.moved_from,
        "rule": visit.refund_rule,
        "link": calendar_entry.page(visit),
    }


def _visit_words(visit: AppointmentView, doctor: str, when: str) -> dict[str, str]:
    """The visit in words: its time, its doctor and, if it is not the patient, the person who comes."""
    if not visit.dependent_id:
        return {
            "time": when,
            "visit": f"{doctor}, {when}",
            "slot": _("{when} with {doctor}", when=when, doctor=doctor),
        }
    person = visit.patient_name
    return {
        "time": _("{when} (for {person})", when=when, person=person),
        "visit": _("{doctor}, {when} (for {person})", doctor=doctor, when=when, person=person),
        "slot": _("{when} with {doctor} (for {person})", when=when, doctor=doctor, person=person),
    }


def _money_words(booking: patient_view.Booking, row: Notification) -> dict[str, str]:
    """The sentences of a mail about money: the ledger at the moment of sending, each sum by the way it took."""
    p = booking.payment
    returned = refund_text.promise(p, booking.refunds)
    told = _told(booking, row)
    takes = refund_text.takes() if refund_text.any_by_razorpay(told) else ""
    refund = returned or (_("Nothing comes back.") if p.captured_paise else _("Nothing was paid."))
    return {
        "refund": _joined(refund, takes if row.kind == "slot_lost" else ""),
        "back": returned,
        "stays": _joined(_("You paid {amount}.", amount=rupees(p.amount_paise)), returned)
        if returned
        else _("Your payment of {amount} stays as it is.", amount=rupees(p.amount_paise)),
        "this": _joined(refund_text.promise(p, told), takes),
    }


def _told(booking: patient_view.Booking, row: Notification) -> list[Refund]:
    return outdated.refunds_told(row, booking.refunds)


def _handed(told: list[Refund]) -> bool:
    return bool(told) and all(refund_text.by_hand(r) for r in told)


def _joined(*sentences: str) -> str:
    return " ".join(filter(None, sentences))
