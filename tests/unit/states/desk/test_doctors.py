"""Doctors and days off before the desk: asked before visits are hit, refused by field, and only for an admin."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from booking_ui.config.settings import settings
from booking_ui.db.models import DayOff, Slot
from booking_ui.db.session import read, write
from booking_ui.domain import clock
from booking_ui.domain.clock import utc_now
from booking_ui.services.booking import claim
from booking_ui.services.schedule import doctor_list
from booking_ui.states.desk.doctors import NOT_A_DAY, DoctorsState, Question, WordProblem
from tests.support.cast import Cast
from tests.support.tab import Tab, run, signed_in


@pytest.fixture
def desk(cast: Cast) -> Tab:
    """It is two days before Dr Chandra's four times."""
    with write() as tx:
        for number, slot_id in enumerate(cast.slots):
            slot = tx.get_one(Slot, slot_id)
            slot.starts_at = (utc_now() + timedelta(days=2)).replace(hour=5, minute=30 * (number % 2))
            slot.starts_at += timedelta(hours=number // 2)
            slot.ends_at = slot.starts_at + timedelta(minutes=30)
    return Tab("/admin/doctors/", token=signed_in(cast.devi.person_id))


def day(offset: int) -> str:
    return (clock.today(utc_now(), settings().zone) + timedelta(days=offset)).isoformat()


def form(cast: Cast, **changed: str) -> dict[str, str]:
    return {
        "doctor": str(cast.chandra),
        "first_day": day(1),
        "last_day": day(3),
        "name": "Leave",
        **changed,
    }


async def after(tab: Tab, handler: Any, **payload: Any) -> DoctorsState:
    await tab.send(DoctorsState, handler, **payload)
    return await tab.state(DoctorsState)


def closed() -> int:
    with read() as tx:
        return len(tx.exec(select(DayOff)).all())


def test_the_list_has_every_doctor_with_what_lies_ahead(cast: Cast, desk: Tab) -> None:
    state = run(after(desk, DoctorsState.load))
    assert [(one.name, one.free_times, one.visits) for one in state.clinic.doctors] == [
        ("Dr Chandra Rao", 4, 0)
    ]


def test_days_without_visits_are_closed_at_once(cast: Cast, desk: Tab) -> None:
    state = run(after(desk, DoctorsState.close_days, form=form(cast, last_day="", first_day=day(1))))
    assert (state.question, state.to_call, closed()) == (Question(), [], 1)
    assert state.said.startswith("Closed: ")


def test_days_with_visits_are_closed_only_when_that_is_said_again(cast: Cast, desk: Tab) -> None:
    held = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=utc_now())
    state = run(after(desk, DoctorsState.close_days, form=form(cast)))
    assert ([one.reference for one in state.question.affected], closed()) == ([held.reference], 0)
    state = run(after(desk, DoctorsState.close_anyway))
    assert ([one.reference for one in state.to_call], state.question, closed()) == (
        [held.reference],
        Question(),
        1,
    )
    assert state.clinic.doctors[0].off[0].visits == 1


def test_thinking_again_leaves_everything_as_it_is(cast: Cast, desk: Tab) -> None:
    claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=utc_now())
    run(after(desk, DoctorsState.close_days, form=form(cast)))
    state = run(after(desk, DoctorsState.think_again))
    assert (state.question, closed()) == (Question(), 0)
    assert run(after(desk, DoctorsState.close_anyway)).said == ""
    assert closed() == 0


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"first_day": "soon"}, "first_day"),
        ({"first_day": "", "last_day": ""}, "first_day"),
        ({"last_day": "2026-13-40"}, "last_day"),
        ({"first_day": "2020-01-01"}, "first_day"),
        ({"doctor": "Chandra"}, "doctor"),
        ({"doctor": "999"}, "whole"),
        ({"name": " "}, "name"),
    ],
)
def test_wrong_fields_are_told_beside_them(
    cast: Cast, desk: Tab, changed: dict[str, str], field: str
) -> None:
    state = run(after(desk, DoctorsState.close_days, form=form(cast, **changed)))
    told = {
        name for name in ("doctor", "first_day", "last_day", "name", "whole") if getattr(state.problems, name)
    }
    assert (told, closed(), state.busy) == ({field}, 0, False)
    if changed.get("first_day") == "soon":
        assert state.problems.first_day == NOT_A_DAY


def test_opening_days_and_switching_a_doctor_off_show_at_once(cast: Cast, desk: Tab) -> None:
    run(after(desk, DoctorsState.close_days, form=form(cast, doctor="")))
    (holiday,) = doctor_list.list_doctors(now=utc_now()).holidays
    assert run(after(desk, DoctorsState.open_days, day_off_id=holiday.id)).clinic.holidays == []
    state = run(after(desk, DoctorsState.set_active, doctor_id=cast.chandra, active=False))
    assert state.clinic.doctors[0].active is False


def test_the_reason_of_closed_days_is_said_in_another_language(cast: Cast, desk: Tab) -> None:
    run(after(desk, DoctorsState.close_days, form=form(cast, doctor="")))
    (holiday,) = doctor_list.list_doctors(now=utc_now()).holidays
    wish = {"day_off_id": str(holiday.id), "language": "hi"}
    state = run(after(desk, DoctorsState.say_reason, form={**wish, "text": "छ" * 81}))
    assert state.word_problem == WordProblem(holiday.id, "hi", "Write 2 to 80 characters, or nothing.")
    state = run(after(desk, DoctorsState.say_reason, form={**wish, "text": "छुट्टी"}))
    assert (state.word_problem, state.clinic.holidays[0].words[0].text) == (WordProblem(), "छुट्टी")
    assert (state.said[:6], state.busy) == ("Saved.", False)
    state = run(after(desk, DoctorsState.say_reason, form={**wish, "language": "xx", "text": "छुट्टी"}))
    assert state.word_problem.sentence != ""


def test_patients_and_strangers_change_nothing(cast: Cast, desk: Tab) -> None:
    for token in ("", signed_in(cast.asha)):
        tab = Tab("/admin/doctors/", token=token)
        went = run(tab.send(DoctorsState, DoctorsState.close_days, form=form(cast)))
        assert (went.refused, closed()) == (True, 0)
        reason = {"day_off_id": "1", "language": "hi", "text": "छुट्टी"}
        assert run(tab.send(DoctorsState, DoctorsState.say_reason, form=reason)).refused
        assert run(tab.state(DoctorsState)).clinic.doctors == []
