"""A doctor's day: for the doctor alone, from the session and the address."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import col, update

from booking_ui.config.settings import settings
from booking_ui.db.models import Appointment, Person, Role, Slot, pk
from booking_ui.db.session import write
from booking_ui.domain.clock import today, utc_now
from booking_ui.services.accounts.authentication import open_session
from booking_ui.services.booking import claim
from booking_ui.services.desk import mark_payment
from booking_ui.states.desk.booking import CONCLUDED, BookingState
from booking_ui.states.doctor.day import NO_DAY, DayState
from booking_ui.states.patient import appointments
from booking_ui.states.patient.appointments import AppointmentsState
from tests.support.cast import Cast
from tests.support.tab import Tab, run, signed_in
from tests.support.takings import payment_id


def a_doctors_account(doctor_id: int | None) -> str:
    """The token of a session of somebody with the role doctor."""
    with write() as tx:
        person = Person(
            name="Dr Somebody", email=f"doctor{doctor_id}@example.com", phone="+919800000009", password_hash="-",
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


def test_a_doctor_sees_her_own_visits_of_the_day_she_asks_for(cast: Cast) -> None:
    reference = a_hold(cast)
    tab = Tab(f"/day/?on={tomorrow()}", token=a_doctors_account(cast.chandra))

    state = run(day(tab))

    assert [(one.reference, one.time_label, one.patient_name) for one in state.view.visits] == [
        (reference, "10:00 am", "Asha")
    ]
    assert "asha@example.com" not in repr(state.view)


def test_without_visits_today_she_is_led_to_the_next_day_that_has_some(cast: Cast) -> None:
    a_hold(cast)
    tab = Tab("/day/?on=nonsense", token=a_doctors_account(cast.chandra))

    state = run(day(tab))

    assert (state.view.is_today, state.view.visits, state.view.next_with_visits) == (True, [], tomorrow())


def test_another_doctor_sees_nothing_of_it_whatever_she_asks(cast: Cast) -> None:
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


def begun(cast: Cast, number: int = 0) -> str:
    """A confirmed visit that began ten minutes ago; its reference."""
    held = claim.claim(patient_id=cast.asha, slot_id=cast.slots[number], now=utc_now())
    mark_payment.mark(
        admin=cast.devi,
        payment_id=payment_id(held.id),
        status="captured",
        reason="Paid in cash",
        now=utc_now(),
    )
    start = utc_now() - timedelta(minutes=10, days=number)
    with write() as tx:
        times = {"starts_at": start, "ends_at": start + timedelta(minutes=30)}
        tx.exec(update(Appointment).where(col(Appointment.id) == held.id).values(**times))
        tx.exec(update(Slot).where(col(Slot.id) == cast.slots[number]).values(**times))
    return held.reference


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
