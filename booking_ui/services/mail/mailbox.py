"""The mails and texts of a clinic without a mail server or SMS_URL: files in DATA_DIR, for the desk to read."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from booking_ui.config.settings import settings
from booking_ui.domain.clock import instant_label
from booking_ui.domain.errors import NotFound
from booking_ui.domain.people.person import spaced_phone
from booking_ui.gateways import mail, texts
from booking_ui.languages import _
from booking_ui.services.views.desk import MailPage, MailRow, MailView

MOST = 200


def list_mails() -> MailPage:
    """The newest 200 mails and texts in files; none, and `server` true, where all leave through a server or provider."""
    mails, written = _mail_names(), _text_names()
    rows = [_mail_row(mail.head(name)) for name in mails[:MOST]]
    rows += [_text_row(texts.content(name)) for name in written[:MOST]]
    newest = [row for _at, row in sorted(rows, key=lambda one: one[0], reverse=True)[:MOST]]
    return MailPage(
        rows=newest,
        total=len(mails) + len(written),
        server=not settings().mail_in_files and not written,
    )


def open_mail(*, name: str) -> MailView:
    """One mail or text of the list. Raises NotFound for a name that is not in it."""
    if name in _text_names():
        found = texts.content(name)
        return MailView(row=_text_row(found)[1], text=_shown(found.body, _CODE))
    if name not in _mail_names():
        raise NotFound(_("That mail is gone."))
    content = mail.content(name)
    return MailView(
        row=_mail_row(mail.head(name))[1],
        text=_shown(content.text, _MAILED),
        calendar=content.calendar.content.decode() if content.calendar else "",
        calendar_name=content.calendar.name if content.calendar else "",
    )


def _mail_names() -> list[str]:
    return mail.names() if settings().mail_in_files else []


def _text_names() -> list[str]:
    return texts.names() if settings().sms_in_files else []


_MAILED = r"#[\w-]{43}\b|\b\d{3} \d{3}\b(?=\n)"
_CODE = r"\b\d{6}\b"


def _shown(text: str, secrets: str) -> str:
    """The text; at a real clinic without links' tokens and codes, with which the desk could open a patient's account."""
    if settings().demo_mode:
        return text
    return re.sub(secrets, "…", text)


def _mail_row(one: mail.MailHead) -> tuple[float, MailRow]:
    return one.at, MailRow(one.name, one.subject, one.to, _written(one.at))


def _text_row(one: texts.TextFile) -> tuple[float, MailRow]:
    """A text has no subject: it is short enough to stand there itself."""
    return one.at, MailRow(one.name, _shown(one.body, _CODE), spaced_phone(one.to), _written(one.at))


def _written(at: float) -> str:
    return instant_label(datetime.fromtimestamp(at, UTC), settings().zone)
