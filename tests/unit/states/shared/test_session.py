"""Who is signed in, the message line, and what the sign-in page reads from its address."""

from __future__ import annotations

from booking_ui.booking_ui import OUR_FAULT, tell
from booking_ui.domain.errors import SlotTaken
from booking_ui.services.views import Principal
from booking_ui.states.patient.sign_in import SignInState
from booking_ui.states.shared.session import NoticeState, SessionState, Who, who_is
from booking_ui.states.shared.url_messages import field_problems, problem_message
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


def test_the_page_learns_who_holds_it(cast: Cast) -> None:
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
    said.note(tell(SlotTaken()))
    said.note(tell(ZeroDivisionError("secret detail")))
    assert said.told == [SlotTaken.message, OUR_FAULT]


def test_problem_codes_become_sentences() -> None:
    assert problem_message("") == ""
    assert (
        problem_message("wrong_credentials")
        == "That email and password don't match. Check both and try again."
    )
    assert problem_message("email_taken") == "There is already an account with this email. Sign in instead."
    assert problem_message("<script>") == "That didn't work. Please try again."


def test_the_chosen_time_is_kept_on_both_forms(cast: Cast) -> None:
    async def story() -> None:
        tab = Tab(f"/sign-in/?slot_id={cast.slots[0]}&next=/appointments/")
        await tab.send(SignInState, SignInState.load)
        page = await tab.state(SignInState)
        assert (page.slot.time_label, page.doctor_name) == ("10:00 am", "Dr Chandra Rao")
        assert page.kept_query == f"?next=%2Fappointments%2F&slot_id={cast.slots[0]}"

    run(story())


def test_a_time_that_is_none_is_not_kept(cast: Cast) -> None:
    del cast

    async def story() -> None:
        for said in ("", "abc", "-4", "99999", "9" * 40):
            tab = Tab(f"/sign-in/?slot_id={said}")
            await tab.send(SignInState, SignInState.load)
            assert (await tab.state(SignInState)).slot.id == 0

    run(story())


def test_each_wrong_field_has_its_own_sentence() -> None:
    found = field_problems("phone,password.guessable,<script>,name.x")
    assert {field for field, said in found.items() if said} == {"phone", "password"}
    assert found["password"].startswith("This password is among the first anyone would try.")


def test_what_was_done_is_said_and_nothing_that_the_address_makes_up() -> None:
    async def story() -> None:
        for asked, said in (("password", "Your password is changed"), ("<b>", ""), ("", "")):
            tab = Tab(f"/sign-in/?done={asked}&sent=1")
            await tab.send(SignInState, SignInState.load)
            page = await tab.state(SignInState)
            assert page.done.startswith(said)
            assert bool(page.done) == bool(said)
            assert page.sent

    run(story())
