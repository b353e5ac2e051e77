"""The text that brings a code: in the language of the page that asked, and not sent once the code is over."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import select

from booking_ui.db.models import CodeKind, Notification
from booking_ui.db.session import read, write
from booking_ui.gateways.texts import Text
from booking_ui.languages import speaking
from booking_ui.services.accounts import one_time_codes
from booking_ui.services.accounts.one_time_codes import Device
from booking_ui.services.mail import account_texts
from tests.support.cast import NOW

NUMBER = "+919845012301"
pytestmark = pytest.mark.usefixtures("db")


def asked() -> None:
    with write() as tx:
        one_time_codes.send_by_text(
            tx, phone=NUMBER, kind=CodeKind.PHONE, person_id=None, device=Device("here"), now=NOW
        )


def composed(after: timedelta = timedelta(0)) -> Text | str:
    with read() as tx:
        return account_texts.compose(tx, tx.exec(select(Notification)).one(), NOW + after)


def test_the_text_goes_to_the_number_and_names_the_code_first() -> None:
    asked()
    text = composed()
    assert isinstance(text, Text)
    assert (text.to, text.language) == (NUMBER, "en")
    assert text.body.startswith(f"{text.values['code']} is your code for ")
    assert len(text.body) <= 160  # one SMS


def test_it_speaks_the_language_of_the_page_that_asked() -> None:
    with speaking("hi"):
        asked()
    text = composed()
    assert isinstance(text, Text)
    assert text.language == "hi"


def test_a_code_that_is_over_is_not_sent() -> None:
    asked()
    assert composed(timedelta(minutes=10)) == "used or over before it could be sent"
