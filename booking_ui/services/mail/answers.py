"""The outcome of a mail's last try, in words for the desk."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from booking_ui.db.models import DeliveryStatus, Notification
from booking_ui.domain.clock import instant_label
from booking_ui.domain.mail_refusal import Refusal

REFUSALS = {
    Refusal.SENDER: "The mail server does not send for our address",
    Refusal.RECIPIENT: "The mail server refuses the recipient",
    Refusal.CONTENT: "The mail server refuses the text",
    Refusal.SIGN_IN: "The mail server refuses our password",
    Refusal.NO_TLS: "The mail server offers no TLS",
    Refusal.SERVER: "The mail server answered with an error",
    Refusal.AWAY: "The mail server can't be reached",
    Refusal.NO_ADDRESS: "That is no mail address",
    Refusal.BROKEN: "The mail could not be written",
    Refusal.TOO_MANY: "As many mails as one address may get have left to it",
}


def in_words(row: Notification, zone: ZoneInfo) -> str:
    """One or two sentences: the answer, and the next try if there is one."""
    if row.status is DeliveryStatus.DONE and row.sent_at:
        return f"Sent {instant_label(row.sent_at, zone)}."
    if row.status is DeliveryStatus.IGNORED:
        return f"Not sent: {row.last_error}."
    said = _refusal(row)
    if row.next_attempt_at is None or not said:
        return said or "It leaves within seconds."
    return f"{said} Next try {instant_label(row.next_attempt_at, zone)}."


def _refusal(row: Notification) -> str:
    """The refusal with the kind of error that the log has; empty before the first."""
    words = REFUSALS[row.refusal] if row.refusal else ""
    if words and row.last_error:
        return f"{words} ({row.last_error})."
    return f"{words or row.last_error}." if words or row.last_error else ""
