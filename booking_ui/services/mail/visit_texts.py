"""The SMS and WhatsApp messages about a visit: one short text a kind, and its values for a provider's own template.

In English each fits one SMS of 160 characters with names of usual length: ₹ would more than halve that, so it is Rs there.
"""

from __future__ import annotations

from collections.abc import Mapping

from booking_ui.config.settings import settings
from booking_ui.config.text_addresses import text_templates
from booking_ui.db.clinic_words import Words
from booking_ui.db.models import Notification
from booking_ui.domain.channel import Channel
from booking_ui.domain.clock import clock_label, instant_label
from booking_ui.domain.money import rupees
from booking_ui.domain.payment import RefundStatus
from booking_ui.gateways.texts import Text
from booking_ui.languages import FIRST, N_, _, speaking, spoken
from booking_ui.services.mail import outdated, stop_links
from booking_ui.services.visits import patient_view, place, refund_text, visit_link

BODIES = {
    "confirmed": N_("Confirmed: {doctor}, {when}, {place}. {link}"),
    "rescheduled": N_("Moved: {doctor}, now {when}, not {before}. {link}"),
    "payment_failed": N_(
        "Your payment for {doctor}, {when} didn't go through; the time is free again. Try again: {link}"
    ),
    "cancelled": N_("Cancelled: {doctor}, {when}. {money} {link}"),
    "slot_lost": N_("Your payment came when {when} with {doctor} was taken. {money} Other times: {link}"),
    "refunded": N_("Refund sent: {amount} for {doctor}, {when}. {link}"),
    "refund_failed": N_(
        "Your refund of {amount} has not gone through. We know and send it again. Questions? Call {support}."
    ),
    "reminder": N_("Reminder: {doctor}, {when}. Can't come? {link} Stop: {stop}"),
    "reminder_soon": N_("Soon: {doctor}, {when}, {place}. {link}"),
    "hold_made": N_("{doctor}, {when} is held for you until {until}. See it and pay {amount}: {link}"),
    "hold_ends": N_("{doctor}, {when} is held for you until {until}. Pay {amount} to keep it: {link}"),
    "day_closed": N_("{doctor} is away on {when}, so your hold has ended. Other times: {link}"),
}
OF_DEPENDENT = {
    "confirmed": N_("Confirmed for {person}: {doctor}, {when}, {place}. {link}"),
    "rescheduled": N_("Moved for {person}: {doctor}, now {when}, not {before}. {link}"),
    "cancelled": N_("Cancelled for {person}: {doctor}, {when}. {money} {link}"),
    "hold_made": N_("{doctor}, {when} is held for {person} until {until}. See it and pay {amount}: {link}"),
    "reminder": N_("Reminder for {person}: {doctor}, {when}. Can't come? {link} Stop: {stop}"),
    "reminder_soon": N_("Soon, for {person}: {doctor}, {when}, {place}. {link}"),
}
"""Texts about the visit of a dependent, where they are others than those about the patient's own."""
BY_HAND = N_("Refund given by hand: {amount} for {doctor}, {when}. {link}")
"""Of a refund for which Razorpay was not needed."""
MOST_WORDS = 100  # of the clinic's own; the page and the mail have all of them


def compose(row: Notification, booking: patient_view.Booking) -> Text:
    """The text in the language that is spoken, or in English where the provider has a template in English alone."""
    language, template = chosen_template(row.channel, row.kind)
    with speaking(language):
        words = _words(row, booking)
        body = " ".join(_(_body(row, booking), **words).split())
        if row.words:
            body += " " + _("The clinic says: {words}", words=words["reason"])
    return Text(
        to=booking.patient.phone,
        body=body,
        channel=row.channel,
        template=template,
        language=language,
        values=words,
        key=row.key,
    )


def chosen_template(channel: Channel, kind: str) -> tuple[str, str]:
    """(language, id): the template in the spoken language, else in English; an empty id where none is registered."""
    known = text_templates(
        settings().whatsapp_templates if channel is Channel.WHATSAPP else settings().sms_templates
    )
    if not known or (kind, spoken()) in known:
        return spoken(), known.get((kind, spoken()), "")
    return FIRST, known.get((kind, FIRST), "")


def _body(row: Notification, booking: patient_view.Booking) -> str:
    told = outdated.refunds_told(row, booking.refunds)
    if row.kind == "refunded" and told and all(refund_text.by_hand(one) for one in told):
        return BY_HAND
    body = BODIES[row.kind]
    return OF_DEPENDENT.get(row.kind, body) if booking.dependent else body


def _words(row: Notification, booking: patient_view.Booking) -> dict[str, str]:
    """A value for each place of a body and of a provider's address (config/text_addresses.PLACES)."""
    a, d, zone = booking.appointment, booking.doctor, settings().zone
    said = Words().said if spoken() == FIRST else booking.words.said  # the template may be in English alone
    return {
        "patient": booking.patient.name,
        "person": booking.for_whom,
        "doctor": d.name,
        "when": instant_label(a.starts_at, zone),
        "before": patient_view.moved_from(booking),
        "until": clock_label(a.hold_expires_at, zone) if a.hold_expires_at else "",
        "place": place.line(said(d.address), said(d.city)),
        **_money_words(row, booking),
        "reason": _shortened(row.words),
        "code": "",
        "link": visit_link.address(a),
        "stop": stop_links.address(booking.patient, row.channel),
        **clinic_words(),
    }


def clinic_words() -> Mapping[str, str]:
    return {"clinic": settings().merchant_name, "support": settings().support_phone}


def _money_words(row: Notification, booking: patient_view.Booking) -> dict[str, str]:
    """The amount that the message is about, and the sentence about what goes back; empty when nothing does."""
    told = outdated.refunds_told(row, booking.refunds)
    about_refund = row.kind in ("refunded", "refund_failed")
    paise = sum(one.amount_paise for one in told) if about_refund else booking.payment.amount_paise
    back = sum(one.amount_paise for one in booking.refunds if one.status is not RefundStatus.FAILED)
    return {
        "amount": _amount(paise),
        "money": _("{amount} goes back to you.", amount=_amount(back)) if back else "",
    }


def _amount(paise: int) -> str:
    return rupees(paise).replace("₹", "Rs ") if spoken() == FIRST else rupees(paise)


def _shortened(words: str) -> str:
    return words if len(words) <= MOST_WORDS else f"{words[: MOST_WORDS - 3].rstrip()}..."
