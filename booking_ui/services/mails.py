"""What the mails say. One text each; the HTML is made of it, so the two can't differ."""

from __future__ import annotations

from datetime import datetime
from html import escape

from booking_ui.config import settings
from booking_ui.db.models import Notification
from booking_ui.domain.clock import instant_label
from booking_ui.domain.money import rupees
from booking_ui.domain.payment import RefundStatus
from booking_ui.gateways import mail
from booking_ui.services import calendars, stories

SUBJECTS = {
    "confirmed": "Confirmed: {doctor}, {when}",
    "payment_failed": "Your payment didn't go through",
    "cancelled": "Cancelled: {doctor}, {when}",
    "slot_lost": "Your time was gone when the money arrived: it is on its way back",
    "refunded": "Your refund was sent",
    "reminder": "Reminder: {doctor}, {when}",
    "hold_ends": "{when} is held for you until {until}",
    "unpaid": "{when} with {doctor} is still free",
}
BODIES = {
    "confirmed": "{patient}, your visit to {doctor} is confirmed for {when} at {place}.\n\nPaid: {amount}.",
    "payment_failed": "{patient}, your payment for {doctor}, {when}, didn't go through and the time was freed.\n"
    "If you still want it, try again: {link}",
    "cancelled": "{patient}, your visit to {doctor} on {when} is cancelled. {refund}",
    "slot_lost": "{patient}, your payment of {amount} reached us after {when} with {doctor} was taken by somebody "
    "else. We are sending all of it back; banks may need 5 to 7 days.\nPick another time: {link}",
    "refunded": "{patient}, your refund for {doctor}, {when}, was sent: {refund} Banks may need 5 to 7 days.",
    "reminder": "{patient}, {doctor} expects you on {when} at {place}.\n\nCan't come? Tell us as early as you can: "
    "{link}",
    "hold_ends": "{patient}, {when} with {doctor} is held for you until {until} and not paid yet ({amount}).\n\n"
    "Pay to keep it: {link}\nIf you don't want it any more there is nothing to do.",
    "unpaid": "{patient}, your payment for {doctor}, {when}, didn't go through, and nothing was charged. The time is "
    "still free.\n\nHold it again and pay: {link}\nIf you don't want it any more there is nothing to do.",
}
WITH_CALENDAR = frozenset({"confirmed", "reminder"})


def compose(row: Notification, booking: stories.Booking, now: datetime) -> mail.Message:
    """The mail of a notification, as the booking stands now."""
    words = _words(booking)
    visit = stories.view(booking, now)
    text = BODIES[row.kind].format(**words)
    booked = "" if words["link"] in text else f"\n\nYour booking: {words['link']}"
    entry = mail.Attachment(calendars.file_name(visit), calendars.entry(visit, now=row.created_at))
    return mail.Message(
        to=booking.patient.email,
        subject=SUBJECTS[row.kind].format(**words),
        text=f"{text}{booked}\n\n{settings().merchant_name}\n",
        html=_html(text, words["link"]),
        key=row.key,
        calendar=entry if row.kind in WITH_CALENDAR else None,
    )


def _words(booking: stories.Booking) -> dict[str, str]:
    a, d, zone = booking.appointment, booking.doctor, settings().zone
    return {
        "patient": booking.patient.name,
        "doctor": d.name,
        "when": instant_label(a.starts_at, zone),
        "until": instant_label(a.hold_expires_at, zone) if a.hold_expires_at else "",
        "place": f"{d.address}, {d.city}",
        "amount": rupees(booking.payment.amount_paise),
        "refund": _refund_words(booking),
        "link": f"{settings().base_url}/appointment/{a.reference}/",
    }


def _refund_words(booking: stories.Booking) -> str:
    total = sum(r.amount_paise for r in booking.refunds if r.status is not RefundStatus.FAILED)
    return f"{rupees(total)} goes back to where it was paid from." if total else "Nothing was paid."


def _html(text: str, link: str) -> str:
    """The text in paragraphs and a button; nothing is loaded from anywhere."""
    paragraphs = "".join(
        f'<p style="margin:0 0 16px">{escape(part).replace(chr(10), "<br>")}</p>'
        for part in text.split("\n\n")
    )
    button = (
        f'<p style="margin:24px 0"><a href="{escape(link)}" style="background:{settings().theme_color};color:#fff;'
        'padding:12px 20px;border-radius:8px;text-decoration:none;font-weight:600">See your booking</a></p>'
    )
    return (
        '<!doctype html><html lang="en"><body style="font:16px/1.5 system-ui,sans-serif;color:#1c1917;'
        f'max-width:36rem;margin:0 auto;padding:24px">{paragraphs}{button}'
        f'<p style="margin:0;color:#57534e">{escape(settings().merchant_name)}</p></body></html>'
    )
