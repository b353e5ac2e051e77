"""The slots that the patient holds, known on every page as the patient's own."""

from __future__ import annotations

from booking_ui.domain.clock import utc_now
from booking_ui.edge.live import News, hub
from booking_ui.services.booking import claim, hold_expiry
from booking_ui.services.views import AppointmentView
from booking_ui.states.shared.own_hold import OwnHold, OwnHoldState, is_own_hold, refreshed
from booking_ui.states.shared.session import SessionState
from tests.support.cast import Cast
from tests.support.tab import Tab, run, signed_in


def held(patient_id: int, slot_id: int) -> AppointmentView:
    return claim.claim(patient_id=patient_id, slot_id=slot_id, now=utc_now())


async def opened(person_id: int) -> tuple[Tab, OwnHoldState]:
    tab = Tab(token=signed_in(person_id))
    await tab.send(SessionState, SessionState.load)
    return tab, await tab.state(OwnHoldState)


def test_a_page_knows_the_hold_and_the_way_to_pay_it(cast: Cast) -> None:
    visit = held(cast.asha, cast.slots[1])

    async def story() -> None:
        _, own = await opened(cast.asha)
        assert (own.first.reference, own.first.time, own.first.doctor) == (
            visit.reference,
            "10:30 am",
            "Dr Chandra Rao",
        )
        assert 880 < own.first.seconds_left <= 900
        assert own.by_slot == {str(cast.slots[1]): visit.reference}

    run(story())


def test_of_two_holds_the_one_that_ends_first_is_in_the_header(cast: Cast) -> None:
    first, second = held(cast.asha, cast.slots[2]), held(cast.asha, cast.slots[0])

    async def story() -> None:
        _, own = await opened(cast.asha)
        assert own.first.reference == first.reference
        assert set(own.by_slot.values()) == {first.reference, second.reference}

    run(story())


def test_nobody_sees_the_hold_of_another_person(cast: Cast) -> None:
    held(cast.asha, cast.slots[0])

    async def story() -> None:
        for person in (cast.bilal, cast.devi.person_id):
            _, own = await opened(person)
            assert (own.first, own.by_slot) == (OwnHold(), {})

    run(story())


def test_the_next_person_on_the_tab_does_not_see_it(cast: Cast) -> None:
    held(cast.asha, cast.slots[0])

    async def story() -> None:
        tab, own = await opened(cast.asha)
        assert hub.watching(f"patient:{cast.asha}") == {"tab-1"}
        tab.token = ""
        tab.go("/")
        refused = await tab.send(SessionState, SessionState.load)
        assert refused.refused  # it empties the tab, whose page then loads anew
        assert (own.first, own.by_slot) == (OwnHold(), {})
        await tab.send(SessionState, SessionState.load)
        assert hub.watching(f"patient:{cast.asha}") == set()

    run(story())


def test_a_hold_that_is_let_go_elsewhere_disappears(cast: Cast) -> None:
    visit = held(cast.asha, cast.slots[0])

    async def story() -> None:
        _, own = await opened(cast.asha)
        assert own.first.reference
        hold_expiry.let_go(patient_id=cast.asha, appointment_id=visit.id, now=utc_now())
        await refreshed(own, News(f"patient:{cast.asha}"))
        assert (own.first, own.by_slot) == (OwnHold(), {})

    run(story())


def test_a_hold_of_another_tab_is_own_at_once(cast: Cast) -> None:
    async def story() -> None:
        _, own = await opened(cast.asha)
        held(cast.asha, cast.slots[0])
        held(cast.bilal, cast.slots[1])
        assert [await is_own_hold(own, slot) for slot in cast.slots[:3]] == [True, False, False]

    run(story())
