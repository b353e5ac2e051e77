"""One click holds a slot; a visitor who may not hold one is told what to do instead."""

from __future__ import annotations

import pytest

from booking_ui.config.settings import settings
from booking_ui.domain.clock import utc_now
from booking_ui.domain.errors import NetworkHolds
from booking_ui.services.booking import appointments, claim, hold_expiry
from booking_ui.states.patient.appointment import AppointmentState
from booking_ui.states.patient.hold import HoldState
from booking_ui.states.shared.own_hold import OwnHoldState
from tests.support.cast import Cast
from tests.support.holding import times
from tests.support.races import crowd
from tests.support.servers import free_port
from tests.support.tab import Tab, run, signed_in


def held_by(patient_id: int) -> list[int]:
    return [visit.slot_id for visit in appointments.listed(patient_id=patient_id, now=utc_now())]


def test_a_patients_click_holds_the_time_and_goes_to_pay(cast: Cast) -> None:
    tab = Tab(token=signed_in(cast.asha))
    went = run(tab.send(HoldState, HoldState.hold, slot_id=cast.slots[0]))
    (visit,) = appointments.listed(patient_id=cast.asha, now=utc_now())
    assert (visit.slot_id, visit.phase) == (cast.slots[0], "holding")
    assert went.redirects == [f"/checkout/{visit.reference}/"]


def test_the_button_waits_only_while_the_time_is_being_held(cast: Cast) -> None:
    async def story() -> None:
        tab = Tab(token=signed_in(cast.asha))
        await tab.send(HoldState, HoldState.hold, slot_id=cast.slots[0])
        assert (await tab.state(HoldState)).holding == 0

    run(story())


def test_a_second_click_leads_to_the_same_checkout(cast: Cast) -> None:
    async def story() -> None:
        tab = Tab(token=signed_in(cast.asha))
        first = await tab.send(HoldState, HoldState.hold, slot_id=cast.slots[0])
        again = await tab.send(HoldState, HoldState.hold, slot_id=cast.slots[0])
        assert first.redirects == again.redirects

    run(story())
    assert held_by(cast.asha) == [cast.slots[0]]


def test_a_stranger_signs_in_first_and_the_time_is_kept_in_the_address(cast: Cast) -> None:
    went = run(Tab().send(HoldState, HoldState.hold, slot_id=cast.slots[0]))
    assert went.redirects == [f"/sign-in/?slot_id={cast.slots[0]}"]


def test_the_desk_is_told_that_only_patients_book(cast: Cast) -> None:
    tab = Tab(token=signed_in(cast.devi.person_id))
    went = run(tab.send(HoldState, HoldState.hold, slot_id=cast.slots[0]))
    assert went.redirects == []
    assert went.told == ["You're signed in as Devi. To book, sign in with a patient's account."]
    assert held_by(cast.devi.person_id) == []


def test_a_time_that_is_taken_leads_to_the_nearest_free_ones(cast: Cast) -> None:
    claim.claim(patient_id=cast.bilal, slot_id=cast.slots[0], now=utc_now())
    tab = Tab(token=signed_in(cast.asha))
    went = run(tab.send(HoldState, HoldState.hold, slot_id=cast.slots[0]))
    assert went.redirects == [f"/doctor/dr-chandra-rao/?taken={cast.slots[0]}"]
    assert held_by(cast.asha) == []


def test_a_time_that_never_was_is_said_to_be_gone(cast: Cast) -> None:
    tab = Tab(token=signed_in(cast.asha))
    went = run(tab.send(HoldState, HoldState.hold, slot_id=99_999))
    assert went.told == ["That time is no longer offered. Please pick another."]


def test_the_fourth_hold_is_refused_where_one_can_be_let_go(cast: Cast) -> None:
    async def story() -> None:
        tab = Tab(token=signed_in(cast.asha))
        for slot_id in cast.slots[:3]:
            await tab.send(HoldState, HoldState.hold, slot_id=slot_id)
        went = await tab.send(HoldState, HoldState.hold, slot_id=cast.slots[3])
        assert went.redirects == ["/appointments/"]
        assert len(went.told) == 1

    run(story())
    assert sorted(held_by(cast.asha)) == list(cast.slots[:3])


def test_a_page_of_a_network_with_many_unpaid_holds_is_refused_and_says_so(
    cast: Cast, configured: pytest.MonkeyPatch
) -> None:
    configured.setenv("RATE_LIMIT_TRUSTED_IPS", "")
    settings.cache_clear()
    strangers = crowd()[:8]
    mine = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=utc_now())
    hold_expiry.let_go(patient_id=cast.asha, appointment_id=mine.id, now=utc_now())

    async def story(patient_id: int, slot_id: int) -> None:
        await Tab(token=signed_in(patient_id)).send(HoldState, HoldState.hold, slot_id=slot_id)

    slots = times(cast, 13, first=utc_now())
    for n, slot_id in enumerate(slots[:12]):
        run(story(strangers[n % 8], slot_id))
    with pytest.raises(NetworkHolds, match="Many times are held from your network"):
        run(story(strangers[0], slots[12]))
    assert slots[12] not in held_by(strangers[0])

    async def again() -> None:
        tab = Tab(token=signed_in(cast.asha), params={"booking_ref": mine.reference})
        await tab.send(AppointmentState, AppointmentState.load)
        await tab.send(AppointmentState, AppointmentState.again)

    with pytest.raises(NetworkHolds):
        run(again())


def test_an_unconfirmed_patient_is_told_to_confirm_and_sees_the_hold(
    cast: Cast, configured: pytest.MonkeyPatch
) -> None:
    configured.setenv("SMTP_URL", f"smtp://127.0.0.1:{free_port()}")
    settings.cache_clear()

    async def story() -> None:
        tab = Tab(token=signed_in(cast.asha))
        await tab.send(HoldState, HoldState.hold, slot_id=cast.slots[0])
        went = await tab.send(HoldState, HoldState.hold, slot_id=cast.slots[1])
        assert went.redirects == ["/appointments/"]
        assert [said.startswith("You can hold one time until your email") for said in went.told] == [True]

    run(story())
    assert held_by(cast.asha) == [cast.slots[0]]


def test_the_page_knows_the_hold_as_its_own_before_it_is_left(cast: Cast) -> None:
    async def story() -> None:
        tab = Tab(token=signed_in(cast.asha))
        await tab.send(HoldState, HoldState.hold, slot_id=cast.slots[0])
        assert list((await tab.state(OwnHoldState)).by_slot) == [str(cast.slots[0])]

    run(story())
