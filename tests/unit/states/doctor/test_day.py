"""A doctor's day: for doctors alone, each by their own session."""

from __future__ import annotations

from datetime import timedelta

import pytest

from booking_ui.config.settings import settings
from booking_ui.db.models import Person, Role, pk
from booking_ui.db.session import write
from booking_ui.domain.clock import today, utc_now
from booking_ui.services.accounts.authentication import open_session
from booking_ui.services.booking import claim
from booking_ui.states.doctor.day import NO_DAY, DayState
from tests.support.cast import Cast
from tests.support.tab import Tab, run, signed_in


def a_doctors_account(doctor_id: int | None) -> str:
    """The session token of a new account with the role doctor."""
    with write() as tx:
        person = Person(
            name="Dr Ezhil", email=f"doctor{doctor_id}@example.com", phone="+919800000009", password_hash="-",
            role=Role.DOCTOR, doctor_id=doctor_id, created_at=utc_now(),
        )  # fmt: skip
        tx.add(person)
        tx.flush()
        person_id = pk(person)
    return open_session(person_id=person_id, now=utc_now())


def a_hold(cast: Cast, number: int = 0) -> str:
    return claim.claim(patient_id=cast.asha, slot_id=cast.slots[number], now=utc_now()).reference


def tomorrow() -> str:
    return (today(utc_now(), settings().zone) + timedelta(days=1)).isoformat()


async def day(tab: Tab) -> DayState:
    await tab.send(DayState, DayState.load)
    return await tab.state(DayState)


def test_a_doctor_sees_their_own_visits_of_the_day_in_the_address(cast: Cast) -> None:
    reference = a_hold(cast)
    tab = Tab(f"/day/?on={tomorrow()}", token=a_doctors_account(cast.chandra))

    state = run(day(tab))

    assert [(one.reference, one.time_label, one.patient_name) for one in state.view.visits] == [
        (reference, "10:00 am", "Asha")
    ]
    assert "asha@example.com" not in repr(state.view)


def test_a_day_without_visits_leads_to_the_next_day_that_has_some(cast: Cast) -> None:
    a_hold(cast)
    tab = Tab("/day/?on=nonsense", token=a_doctors_account(cast.chandra))

    state = run(day(tab))

    assert (state.view.is_today, state.view.visits, state.view.next_with_visits) == (True, [], tomorrow())


def test_another_doctor_sees_none_of_these_visits_whatever_the_address_says(cast: Cast) -> None:
    a_hold(cast)
    tab = Tab(f"/day/?on={tomorrow()}&doctor={cast.chandra}", token=a_doctors_account(None))

    state = run(day(tab))

    assert (state.view, state.loaded) == (NO_DAY, True)
    assert "front desk" in state.problem


@pytest.mark.parametrize("who", ["asha", "devi", ""])
def test_a_day_is_for_doctors_alone(cast: Cast, who: str) -> None:
    a_hold(cast)
    tokens = {"asha": cast.asha, "devi": cast.devi.person_id}
    tab = Tab("/day/", token=signed_in(tokens[who]) if who else "")

    went = run(tab.send(DayState, DayState.load))

    assert went.refused
    assert went.redirects == ["/sign-in/?next=%2Fday%2F" + ("&problem=forbidden" if who else "")]
    assert run(tab.state(DayState)).view == NO_DAY


def test_choosing_a_day_leads_to_its_address(cast: Cast) -> None:
    tab = Tab("/day/", token=a_doctors_account(cast.chandra))

    went = run(tab.send(DayState, DayState.choose, form={"on": "2026-11-24"}))
    back = run(tab.send(DayState, DayState.choose, form={"on": ""}))

    assert (went.redirects, back.redirects) == (["/day/?on=2026-11-24"], ["/day/"])
