"""The desk reads the mails of a clinic without a mail server: the newest first, and nothing but mails."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from booking_ui.config.settings import settings
from booking_ui.domain.channel import Channel
from booking_ui.domain.errors import NotFound
from booking_ui.gateways import mail, texts
from booking_ui.gateways.mail import Attachment, Message
from booking_ui.services.mail import mailbox
from booking_ui.services.views.desk import MailPage


@pytest.fixture(autouse=True)
def folder(configured: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    configured.setenv("DATA_DIR", str(tmp_path))
    settings.cache_clear()
    return tmp_path / "mail"


def send(key: str, subject: str = "Hello", calendar: Attachment | None = None) -> None:
    mail.send(Message("asha@example.com", subject, f"About {key}", "<p></p>", key, calendar))


def test_before_the_first_mail_there_is_nothing() -> None:
    assert mailbox.list_mails() == MailPage(rows=[], total=0, server=False)


def test_the_newest_comes_first_and_opens_with_its_calendar_entry(folder: Path) -> None:
    send("old", "Cancelled: Dr Chandra")
    (old,) = folder.iterdir()
    os.utime(old, (1_700_000_000, 1_700_000_000))
    send("new", "Confirmed: Dr Chandra", Attachment("visit-AB.ics", b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"))
    page = mailbox.list_mails()
    assert [row.subject for row in page.rows] == ["Confirmed: Dr Chandra", "Cancelled: Dr Chandra"]
    assert (page.rows[1].at_label, page.rows[1].recipient) == ("Wed 15 Nov, 3:43 am", "asha@example.com")
    found = mailbox.open_mail(name=page.rows[0].name)
    assert found.text.strip() == "About new"
    assert (found.calendar_name, found.calendar.split()) == (
        "visit-AB.ics",
        ["BEGIN:VCALENDAR", "END:VCALENDAR"],
    )
    assert mailbox.open_mail(name=page.rows[1].name).calendar == ""


@pytest.mark.parametrize(
    "name", ["", "../secret_key", "/etc/passwd", "..", "notes.eml", "a" * 32 + ".eml", "mail/../secret_key"]
)
def test_a_name_that_is_not_in_the_list_opens_nothing(folder: Path, name: str) -> None:
    send("one")
    (folder.parent / "secret_key").write_text("secret")
    (folder / "notes.eml").write_text("Subject: secret\n\nnot a mail of ours")
    (folder / ("b" * 32 + ".eml")).symlink_to(folder.parent / "secret_key")
    assert [row.subject for row in mailbox.list_mails().rows] == ["Hello"]
    with pytest.raises(NotFound):
        mailbox.open_mail(name=name)
    with pytest.raises(NotFound):
        mailbox.open_mail(name="b" * 32 + ".eml")


def test_with_a_mail_server_nothing_is_shown(folder: Path, configured: pytest.MonkeyPatch) -> None:
    send("one")
    (name,) = (path.name for path in folder.iterdir())
    configured.setenv("SMTP_URL", "smtp://127.0.0.1:9")
    settings.cache_clear()
    assert mailbox.list_mails() == MailPage(rows=[], total=0, server=True)
    with pytest.raises(NotFound):
        mailbox.open_mail(name=name)


def sms(key: str, body: str = "482913 is your code for Saanjh Clinics.") -> None:
    texts.send(texts.Text("+919845012301", body, Channel.SMS, "", "en", key=key))


def test_texts_stand_among_the_mails_by_their_time(folder: Path) -> None:
    send("old")
    (old,) = folder.iterdir()
    os.utime(old, (1_700_000_000, 1_700_000_000))
    sms("new")
    page = mailbox.list_mails()
    assert (page.total, page.server) == (2, False)
    assert [(row.subject, row.recipient) for row in page.rows] == [
        ("482913 is your code for Saanjh Clinics.", "+91 98450 12301"),
        ("Hello", "asha@example.com"),
    ]
    assert mailbox.open_mail(name=page.rows[0].name).text == "482913 is your code for Saanjh Clinics."


def test_the_desk_of_a_real_clinic_reads_no_code_of_a_text(configured: pytest.MonkeyPatch) -> None:
    sms("one")
    configured.setenv("DEMO", "false")
    configured.setenv("SECRET_KEY", "k" * 32)
    settings.cache_clear()
    (row,) = mailbox.list_mails().rows
    assert (row.subject, mailbox.open_mail(name=row.name).text) == ("… is your code for Saanjh Clinics.",) * 2


def test_with_a_provider_texts_of_before_are_not_shown(configured: pytest.MonkeyPatch) -> None:
    sms("one")
    configured.setenv("SMS_URL", "json://127.0.0.1:9/x")
    settings.cache_clear()
    assert mailbox.list_mails().rows == []
