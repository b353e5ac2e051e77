"""Mail through SMTP_URL, or into files under DATA_DIR/mail when none is set."""

from __future__ import annotations

import hashlib
import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from booking_ui.config import settings

SMTP_SECONDS = 15


class MailError(Exception):
    """The mail was not accepted now; it may be later."""


@dataclass(frozen=True)
class Message:
    """One plain mail. `key` names the reason for it: the same key is the same mail."""

    to: str
    subject: str
    body: str
    key: str
    reference: str
    calendar: bytes = b""  # an entry for the reader's calendar, and what it asks the calendar to do
    calendar_method: str = ""


def send(message: Message) -> None:
    """Hand the mail over. Raises MailError."""
    mail = EmailMessage()
    mail["From"] = _sender()
    mail["To"] = message.to
    mail["Subject"] = message.subject
    # The same key gives the same id, so that a mailbox shows a repeated delivery once.
    digest = hashlib.sha256(message.key.encode()).hexdigest()[:32]
    mail["Message-ID"] = f"<{digest}@{urlsplit(settings().base_url).hostname}>"
    mail.set_content(message.body)
    if message.calendar:
        how = {"method": message.calendar_method, "charset": "utf-8"}
        mail.add_attachment(
            message.calendar, maintype="text", subtype="calendar", filename="visit.ics", params=how
        )
    try:
        _to_server(mail) if settings().smtp_url else _to_file(mail, digest)
    except (OSError, smtplib.SMTPException) as exc:
        raise MailError(f"{type(exc).__name__}: {exc}") from exc


def _sender() -> str:
    return f"{settings().merchant_name} <no-reply@{urlsplit(settings().base_url).hostname}>"


def _to_file(mail: EmailMessage, digest: str) -> None:
    folder = settings().data_dir / "mail"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{digest}.eml").write_bytes(bytes(mail))


def _to_server(mail: EmailMessage) -> None:
    url = urlsplit(settings().smtp_url)
    host, port = url.hostname or "localhost", url.port or (465 if url.scheme == "smtps" else 587)
    if url.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            host, port, timeout=SMTP_SECONDS, context=ssl.create_default_context()
        )
    else:
        server = smtplib.SMTP(host, port, timeout=SMTP_SECONDS)
    with server:
        if url.scheme == "smtp" and server.has_extn("starttls"):
            server.starttls(context=ssl.create_default_context())
        if url.username:
            server.login(unquote(url.username), unquote(url.password or ""))
        server.send_message(mail)
