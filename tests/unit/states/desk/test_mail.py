"""Written mails before the desk: listed, opened, and only for an admin."""

from __future__ import annotations

from pathlib import Path

import pytest

from booking_ui.config.settings import settings
from booking_ui.gateways import mail
from booking_ui.gateways.mail import Attachment, Message
from booking_ui.services.mail import mailbox
from booking_ui.services.views.desk import MailView
from booking_ui.states.desk.mail import MailState
from tests.support.cast import Cast
from tests.support.tab import Tab, run, signed_in


@pytest.fixture
def name(configured: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """One written mail with a calendar entry."""
    configured.setenv("DATA_DIR", str(tmp_path))
    configured.setenv("SECRET_KEY", "s" * 40)
    settings.cache_clear()
    entry = Attachment("visit-AB.ics", b"BEGIN:VCALENDAR\r\n")
    mail.send(Message("asha@example.com", "Confirmed", "See you", "<p></p>", "1", entry))
    return mailbox.list_mails().rows[0].name


async def loaded(tab: Tab) -> MailState:
    await tab.send(MailState, MailState.load)
    return await tab.state(MailState)


def test_the_list_and_a_mail_with_its_calendar_entry(cast: Cast, name: str) -> None:
    tab = Tab("/admin/mail/", token=signed_in(cast.devi.person_id))
    state = run(loaded(tab))
    assert ([row.subject for row in state.page.rows], state.opened) == (["Confirmed"], MailView())
    run(tab.send(MailState, MailState.open, name=name))
    assert state.opened.text.strip() == "See you"
    assert state.calendar.startswith("data:text/calendar;charset=utf-8,BEGIN%3AVCALENDAR")
    run(tab.send(MailState, MailState.close))
    assert (state.opened, state.calendar) == (MailView(), "")


def test_a_mail_that_is_gone_leads_back_to_the_list(cast: Cast, name: str) -> None:
    tab = Tab("/admin/mail/?open=../secret_key", token=signed_in(cast.devi.person_id))
    state = run(loaded(tab))
    assert (state.missing, state.opened, len(state.page.rows)) == (True, MailView(), 1)


def test_patients_read_nobodys_mail(cast: Cast, name: str) -> None:
    tab = Tab("/admin/mail/", token=signed_in(cast.asha))
    assert run(tab.send(MailState, MailState.load)).refused
    assert run(tab.send(MailState, MailState.open, name=name)).refused
    assert run(tab.state(MailState)).page.rows == []
