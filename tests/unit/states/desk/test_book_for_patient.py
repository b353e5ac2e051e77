"""/admin/book: the times of a day, a patient who is found or written down, and what the desk reads afterwards."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, func, select

from booking_ui.config.settings import settings
from booking_ui.db.models import Appointment, Person
from booking_ui.db.session import read
from booking_ui.domain.clock import today, utc_now
from booking_ui.services.booking import claim
from booking_ui.services.views import SlotView
from booking_ui.services.views.desk import PatientMatch
from booking_ui.states.desk.book_for_patient import BookForPatientState as State
from booking_ui.states.desk.book_for_patient import Problems
from tests.support.cast import Cast
from tests.support.races import live_on
from tests.support.tab import Tab, Went, run, signed_in

DAY = "2026-01-06"  # of the events that are refused


def tomorrow() -> str:
    return (today(utc_now(), settings().zone) + timedelta(days=1)).isoformat()


@pytest.fixture
def desk(cast: Cast) -> Tab:
    return Tab("/admin/book/", token=signed_in(cast.devi.person_id))


async def opened(tab: Tab, cast: Cast, slot: int = 0) -> State:
    """The page with Dr Chandra's times of Tuesday, and one of them chosen."""
    await tab.send(State, State.load)
    await tab.send(State, State.look, form={"doctor": str(cast.chandra), "day": tomorrow()})
    await tab.send(State, State.choose, slot_id=cast.slots[slot])
    return await tab.state(State)


async def booked(tab: Tab, cast: Cast, **form: Any) -> tuple[State, Went]:
    sent = {
        "slot_id": str(cast.slots[0]), "person_id": "0", "name": "Ravi Kumar", "phone": "98450 12301", "email": "",
        "reason": "", "payment": "cash", "reference": "", **form,
    }  # fmt: skip
    went = await tab.send(State, State.book, form=sent)
    return await tab.state(State), went


def test_the_desk_sees_the_times_of_a_day_and_chooses_one(desk: Tab, cast: Cast) -> None:
    state = run(opened(desk, cast, 1))
    assert [one.name for one in state.doctors] == ["Dr Chandra Rao"]
    shown = [one.time_label for one in state.day.morning]
    assert shown == ["10:00 am", "10:30 am", "11:00 am", "11:30 am"]
    assert (state.chosen.time_label, state.loaded, state.busy) == ("10:30 am", True, "")


def test_the_address_of_a_doctors_page_brings_the_doctor_with_it(desk: Tab, cast: Cast) -> None:
    desk.go("/admin/book/?doctor=dr-chandra-rao", {"doctor": "dr-chandra-rao"})
    run(desk.send(State, State.load))
    assert run(desk.state(State)).doctor == str(cast.chandra)


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"doctor": "", "day": DAY}, "Choose a doctor."),
        ({"doctor": "4711", "day": DAY}, "Choose a doctor."),
        ({"doctor": "1", "day": "soon"}, "Write a date such as 2026-11-24."),
        ({"doctor": "1", "day": "2031-01-01"}, "Pick a day within a year of today, and at most 60 days."),
    ],
)
def test_times_that_can_not_be_shown_say_what_to_do(desk: Tab, form: dict[str, str], said: str) -> None:
    run(desk.send(State, State.load))
    run(desk.send(State, State.look, form=form))
    state = run(desk.state(State))
    assert (state.problems.times, state.busy) == (said, "")


def test_a_walk_in_is_booked_and_the_desk_reads_what_happened(desk: Tab, cast: Cast) -> None:
    async def story() -> State:
        await opened(desk, cast)
        return (await booked(desk, cast, reference="R-17"))[0]

    state = run(story())
    with read() as tx:
        visit = tx.exec(select(Appointment)).one()
    assert state.said == (
        f"Ravi Kumar, {state.day.weekday_label} {state.day.date_label}, 10:00 am: booked and paid. Receipt and details stand at the booking."
    )
    assert (state.reference, visit.status, state.made) == (visit.reference, "confirmed", 1)
    assert (state.chosen, state.day.morning[0].status) == (SlotView(), "booked")


def test_a_patient_who_was_found_is_booked_for_and_told_by_link(desk: Tab, cast: Cast) -> None:
    async def story() -> tuple[State, PatientMatch]:
        await opened(desk, cast)
        await desk.send(State, State.find, form={"q": "asha"})
        await desk.send(State, State.pick, person_id=cast.asha)
        picked = (await desk.state(State)).patient
        state, _ = await booked(desk, cast, person_id=str(cast.asha), payment="link")
        return state, picked

    state, picked = run(story())
    assert picked.name == "Asha"
    assert state.said.startswith(
        f"Asha, {state.day.weekday_label} {state.day.date_label}, 10:00 am: held until "
    )
    assert (state.patient, state.matches, state.sought) == (PatientMatch(), [], False)


def test_a_second_tap_books_nothing_and_leaves_the_sentence(desk: Tab, cast: Cast) -> None:
    async def story() -> State:
        await opened(desk, cast)
        await booked(desk, cast)
        return (await booked(desk, cast))[0]

    state = run(story())
    assert (state.said != "", state.problems) == (True, Problems())
    with read() as tx:
        assert tx.exec(select(func.count(col(Appointment.id)))).one() == 1


def test_a_time_that_was_just_taken_says_so_and_shows_what_is_free_now(desk: Tab, cast: Cast) -> None:
    async def story() -> State:
        await opened(desk, cast)
        claim.claim(patient_id=cast.bilal, slot_id=cast.slots[0], now=utc_now())
        return (await booked(desk, cast))[0]

    state = run(story())
    assert state.problems.times.startswith("10:00 am was just taken.")
    assert (state.day.morning[0].status, state.chosen.id, state.said) == ("held", 0, "")


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"slot_id": "0"}, "times"),
        ({"name": ""}, "name"),
        ({"phone": "12"}, "phone"),
        ({"email": "no mail"}, "email"),
        ({"reference": "pay_17"}, "reference"),
        ({"payment": "link", "reference": "R-17"}, "reference"),
        ({"person_id": "4711"}, "whole"),
    ],
)
def test_each_refusal_stands_beside_its_field(
    desk: Tab, cast: Cast, form: dict[str, str], field: str
) -> None:
    async def story() -> State:
        await opened(desk, cast)
        return (await booked(desk, cast, **form))[0]

    state = run(story())
    assert [name for name, said in vars(state.problems).items() if said] == [field]
    assert (state.said, live_on(cast.slots[0])) == ("", 0)


HANDLERS: list[tuple[str, dict[str, Any]]] = [
    ("load", {}),
    ("look", {"form": {"doctor": "1", "day": DAY}}),
    ("choose", {"slot_id": 1}),
    ("find", {"form": {"q": "bilal"}}),
    ("pick", {"person_id": 1}),
    ("somebody_else", {}),
    (
        "book",
        {
            "form": {
                "slot_id": "1", "person_id": "0", "name": "Ravi", "phone": "98450 12301", "reason": "",
                "payment": "cash", "reference": "",
            }
        },
    ),
]  # fmt: skip


@pytest.mark.parametrize("who", ["asha", "nobody"])
@pytest.mark.parametrize(("handler", "payload"), HANDLERS)
def test_nobody_but_an_admin_books_for_others_or_finds_patients(
    cast: Cast, who: str, handler: str, payload: dict[str, Any]
) -> None:
    tab = Tab("/admin/book/", token="" if who == "nobody" else signed_in(cast.asha))
    went = run(tab.send(State, getattr(State, handler), **payload))
    state = run(tab.state(State))
    assert (went.refused, state.loaded, state.matches, live_on(cast.slots[0])) == (True, False, [], 0)
    with read() as tx:
        assert tx.exec(select(func.count(col(Person.id))).where(Person.name == "Ravi")).one() == 0


def test_leaving_forgets_the_patient_and_what_was_done(desk: Tab, cast: Cast) -> None:
    async def story() -> State:
        await opened(desk, cast)
        await booked(desk, cast)
        await desk.send(State, State.leave)
        return await desk.state(State)

    state = run(story())
    assert (state.said, state.reference, state.patient, state.doctors) == ("", "", PatientMatch(), [])
