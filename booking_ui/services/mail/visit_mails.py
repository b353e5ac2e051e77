"""The mails about a visit. Each has one text, of which the HTML is made, so that the two can't differ."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from html import escape

from booking_ui.config.settings import settings
from booking_ui.db.models import Notification
from booking_ui.domain.clock import instant_label
from booking_ui.domain.money import rupees
from booking_ui.domain.refund_policy import REFUND_TAKES
from booking_ui.gateways import mail
from booking_ui.services.views import AppointmentView
from booking_ui.services.visits import calendar_entry, patient_view, refund_text

SUBJECTS = {
    "confirmed": "Confirmed: {doctor}, {when}{for_whom}",
    "rescheduled": "Moved: {doctor}, now {when}{for_whom}",
    "payment_failed": "Your payment didn't go through",
    "cancelled": "Cancelled: {doctor}, {when}{for_whom}",
    "slot_lost": "Your time was gone when the money arrived",
    "refunded": "Your refund {done}",
    "reminder": "Reminder: {doctor}, {when}{for_whom}",
    "hold_ends": "{when} is held for you until {until}",
    "unpaid": "{when} with {doctor} is still free",
}
BODIES = {
    "confirmed": "{patient}, {whose} visit to {doctor} is confirmed for {when} at {place}.\n\nPaid: {amount}.{back}",
    "rescheduled": "{patient}, {whose} visit to {doctor} was moved from {before} to {when} at {place}.\n\n"
    "{stays} {rule}",
    "payment_failed": "{patient}, your payment for {doctor}, {when}{for_whom}, didn't go through and the time was "
    "freed.\nIf you still want it, try again: {link}",
    "cancelled": "{patient}, {whose} visit to {doctor} on {when} is cancelled. {refund}",
    "slot_lost": "{patient}, your payment of {amount} reached us when {when} with {doctor}{for_whom} was no longer "
    "free. {refund}{takes}\nPick another time: {link}",
    "refunded": "{patient}, your refund for {doctor}, {when}{for_whom}, {done}: {this}{takes}",
    "reminder": "{patient}, {doctor} expects {who} on {when} at {place}.\n\nCan't come? Tell us as early as you can: "
    "{link}",
    "hold_ends": "{patient}, {when} with {doctor}{for_whom} is held for you until {until} and not paid yet ({amount}).\n\n"
    "Pay to keep it: {link}\nIf you don't want it any more there is nothing to do.",
    "unpaid": "{patient}, {doctor}, {when}{for_whom}, is not paid, so the time is not held for you "
    "any more. It is still free. If a payment still reaches us, you get the time if it is free, or all of your money "
    "back.\n\nHold it again and pay: {link}\nIf you don't want it any more there is nothing to do.",
}
STRANGER, SOMEBODY = "Hello", "your family member"
"""Stand for the patient's and a dependent's name while the address is not confirmed: a stranger may have chosen them."""
CALENDAR = {"confirmed": "REQUEST", "rescheduled": "REQUEST", "reminder": "REQUEST", "cancelled": "CANCEL"}
"""The method (RFC 5546) of the calendar entry in a mail of this kind: REQUEST adds or moves the visit, CANCEL removes it."""


def compose(row: Notification, booking: patient_view.Booking, now: datetime) -> mail.Message:
    visit, method = _named(booking, patient_view.view(booking, now)), CALENDAR.get(row.kind, "")
    words = {**_words(booking, visit), **_money_words(booking, row)}
    text = BODIES[row.kind].format(**words)
    booked = "" if words["link"] in text else f"\n\nYour booking: {words['link']}"
    entry = calendar_entry.entry(visit, now=row.created_at, method=method, attendee=booking.patient.email)
    return mail.Message(
        to=booking.patient.email,
        subject=SUBJECTS[row.kind].format(**words),
        text=f"{text}{booked}\n\n{settings().merchant_name}\n",
        html=page(text, words["link"], "See your booking"),
        key=row.key,
        calendar=mail.Attachment(calendar_entry.file_name(visit), entry, method) if method else None,
    )


def _named(booking: patient_view.Booking, visit: AppointmentView) -> AppointmentView:
    """The visit without a name that a stranger may have chosen, while the address is not confirmed."""
    confirmed = booking.patient.email_verified_at is not None
    return visit if confirmed else replace(visit, patient_name=SOMEBODY)


def _words(booking: patient_view.Booking, visit: AppointmentView) -> dict[str, str]:
    a, d, zone = booking.appointment, booking.doctor, settings().zone
    return {
        "patient": booking.patient.name if booking.patient.email_verified_at else STRANGER,
        "who": visit.patient_name if booking.dependent else "you",
        "whose": f"{visit.patient_name}'s" if booking.dependent else "your",
        "for_whom": calendar_entry.for_whom(visit),
        "doctor": d.name,
        "when": instant_label(a.starts_at, zone),
        "until": instant_label(a.hold_expires_at, zone) if a.hold_expires_at else "",
        "place": f"{d.address}, {d.city}",
        "amount": rupees(booking.payment.amount_paise),
        "before": visit.moved_from,
        "rule": visit.refund_rule,
        "link": f"{settings().base_url}/appointment/{a.reference}/",
    }


def _money_words(booking: patient_view.Booking, row: Notification) -> dict[str, str]:
    """The sentences of a mail about money: the ledger at the moment of sending, each sum by the way it took."""
    p = booking.payment
    returned = refund_text.promise(p, booking.refunds)
    told = [r for r in booking.refunds if row.key.endswith(f":refunded:{r.id}")] or booking.refunds
    handed = bool(told) and all(refund_text.by_hand(r) for r in told)
    return {
        "refund": returned or ("Nothing comes back." if p.captured_paise else "Nothing was paid."),
        "back": f" {returned}" if returned else "",
        "stays": f"You paid {rupees(p.amount_paise)}. {returned}"
        if returned
        else f"Your payment of {rupees(p.amount_paise)} stays as it is.",
        "this": refund_text.promise(p, told),
        "done": "was given by hand" if handed else "was sent",
        "takes": f" It takes {REFUND_TAKES}." if refund_text.any_by_razorpay(told) else "",
    }


def page(text: str, link: str = "", verb: str = "") -> str:
    """The HTML of a text, with a button for the link. It loads nothing: no image, no font, no style sheet."""
    paragraphs = "".join(
        f'<p style="margin:0 0 16px">{escape(part).replace(chr(10), "<br>")}</p>'
        for part in text.split("\n\n")
    )
    button = (
        f'<p style="margin:24px 0"><a href="{escape(link)}" style="background:{settings().theme_color};color:#fff;'
        f'padding:12px 20px;border-radius:8px;text-decoration:none;font-weight:600">{escape(verb)}</a></p>'
    )
    return (
        '<!doctype html><html lang="en"><body style="font:16px/1.5 system-ui,sans-serif;color:#1c1917;'
        f'max-width:36rem;margin:0 auto;padding:24px">{paragraphs}{button if link else ""}'
        f'<p style="margin:0;color:#57534e">{escape(settings().merchant_name)}</p></body></html>'
    )
