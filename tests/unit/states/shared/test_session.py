"""The signed-in person as a page shows them, and the message line."""

from __future__ import annotations

from booking_ui.booking_ui import OUR_FAULT, event_failed
from booking_ui.domain.errors import SlotTaken
from booking_ui.services.views import Principal
from booking_ui.states.shared.session import NoticeState, SessionState, Who, who_is
from tests.support.cast import Cast
from tests.support.tab import Tab, Went, run, signed_in


def test_a_stranger_has_no_name() -> None:
    assert who_is(None) == Who()


def test_a_person_is_shown_by_first_name_and_initials() -> None:
    dr = Principal(1, "Dr Chandra Sekhar Rao", "c@example.com", "+919845012301", "doctor")
    assert who_is(dr) == Who(
        "Dr Chandra Sekhar Rao", "Chandra", "CR", "c@example.com", "+91 98450 12301", "doctor"
    )


def test_a_name_of_one_word_and_a_foreign_number_stay_as_they_are() -> None:
    asha = Principal(1, "Asha", "a@example.com", "+441632960000", "patient")
    assert who_is(asha) == Who("Asha", "Asha", "A", "a@example.com", "+441632960000", "patient")


def test_the_page_learns_who_is_signed_in(cast: Cast) -> None:
    async def story() -> None:
        tab = Tab(token=signed_in(cast.asha))
        await tab.send(SessionState, SessionState.load)
        session = await tab.state(SessionState)
        assert (session.known, session.who.name, session.who.role) == (True, "Asha", "patient")

    run(story())


def test_a_message_survives_one_navigation_and_not_two() -> None:
    async def story() -> None:
        tab = Tab()
        await tab.send(NoticeState, NoticeState.tell, text="Hello")
        line = await tab.state(NoticeState)
        await tab.send(SessionState, SessionState.load)
        assert line.text == "Hello"
        await tab.send(SessionState, SessionState.load)
        assert line.text == ""

    run(story())


def test_a_refusal_becomes_its_sentence_and_a_defect_an_apology() -> None:
    said = Went()
    said.note(event_failed(SlotTaken()))
    said.note(event_failed(ZeroDivisionError("secret detail")))
    assert said.told == [SlotTaken.message, OUR_FAULT]
