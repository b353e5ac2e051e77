"""The mails of a clinic without a mail server: files under DATA_DIR/mail, for the desk to read."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from booking_ui.config.settings import settings
from booking_ui.domain.clock import instant_label
from booking_ui.domain.errors import NotFound
from booking_ui.gateways import mail
from booking_ui.services.views import MailPage, MailRow, MailView

MOST = 200


def listed() -> MailPage:
    """The newest mails first, 200 at most; none, and `server` true, where mail leaves through SMTP_URL."""
    if not settings().mail_in_files:
        return MailPage(rows=[], total=0, server=True)
    names = mail.names()
    return MailPage(rows=[_row(mail.head(name)) for name in names[:MOST]], total=len(names), server=False)


def opened(*, name: str) -> MailView:
    """One mail of the list. Raises NotFound, also for any name that is not in it."""
    if not settings().mail_in_files or name not in mail.names():
        raise NotFound("That mail is gone.")
    content = mail.content(name)
    return MailView(
        row=_row(mail.head(name)),
        text=content.text if settings().demo_mode else _without_keys(content.text),
        calendar=content.calendar.content.decode() if content.calendar else "",
        calendar_name=content.calendar.name if content.calendar else "",
    )


def _without_keys(text: str) -> str:
    """The desk of a real clinic may read what was mailed, not open the account it was mailed about."""
    return re.sub(r"#[\w-]{43}\b|\b\d{3} \d{3}\b(?=\n)", "…", text)


def _row(one: mail.Written) -> MailRow:
    at = datetime.fromtimestamp(one.at, UTC)
    return MailRow(one.name, one.subject, one.to, instant_label(at, settings().zone))
