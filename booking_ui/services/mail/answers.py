"""The outcome of a message's last try, in words for the desk."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from booking_ui.db.models import DeliveryStatus, Notification
from booking_ui.domain import remarks
from booking_ui.domain.channel import Channel
from booking_ui.domain.clock import instant_label
from booking_ui.domain.mail_refusal import Refusal
from booking_ui.languages import N_, _

REFUSALS = {
    Refusal.SENDER: N_("The mail server does not send for our address"),
    Refusal.RECIPIENT: N_("The mail server refuses the recipient"),
    Refusal.CONTENT: N_("The mail server refuses the text"),
    Refusal.SIGN_IN: N_("The mail server refuses our password"),
    Refusal.NO_TLS: N_("The mail server offers no TLS"),
    Refusal.SERVER: N_("The mail server answered with an error"),
    Refusal.AWAY: N_("The mail server can't be reached"),
    Refusal.NO_ADDRESS: N_("That is no mail address"),
    Refusal.BROKEN: N_("The mail could not be written"),
    Refusal.TOO_MANY: N_("As many mails as one address may get have left to it"),
    Refusal.LOST: N_("The mail server's answer was lost: it may have taken the mail"),
    Refusal.QUIET: N_("It waits for the morning"),
}
TEXTED = {
    Refusal.RECIPIENT: N_("The provider refuses the number"),
    Refusal.CONTENT: N_("The provider refuses the message"),
    Refusal.SIGN_IN: N_("The provider refuses our key"),
    Refusal.SERVER: N_("The provider answered with an error"),
    Refusal.AWAY: N_("The provider can't be reached"),
    Refusal.NO_ADDRESS: N_("The provider can't send to this number"),
    Refusal.BROKEN: N_("The message could not be written"),
    Refusal.TOO_MANY: N_("As many messages as one number may get have left to it"),
    Refusal.LOST: N_("The provider's answer was lost: it may have sent the message"),
    Refusal.QUIET: N_("It waits until the quiet hours are over"),
}
"""The refusals of SMS and WhatsApp."""


def in_words(row: Notification, zone: ZoneInfo) -> str:
    """One or two sentences: the answer, and the next try if there is one."""
    if row.status is DeliveryStatus.DONE and row.sent_at:
        return _("Sent {time}.", time=instant_label(row.sent_at, zone))
    if row.status is DeliveryStatus.IGNORED:
        return _("Not sent: {why}.", why=remarks.shown(row.last_error))
    said = _refusal(row)
    if row.next_attempt_at is None or not said:
        return said or _("It leaves within seconds.")
    next_try = _("Next try {time}.", time=instant_label(row.next_attempt_at, zone))
    return f"{said} {next_try}"


def _refusal(row: Notification) -> str:
    """The refusal with the kind of error that the log has; empty before the first."""
    known = REFUSALS if row.channel is Channel.MAIL else REFUSALS | TEXTED
    words, error = _(known[row.refusal] if row.refusal else ""), remarks.shown(row.last_error)
    if words and error:
        return _("{refusal} ({error}).", refusal=words, error=error)
    return _("{sentence}.", sentence=words or error) if words or error else ""
