"""Mail through SMTP_URL, or into files under DATA_DIR/mail when none is set."""

from __future__ import annotations

import hashlib
import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from itertools import islice
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


def send(message: Message) -> None:
    """Hand the mail over. Raises MailError."""
    mail = EmailMessage()
    mail["From"] = _sender()
    mail["To"] = message.to
    mail["Subject"] = message.subject
    # The same key gives the same id, so that a mailbox shows a repeated delivery once.
    digest = _name(message.key)
    mail["Message-ID"] = f"<{digest}@{urlsplit(settings().base_url).hostname}>"
    mail.set_content(message.body)
    try:
        _to_server(mail) if settings().smtp_url else _to_file(mail, digest)
    except (OSError, smtplib.SMTPException) as exc:
        raise MailError(_why(exc)) from None  # what the server says repeats the address


def _why(exc: OSError | smtplib.SMTPException) -> str:
    """The kind of trouble and the server's number for it, without anybody's address."""
    number = getattr(exc, "smtp_code", None) or getattr(exc, "errno", None)
    if isinstance(exc, smtplib.SMTPRecipientsRefused):
        number = next((answer[0] for answer in exc.recipients.values()), None)
    return f"{type(exc).__name__} {number}" if number else type(exc).__name__


def forget(keys: Sequence[str]) -> None:
    """Remove the files of these mails; what went through a mail server is no longer ours."""
    for key in keys:
        (settings().data_dir / "mail" / f"{_name(key)}.eml").unlink(missing_ok=True)


def forget_before(instant: datetime, *, limit: int = 1000) -> int:
    """Remove mail files last written before `instant`; how many."""
    old = (p for p in (settings().data_dir / "mail").glob("*.eml") if p.stat().st_mtime < instant.timestamp())
    removed = 0
    for path in islice(old, limit):
        path.unlink(missing_ok=True)
        removed += 1
    return removed


def _name(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:32]


def _sender() -> str:
    return f"{settings().merchant_name} <no-reply@{urlsplit(settings().base_url).hostname}>"


def _to_file(mail: EmailMessage, digest: str) -> None:
    folder = settings().data_dir / "mail"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{digest}.eml"
    path.touch(mode=0o600)  # a mail may open an account
    path.write_bytes(bytes(mail))


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
