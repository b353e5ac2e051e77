"""What leaves by mail: one recipient, no header of a stranger's making, and no password without TLS."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import suppress
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import ClassVar

import pytest

from booking_ui.config.settings import settings
from booking_ui.domain.mail_refusal import Refusal
from booking_ui.gateways import mail
from booking_ui.gateways.mail import Attachment, MailError, Message

HELLO = Message("asha@example.com", "Hello", "The text", "<p>The text</p>", "1:confirmed:")


@pytest.fixture(autouse=True)
def mailbox(configured: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    configured.setenv("DATA_DIR", str(tmp_path))
    settings.cache_clear()
    return tmp_path / "mail"


def written(mailbox: Path) -> EmailMessage:
    (path,) = mailbox.glob("*.eml")
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def changed(**fields: object) -> Message:
    return Message(**{**HELLO.__dict__, **fields})


ENTRY = Attachment("visit-AB.ics", "BEGIN:VCALENDAR\r\nSUMMARY:हृदय\r\n".encode(), "REQUEST")


def test_a_mail_is_text_and_html_with_the_visit_for_the_calendar(mailbox: Path) -> None:
    mail.send(changed(calendar=ENTRY))
    message = written(mailbox)
    assert message.get_content_type() == "multipart/alternative"
    parts = list(message.iter_parts())
    assert [part.get_content_type() for part in parts] == ["text/plain", "text/html", "text/calendar"]
    entry = parts[2]
    assert entry["Content-Type"].params == {"charset": "utf-8", "method": "REQUEST", "name": "visit-AB.ics"}
    assert entry["Content-Disposition"] is None
    assert entry.get_payload(decode=True) == ENTRY.content


def test_the_desk_reads_the_entry_of_a_mail(mailbox: Path) -> None:
    mail.send(changed(calendar=ENTRY, pdfs=(mail.Pdf("receipt.pdf", b"%PDF-1.7"),)))
    (path,) = mailbox.glob("*.eml")
    found = mail.content(path.name)
    assert found.text == "The text\n"
    assert found.calendar is not None
    assert (found.calendar.name, found.calendar.content) == (ENTRY.name, ENTRY.content)


def test_the_same_reason_is_the_same_mail(mailbox: Path) -> None:
    mail.send(HELLO)
    mail.send(HELLO)
    assert written(mailbox)["To"] == "asha@example.com"


@pytest.mark.parametrize("name", ["Dr A\r\nBcc: all@example.com", "Dr A\nX: y", "Dr\x00 A\x85b"])
def test_a_line_break_in_a_name_begins_no_header(mailbox: Path, name: str) -> None:
    mail.send(changed(subject=f"Confirmed: {name}"))
    message = written(mailbox)
    assert (message["Bcc"], message["X"]) == (None, None)
    assert str(message["Subject"]).startswith("Confirmed: Dr")


@pytest.mark.parametrize(
    "to", ["a@example.com, b@example.com", "a@example.com\nBcc: b@example.com", "nobody", ""]
)
def test_what_is_not_one_address_gets_nothing(mailbox: Path, to: str) -> None:
    with pytest.raises(MailError):
        mail.send(changed(to=to))
    assert list(mailbox.glob("*")) == []


def test_the_sender_is_the_clinics_own_choice(configured: pytest.MonkeyPatch, mailbox: Path) -> None:
    configured.setenv("MAIL_FROM", "Front desk <desk@clinic.example>")
    configured.setenv("MAIL_REPLY_TO", "answers@clinic.example")
    settings.cache_clear()
    mail.send(HELLO)
    message = written(mailbox)
    assert (message["From"], message["Reply-To"]) == (
        "Front desk <desk@clinic.example>",
        "answers@clinic.example",
    )


def test_a_sender_without_a_name_is_the_clinic_and_answers_go_to_it(
    configured: pytest.MonkeyPatch, mailbox: Path
) -> None:
    configured.setenv("MAIL_FROM", "desk@clinic.example")
    settings.cache_clear()
    mail.send(HELLO)
    message = written(mailbox)
    assert (message["From"], message["Reply-To"]) == (
        f"{settings().merchant_name} <desk@clinic.example>",
        None,
    )


def test_what_can_be_no_mail_is_refused_for_good() -> None:
    with pytest.raises(MailError) as refused:
        mail.send(changed(to="nobody"))
    assert (refused.value.refusal, refused.value.for_good) == (Refusal.NO_ADDRESS, True)


class Plain(socketserver.StreamRequestHandler):
    """A mail server without TLS that keeps what it is told."""

    heard: ClassVar[list[bytes]] = []

    def handle(self) -> None:
        with suppress(ConnectionResetError):  # who won't send a password without TLS hangs up in the middle
            self._talk()

    def _talk(self) -> None:
        self.wfile.write(b"220 here\r\n")
        data = False
        for line in self.rfile:
            self.heard.append(line)
            verb = line[:4].upper()
            if data:
                data = line != b".\r\n"
                if not data:
                    self.wfile.write(b"250 taken\r\n")
            elif verb == b"DATA":
                data = True
                self.wfile.write(b"354 go on\r\n")
            elif verb == b"EHLO":
                self.wfile.write(b"250-here\r\n250 AUTH PLAIN LOGIN\r\n")
            else:
                self.wfile.write(b"221 bye\r\n" if verb == b"QUIT" else b"250 ok\r\n")


@pytest.fixture
def server() -> Iterator[str]:
    Plain.heard = []
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Plain) as found:
        thread = threading.Thread(target=found.serve_forever, daemon=True)
        thread.start()
        yield f"127.0.0.1:{found.server_address[1]}"
        found.shutdown()
        thread.join()


def by_server(configured: pytest.MonkeyPatch, url: str) -> None:
    configured.setenv("SMTP_URL", url)
    settings.cache_clear()


def test_a_server_takes_the_mail(configured: pytest.MonkeyPatch, server: str, mailbox: Path) -> None:
    by_server(configured, f"smtp://{server}")
    mail.send(HELLO)
    assert b"rcpt TO:<asha@example.com>\r\n" in Plain.heard
    assert list(mailbox.glob("*")) == []


def test_a_password_is_never_sent_without_tls(configured: pytest.MonkeyPatch, server: str) -> None:
    by_server(configured, f"smtp://devi:secret@{server}")
    with pytest.raises(MailError, match="offers no TLS"):
        mail.send(HELLO)
    assert [line for line in Plain.heard if line[:4].upper() in (b"AUTH", b"MAIL")] == []


def test_no_link_leaves_this_machine_without_tls(configured: pytest.MonkeyPatch, server: str) -> None:
    elsewhere = server.replace(
        "127.0.0.1", "2130706433"
    )  # the same machine under a name that does not say so
    by_server(configured, f"smtp://{elsewhere}")
    with pytest.raises(MailError, match="offers no TLS"):
        mail.send(HELLO)
    assert [line[:4].upper() for line in Plain.heard if line[:4].upper() != b"QUIT"] == [b"EHLO"]


def test_smtps_speaks_tls_or_not_at_all(configured: pytest.MonkeyPatch, server: str) -> None:
    by_server(configured, f"smtps://{server}")
    with pytest.raises(MailError):
        mail.send(HELLO)
    assert [line for line in Plain.heard if b"asha" in line] == []


def test_a_server_that_is_away_postpones(configured: pytest.MonkeyPatch) -> None:
    by_server(configured, "smtp://127.0.0.1:9")
    with pytest.raises(MailError) as refused:
        mail.send(HELLO)
    assert (refused.value.refusal, refused.value.for_good) == (Refusal.AWAY, False)


class Refusing(Plain):
    """A mail server that answers one command with this code."""

    command: ClassVar[bytes] = b""
    code: ClassVar[int] = 0

    def _talk(self) -> None:
        self.wfile.write(b"220 here\r\n")
        for line in self.rfile:
            verb = line[:4].upper()
            if verb == self.command:
                self.wfile.write(f"{self.code} no, asha@example.com\r\n".encode())
            elif verb == b"EHLO":
                self.wfile.write(b"250-here\r\n250 AUTH PLAIN LOGIN\r\n")
            else:
                self.wfile.write(b"221 bye\r\n" if verb == b"QUIT" else b"250 ok\r\n")


class RudeAtTheEnd(Plain):
    """A mail server that takes the mail and answers the parting with an error."""

    def _talk(self) -> None:
        self.wfile.write(b"220 here\r\n")
        data = False
        for line in self.rfile:
            data = line[:4].upper() == b"DATA" or (data and line != b".\r\n")
            if not data or line[:4].upper() == b"DATA":
                answer = (
                    b"354 go on" if data else b"421 closing" if line[:4].upper() == b"QUIT" else b"250 ok"
                )
                self.wfile.write(answer + b"\r\n")
                self.heard.append(line)


def test_a_mail_that_was_accepted_is_sent_whatever_the_server_says_at_the_parting(
    configured: pytest.MonkeyPatch,
) -> None:
    RudeAtTheEnd.heard = []
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), RudeAtTheEnd) as found:
        thread = threading.Thread(target=found.serve_forever, daemon=True)
        thread.start()
        by_server(configured, f"smtp://127.0.0.1:{found.server_address[1]}")
        mail.send(HELLO)
        found.shutdown()
        thread.join()
    assert [line.strip().upper() for line in RudeAtTheEnd.heard[-2:]] == [b".", b"QUIT"]


REFUSALS = [
    (b"MAIL", 451, Refusal.SENDER, False),
    (b"MAIL", 553, Refusal.SENDER, True),
    (b"RCPT", 450, Refusal.RECIPIENT, False),
    (b"RCPT", 550, Refusal.RECIPIENT, True),
    (b"DATA", 452, Refusal.CONTENT, False),
    (b"DATA", 554, Refusal.CONTENT, True),
]


@pytest.mark.parametrize(("command", "code", "refusal", "for_good"), REFUSALS)
def test_a_refusal_says_what_was_refused_and_if_for_good_and_repeats_no_address(
    configured: pytest.MonkeyPatch, command: bytes, code: int, refusal: Refusal, for_good: bool
) -> None:
    Refusing.command, Refusing.code = command, code
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Refusing) as found:
        thread = threading.Thread(target=found.serve_forever, daemon=True)
        thread.start()
        by_server(configured, f"smtp://127.0.0.1:{found.server_address[1]}")
        with pytest.raises(MailError) as refused:
            mail.send(HELLO)
        found.shutdown()
        thread.join()
    assert (refused.value.refusal, refused.value.for_good) == (refusal, for_good)
    assert str(refused.value).endswith(f" {code}")
    assert "asha" not in str(refused.value)


def test_a_pdf_is_attached_around_the_alternatives(mailbox: Path) -> None:
    mail.send(changed(calendar=ENTRY, pdfs=(mail.Pdf("receipt.pdf", b"%PDF-1.7"),)))
    message = written(mailbox)
    body, receipt = message.iter_parts()
    assert [part.get_content_type() for part in (message, body, receipt)] == [
        "multipart/mixed",
        "multipart/alternative",
        "application/pdf",
    ]
    assert [part.get_content_type() for part in body.iter_parts()] == [
        "text/plain",
        "text/html",
        "text/calendar",
    ]
    assert receipt.get_filename() == "receipt.pdf"
    assert receipt.get_content() == b"%PDF-1.7"
