"""Concluding a visit at the desk: once, and only after it began."""

from __future__ import annotations

from booking_ui.domain.clock import utc_now
from booking_ui.services.booking import claim
from booking_ui.states.desk.booking import CONCLUDED, BookingState
from tests.support.cast import Cast
from tests.support.tab import Tab, run, signed_in
from tests.support.visits import begun


def a_hold(cast: Cast, number: int = 0) -> str:
    return claim.claim(patient_id=cast.asha, slot_id=cast.slots[number], now=utc_now()).reference


def test_the_desk_says_that_a_visit_took_place_once_and_only_once_it_began(cast: Cast) -> None:
    reference = begun(cast)
    tab = Tab(f"/admin/?ref={reference}", token=signed_in(cast.devi.person_id))

    async def story() -> list[tuple[bool, str, str, str]]:
        await tab.send(BookingState, BookingState.load)
        state = await tab.state(BookingState)
        seen = [(state.booking.can_conclude, state.booking.row.status, state.said, state.refusal)]
        for status in ("no_show", "completed"):
            await tab.send(BookingState, BookingState.conclude, status=status)
            seen.append((state.booking.can_conclude, state.booking.row.status, state.said, state.refusal))
        return seen

    assert run(story()) == [
        (True, "confirmed", "", ""),
        (False, "no_show", CONCLUDED["no_show"], ""),
        (False, "no_show", "", "Only a confirmed visit that has begun can be concluded."),
    ]


def test_a_visit_to_come_offers_no_conclusion(cast: Cast) -> None:
    reference = a_hold(cast)
    tab = Tab(f"/admin/?ref={reference}", token=signed_in(cast.devi.person_id))

    async def story() -> bool:
        await tab.send(BookingState, BookingState.load)
        return (await tab.state(BookingState)).booking.can_conclude

    assert run(story()) is False
    assert run(tab.send(BookingState, BookingState.conclude, status="cancelled")).refused
