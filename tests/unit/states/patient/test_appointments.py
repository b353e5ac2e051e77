"""My appointments: the patient's own, upcoming and past."""

from __future__ import annotations

import pytest

from booking_ui.db.models import Appointment
from booking_ui.db.session import write
from booking_ui.domain.clock import utc_now
from booking_ui.domain.errors import NotFound
from booking_ui.services.booking import claim
from booking_ui.services.views import AppointmentView
from booking_ui.states.patient import appointments
from booking_ui.states.patient.appointments import AppointmentsState
from tests.support.cast import Cast
from tests.support.tab import Tab, run, signed_in
from tests.support.visits import begun


def held(patient_id: int, slot_id: int) -> AppointmentView:
    return claim.claim(patient_id=patient_id, slot_id=slot_id, now=utc_now())


def test_my_appointments_are_mine_alone(cast: Cast) -> None:
    mine, _theirs = held(cast.asha, cast.slots[0]), held(cast.bilal, cast.slots[1])

    async def story() -> None:
        tab = Tab("/appointments/", token=signed_in(cast.asha))
        await tab.send(AppointmentsState, AppointmentsState.load)
        page = await tab.state(AppointmentsState)
        assert [visit.id for visit in page.upcoming] == [mine.id]
        assert page.past == []

    run(story())


def test_a_hold_on_the_list_says_until_when_and_is_over_when_its_time_is_up(cast: Cast) -> None:
    ours = held(cast.asha, cast.slots[0])

    async def story() -> None:
        tab = Tab("/appointments/", token=signed_in(cast.asha))
        await tab.send(AppointmentsState, AppointmentsState.load)
        page = await tab.state(AppointmentsState)
        [card] = page.upcoming
        assert (card.held_until, card.can_pay, page.hold_seconds) == (ours.held_until, True, 900)
        with write() as tx:
            tx.get_one(Appointment, ours.id).hold_expires_at = utc_now()
        await tab.send(AppointmentsState, AppointmentsState.time_up)
        assert page.upcoming == []
        assert [(visit.phase, visit.held_until) for visit in page.past] == [("expired", "")]

    run(story())


def test_a_problem_in_the_address_is_said(cast: Cast) -> None:
    tab = Tab("/appointments/?problem=too_many_holds", token=signed_in(cast.asha))
    went = run(tab.send(AppointmentsState, AppointmentsState.load))
    assert went.told == [
        "You are already holding as many times as we allow at once. Pay for one or let one go first."
    ]


@pytest.mark.parametrize(
    ("code", "begins"),
    [
        ("unconfirmed_holds", "You can hold one time until your email address is confirmed."),
        ("network_holds", "Many times are held from your network"),
        ("holds_paused", "You held several times and paid for none."),
    ],
)
def test_each_limit_on_holds_has_its_own_sentence(cast: Cast, code: str, begins: str) -> None:
    tab = Tab(f"/appointments/?problem={code}", token=signed_in(cast.asha))
    (said,) = run(tab.send(AppointmentsState, AppointmentsState.load)).told
    assert said.startswith(begins)


def test_a_long_history_comes_in_pieces_newest_first(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(appointments, "PAST_AT_ONCE", 3)
    references = [begun(cast, number) for number in range(4)]
    tab = Tab("/appointments/", token=signed_in(cast.asha))

    async def story() -> list[tuple[list[str], bool]]:
        state = await tab.state(AppointmentsState)
        seen = []
        for handler in (AppointmentsState.load, AppointmentsState.show_more):
            await tab.send(AppointmentsState, handler)
            seen.append(([one.reference for one in state.past], state.more))
        return seen

    assert run(story()) == [(references[:3], True), (references, False)]


def test_the_history_says_what_was_paid(cast: Cast) -> None:
    begun(cast)
    tab = Tab("/appointments/", token=signed_in(cast.asha))

    async def story() -> list[str]:
        await tab.send(AppointmentsState, AppointmentsState.load)
        return [one.money_label for one in (await tab.state(AppointmentsState)).past]

    assert run(story()) == ["₹500 paid"]


def test_a_hold_can_be_let_go_from_the_list(cast: Cast) -> None:
    ours = held(cast.asha, cast.slots[0])

    async def story() -> None:
        tab = Tab("/appointments/", token=signed_in(cast.asha))
        await tab.send(AppointmentsState, AppointmentsState.load)
        went = await tab.send(AppointmentsState, AppointmentsState.let_go, appointment_id=ours.id)
        assert went.told == [f"{ours.when_label} is not held for you any more. You pay nothing."]
        assert (await tab.state(AppointmentsState)).upcoming == []

    run(story())
    assert held(cast.bilal, cast.slots[0]).phase == "holding"


def test_the_hold_of_another_patient_cannot_be_let_go(cast: Cast) -> None:
    theirs = held(cast.bilal, cast.slots[0])
    tab = Tab("/appointments/", token=signed_in(cast.asha))
    with pytest.raises(NotFound):
        run(tab.send(AppointmentsState, AppointmentsState.let_go, appointment_id=theirs.id))
    assert held(cast.bilal, cast.slots[0]).id == theirs.id
