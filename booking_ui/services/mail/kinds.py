"""The kinds of messages: in words, for the desk, and the channels that each goes by."""

from __future__ import annotations

from booking_ui.domain.channel import Channel
from booking_ui.languages import N_

LABELS = {
    "confirmed": N_("Visit confirmed"),
    "rescheduled": N_("Visit moved"),
    "payment_failed": N_("Payment failed"),
    "cancelled": N_("Visit cancelled"),
    "slot_lost": N_("Money came too late"),
    "refunded": N_("Refund sent"),
    "refund_failed": N_("Refund not gone through"),
    "reminder": N_("Reminder of a visit"),
    "reminder_soon": N_("Visit in two hours"),
    "hold_ends": N_("Hold ends soon"),
    "day_closed": N_("Doctor away after all"),
    "unpaid": N_("Time still free"),
    "verify_mail": N_("Confirm the email"),
    "reset_password": N_("Choose a new password"),
    "sign_in_code": N_("Sign-in code"),
    "email_code": N_("Code for a new email"),
    "erase_code": N_("Code to erase the account"),
    "email_changed": N_("Email changed"),
    "number_changed": N_("Number changed"),
    "password_changed": N_("Password changed"),
    "staff_invited": N_("Sign-in at the clinic"),
    "case_opened": N_("Cases at the desk"),
}

CHANNELS = {Channel.MAIL: N_("Mail"), Channel.SMS: N_("SMS"), Channel.WHATSAPP: N_("WhatsApp")}
"""Their names for people."""

ONLY_TEXTED = frozenset({"reminder_soon"})
"""Of no use in a mailbox."""

ONLY_MAILED = frozenset({"unpaid"})
"""Of no use to a telephone that was just told of the failed payment."""


def goes_by(kind: str, channel: Channel) -> bool:
    """True for a kind of message about a visit that this channel carries."""
    return kind not in (ONLY_TEXTED if channel is Channel.MAIL else ONLY_MAILED)
