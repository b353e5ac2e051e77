"""The sign-in page: its address says what happened and keeps the slot that was chosen."""

from __future__ import annotations

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
