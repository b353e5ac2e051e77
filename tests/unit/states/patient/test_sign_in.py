"""The sign-in page: its address says what happened and keeps the slot that was chosen."""

from __future__ import annotations

import pytest

from booking_ui.config.settings import settings
from booking_ui.states.patient.sign_in import SignInState
from tests.support.cast import Cast
from tests.support.tab import Tab, run


def test_the_chosen_time_is_kept_on_both_forms(cast: Cast) -> None:
    async def story() -> None:
        tab = Tab(f"/sign-in/?slot_id={cast.slots[0]}&next=/appointments/")
        await tab.send(SignInState, SignInState.load)
        page = await tab.state(SignInState)
        assert (page.slot.time_label, page.doctor_name) == ("10:00 am", "Dr Chandra Rao")
        assert page.kept_query == f"?next=%2Fappointments%2F&slot_id={cast.slots[0]}"

    run(story())


def test_a_slot_that_does_not_exist_is_not_kept(cast: Cast) -> None:
    del cast

    async def story() -> None:
        for said in ("", "abc", "-4", "99999", "9" * 40):
            tab = Tab(f"/sign-in/?slot_id={said}")
            await tab.send(SignInState, SignInState.load)
            assert (await tab.state(SignInState)).slot.id == 0

    run(story())


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


def test_the_form_for_email_opens_for_what_it_is_about(cast: Cast) -> None:
    del cast

    async def story() -> None:
        for asked, is_open in (
            ("", False),
            ("problem=wrong_credentials", True),
            ("problem=validation&fields=phone&by=phone", False),
            ("problem=forbidden", False),
            ("done=password", True),
        ):
            tab = Tab(f"/sign-in/?{asked}")
            await tab.send(SignInState, SignInState.load)
            assert (await tab.state(SignInState)).by_mail == is_open, asked

    run(story())


def test_the_page_of_the_digits_knows_what_is_missing(configured: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        for asked, found in (("sent=1", (True, False)), ("new=1", (False, True)), ("", (False, False))):
            tab = Tab(f"/sign-in/phone/?{asked}")
            await tab.send(SignInState, SignInState.load)
            page = await tab.state(SignInState)
            assert (page.sent, page.new, page.by_phone) == (*found, True)
        tab = Tab("/sign-in/phone/?problem=wrong_texted_code&sent=1")
        await tab.send(SignInState, SignInState.load)
        assert "Look at the newest message" in (await tab.state(SignInState)).problem

    run(story())
    configured.setenv("DEMO", "false")
    configured.setenv("SECRET_KEY", "k" * 40)
    settings.cache_clear()

    async def without_texts() -> None:
        tab = Tab("/sign-in/")
        await tab.send(SignInState, SignInState.load)
        assert not (await tab.state(SignInState)).by_phone

    run(without_texts())
