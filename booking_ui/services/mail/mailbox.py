"""The mails of a clinic without a mail server: files under DATA_DIR/mail, for the desk to read."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from booking_ui.config.settings import settings
from booking_ui.domain.clock import instant_label
from booking_ui.domain.errors import NotFound
from booking_ui.gateways import mail
from booking_ui.languages import _
from booking_ui.services.views.desk import MailPage, MailRow, MailView

MOST = 200


def list_mails() -> MailPage:
    """The newest 200 mails; none, and `server` true, where mail leaves through SMTP_URL."""
    if not settings().mail_in_files:
        return MailPage(rows=[], total=0, server=True)
    names = mail.names()
    return MailPage(
        rows=[_mail_row(mail.head(name)) for name in names[:MOST]], total=len(names), server=False
    )


def open_mail(*, name: str) -> MailView:
    """One mail of the list. Raises NotFound for a name that is not in it."""
    if not settings().mail_in_files or name not in mail.names():
        raise NotFound(_("That mail is gone."))
    content = mail.content(name)
    return MailView(
        row=_mail_row(mail.head(name)),
        text=content.text if settings().demo_mode else _without_secrets(content.text),
        calendar=content.calendar.content.decode() if content.calendar else "",
        calendar_name=content.calendar.name if content.calendar else "",
    )


def _without_secrets(text: str) -> str:
    """The text without links' tokens and codes: the desk of a real clinic must not open a patient's account with them."""
    return re.sub(r"#[\w-]{43}\b|\b\d{3} \d{3}\b(?=\n)", "…", text)


def _mail_row(one: mail.MailHead) -> MailRow:
    at = datetime.fromtimestamp(one.at, UTC)
    return MailRow(one.name, one.subject, one.to, instant_label(at, settings().zone))
