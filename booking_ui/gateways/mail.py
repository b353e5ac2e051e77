"""Mail through SMTP_URL, or into files under DATA_DIR/mail when none is set."""

from __future__ import annotations

import hashlib
import os
import re
import smtplib
import ssl
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import localtime
from itertools import islice
from urllib.parse import unquote, urlsplit

from booking_ui.config.notations import is_local, mail_box
from booking_ui.config.settings import settings
from booking_ui.domain.mail_refusal import Refusal

SMTP_SECONDS = 15
_OURS = re.compile(r"[0-9a-f]{32}\.eml")


class MailError(Exception):
    """The mail was not accepted. `for_good`: this mail never will be, as it is."""

    def __init__(self, reason: str, refusal: Refusal, *, for_good: bool = False) -> None:
        super().__init__(reason)
        self.refusal, self.for_good = refusal, for_good


@dataclass(frozen=True)
class Attachment:
    """A calendar entry. `method` (RFC 5546) tells the reader's calendar what to do with it."""

    name: str
    content: bytes
    method: str = "PUBLISH"


@dataclass(frozen=True)
class Pdf:
    """A file to read or print."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Message:
    """One mail, as text and as HTML. `key` names its reason: two mails with one key are the same mail."""

    to: str
    subject: str
    text: str
    html: str
    key: str
    calendar: Attachment | None = None
    pdfs: tuple[Pdf, ...] = ()
    request_id: str = ""  # of the request that was the reason


def send(message: Message) -> None:
    """Hand the mail over. Raises MailError."""
    # An id made of the key lets a mailbox show a repeated delivery once.
    digest = _name(message.key)
    try:
        mail = _envelope(message, digest)
        _to_server(mail) if settings().smtp_url else _to_file(mail, digest)
    except (OSError, ValueError, smtplib.SMTPException) as exc:
        # Not the server's own words: they repeat the address.
        raise MailError(_error_name(exc), _refusal(exc), for_good=_is_for_good(exc)) from None


_REFUSALS: tuple[tuple[type[Exception], Refusal], ...] = (
    (smtplib.SMTPSenderRefused, Refusal.SENDER),
    (smtplib.SMTPRecipientsRefused, Refusal.RECIPIENT),
    (smtplib.SMTPDataError, Refusal.CONTENT),
    (smtplib.SMTPNotSupportedError, Refusal.CONTENT),
    (smtplib.SMTPAuthenticationError, Refusal.SIGN_IN),
    (smtplib.SMTPServerDisconnected, Refusal.AWAY),
    (smtplib.SMTPException, Refusal.SERVER),  # an OSError too, so it comes first
    (OSError, Refusal.AWAY),
    (ValueError, Refusal.NO_ADDRESS),
)
"""The most particular kinds of error first."""


def _refusal(exc: Exception) -> Refusal:
    return next(refusal for kind, refusal in _REFUSALS if isinstance(exc, kind))


def _error_name(exc: Exception) -> str:
    """The kind of error and the server's number for it, without an address."""
    number = getattr(exc, "smtp_code", None) or getattr(exc, "errno", None)
    if isinstance(exc, smtplib.SMTPRecipientsRefused):
        number = next((answer[0] for answer in exc.recipients.values()), None)
    return f"{type(exc).__name__} {number}" if number else type(exc).__name__


def _is_for_good(exc: Exception) -> bool:
    """True when the server refused sender, recipient or text with a 5xx (RFC 5321), or no mail can be made of it.

    A refused password or greeting says nothing about one mail: it passes once the operator or the server has mended it.
    """
    if isinstance(exc, smtplib.SMTPRecipientsRefused):
        return all(answer[0] >= 500 for answer in exc.recipients.values())
    if isinstance(exc, smtplib.SMTPSenderRefused | smtplib.SMTPDataError):
        return exc.smtp_code >= 500
    return isinstance(exc, ValueError | smtplib.SMTPNotSupportedError)


def delete_files(keys: Sequence[str]) -> None:
    """Delete the files of these mails. Mails that left through a server are out of reach."""
    for key in keys:
        (settings().data_dir / "mail" / f"{_name(key)}.eml").unlink(missing_ok=True)


def delete_files_before(instant: datetime, *, limit: int = 1000) -> int:
    old = (p for p in (settings().data_dir / "mail").glob("*.eml") if p.stat().st_mtime < instant.timestamp())
    removed = 0
    for path in islice(old, limit):
        path.unlink(missing_ok=True)
        removed += 1
    return removed


def _name(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:32]


def _envelope(message: Message, digest: str) -> EmailMessage:
    """Raises ValueError unless the recipient is exactly one address."""
    host = urlsplit(settings().base_url).hostname or "localhost"
    mail = EmailMessage()
    name, address = settings().sender
    mail["From"] = Address(_one_line(name), addr_spec=address)
    if settings().mail_reply_to:
        answers_to, at = mail_box(settings().mail_reply_to)
        mail["Reply-To"] = Address(_one_line(answers_to), addr_spec=at)
    mail["To"] = _recipient(message.to)
    mail["Subject"] = _one_line(message.subject)
    mail["Message-ID"] = f"<{digest}@{host}>"
    if message.request_id:
        mail["X-Request-ID"] = message.request_id
    mail["Date"] = localtime()
    mail["Auto-Submitted"] = "auto-generated"  # holiday replies don't answer it
    mail.set_content(message.text)
    mail.add_alternative(message.html, subtype="html")
    if message.calendar:
        # Calendars take an invitation from among the alternatives (RFC 6047), and only a few from an attachment.
        entry = message.calendar
        mail.add_alternative(
            entry.content,
            maintype="text",
            subtype="calendar",
            params={"charset": "utf-8", "method": entry.method, "name": entry.name},
        )
    for pdf in message.pdfs:
        mail.add_attachment(pdf.content, maintype="application", subtype="pdf", filename=pdf.name)
    return mail


def _recipient(text: str) -> Address:
    """Raises ValueError unless `text` is exactly one address; the library itself raises several errors."""
    try:
        return Address(addr_spec=text)
    except (IndexError, MessageError) as exc:
        raise ValueError("that is not a mail address") from exc


def _one_line(text: str) -> str:
    """Put `text` on one line: a line break in a name must not begin another header."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _to_file(mail: EmailMessage, digest: str) -> None:
    folder = settings().data_dir / "mail"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = folder / f"{digest}.part"
    draft.touch(mode=0o600)  # a mail may open an account
    draft.write_bytes(bytes(mail))
    draft.replace(folder / f"{digest}.eml")  # a reader of the folder sees whole mails only


@dataclass(frozen=True)
class MailHead:
    """The head of a mail in a file; `at` is when it was written, in seconds since 1970."""

    name: str
    at: float
    to: str
    subject: str


@dataclass(frozen=True)
class MailBody:
    text: str
    calendar: Attachment | None


def names() -> list[str]:
    """The mail files in DATA_DIR/mail, newest first; files with other names are left out."""
    ours = (
        entry for entry in _entries() if _OURS.fullmatch(entry.name) and entry.is_file(follow_symlinks=False)
    )
    return [name for _, name in sorted(((entry.stat().st_mtime, entry.name) for entry in ours), reverse=True)]


def _entries() -> list[os.DirEntry[str]]:
    folder = settings().data_dir / "mail"
    return list(os.scandir(folder)) if folder.is_dir() else []


def head(name: str) -> MailHead:
    path = settings().data_dir / "mail" / name
    with path.open("rb") as file:
        heads = BytesParser(policy=policy.default).parse(file, headersonly=True)
    return MailHead(name, path.stat().st_mtime, str(heads["To"]), str(heads["Subject"]))


def content(name: str) -> MailBody:
    with (settings().data_dir / "mail" / name).open("rb") as file:
        mail = BytesParser(policy=policy.default).parse(file)
    body = mail.get_body(("plain",))
    entry = next((part for part in mail.walk() if part.get_content_type() == "text/calendar"), None)
    calendar = Attachment(str(entry.get_filename()), str(entry.get_content()).encode()) if entry else None
    return MailBody(str(body.get_content()) if body else "", calendar)


def _to_server(mail: EmailMessage) -> None:
    """Send through SMTP_URL. smtps:// is TLS from the start; smtp:// needs STARTTLS, but to this machine only for a password."""
    url = urlsplit(settings().smtp_url)
    host, port = url.hostname or "localhost", url.port or (465 if url.scheme == "smtps" else 587)
    if url.scheme == "smtps":
        tls = ssl.create_default_context()
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=SMTP_SECONDS, context=tls)
    else:
        server = smtplib.SMTP(host, port, timeout=SMTP_SECONDS)
    try:
        _hand_over(server, mail, encrypted=url.scheme == "smtps")
    finally:
        with suppress(
            OSError
        ):  # what is said at the parting makes no accepted mail a failed one, nor hides a refusal
            server.quit()


def _hand_over(server: smtplib.SMTP, mail: EmailMessage, *, encrypted: bool) -> None:
    url = urlsplit(settings().smtp_url)
    server.ehlo()
    if not encrypted and server.has_extn("starttls"):
        server.starttls(context=ssl.create_default_context())
        encrypted = True
    if not encrypted and (url.username or not is_local(settings().smtp_url)):
        raise MailError("the server offers no TLS, so nothing is sent", Refusal.NO_TLS)
    if url.username:
        server.login(unquote(url.username), unquote(url.password or ""))
    server.send_message(mail)
