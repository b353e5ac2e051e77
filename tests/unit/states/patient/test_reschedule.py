"""The page that moves a visit: rebuilt from its address; the service decides."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

from booking_ui.config.settings import settings
from booking_ui.db.models import Appointment, Payment, Slot
from booking_ui.db.session import read, write
from booking_ui.domain.clock import utc_now
from booking_ui.edge import live
from booking_ui.services.booking import appointments, claim
from booking_ui.services.desk import mark_payment
from booking_ui.services.views import AppointmentView, DayView
from booking_ui.states.patient.doctor import DoctorState, nearest_open
from booking_ui.states.patient.reschedule import RescheduleState
from tests.support.cast import Cast
from tests.support.tab import Tab, run, signed_in


@pytest.fixture
def visit(cast: Cast) -> AppointmentView:
    """Asha's confirmed visit at Dr Chandra's first time, paid at the desk."""
    held = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=utc_now())
    with read() as tx:
        bill = tx.exec(select(Payment.id).where(Payment.appointment_id == held.id)).one() or 0
    mark_payment.mark(admin=cast.devi, payment_id=bill, status="captured", reason="in cash", now=utc_now())
    return seen(cast, held.id)


def seen(cast: Cast, appointment_id: int) -> AppointmentView:
    return appointments.find(patient_id=cast.asha, appointment_id=appointment_id, now=utc_now())


async def opened(patient_id: int, reference: str) -> tuple[Tab, RescheduleState]:
    at = f"/appointment/{reference}/reschedule/"
    tab = Tab(at, token=signed_in(patient_id), params={"booking_ref": reference})
    await tab.send(RescheduleState, RescheduleState.load)
    return tab, await tab.state(RescheduleState)


def test_the_page_shows_the_visit_and_the_doctors_times_and_hears_of_changes(
    cast: Cast, visit: AppointmentView
) -> None:
    async def story() -> None:
        tab, page = await opened(cast.asha, visit.reference)
        times = await tab.state(DoctorState)
        assert (page.stage, page.visit.id, times.stage) == ("ready", visit.id, "ready")
        assert [slot.status for slot in times.day.morning] == ["booked", "free", "free", "free"]
        assert live.is_watching(times, f"doctor:{cast.chandra}")

    run(story())


def test_a_day_without_free_slots_opens_at_the_nearest_day_that_has_some() -> None:
    week = [
        replace(DayView(), day=f"2026-12-{n:02}", state=state)
        for n, state in enumerate(["open", "closed", "full", "full", "open", "open"], start=1)
    ]
    wanted = {day.day: nearest_open(week, day.day) for day in week}
    assert [shown[-2:] for shown in wanted.values()] == ["01", "01", "01", "05", "05", "06"]
    assert nearest_open(week[1:4], "2026-12-03") == "2026-12-03"


def test_a_visit_far_ahead_is_moved_among_the_days_around_it(
    cast: Cast, visit: AppointmentView, configured: pytest.MonkeyPatch
) -> None:
    configured.setenv("BOOKING_HORIZON_DAYS", "30")
    settings.cache_clear()
    with write() as tx:
        moved: list[Appointment | Slot] = [tx.get_one(Appointment, visit.id), *tx.exec(select(Slot)).all()]
        for row in moved:
            row.starts_at += timedelta(days=19)
            row.ends_at += timedelta(days=19)
    far = seen(cast, visit.id)

    async def story() -> None:
        tab, page = await opened(cast.asha, visit.reference)
        times = await tab.state(DoctorState)
        assert (page.stage, times.day.day, times.earlier < far.date < times.later) == (
            "ready",
            far.date,
            True,
        )

    run(story())


def test_moving_leads_to_the_status_and_a_second_click_changes_nothing(
    cast: Cast, visit: AppointmentView
) -> None:
    async def story() -> None:
        tab, _ = await opened(cast.asha, visit.reference)
        for _click in range(2):
            went = await tab.send(RescheduleState, RescheduleState.move, slot_id=cast.slots[2])
            assert went.redirects == [f"/appointment/{visit.reference}/"]

    run(story())
    assert (seen(cast, visit.id).slot_id, seen(cast, visit.id).moved) == (cast.slots[2], 1)


def test_a_time_that_was_just_taken_is_said_and_the_page_stays(cast: Cast, visit: AppointmentView) -> None:
    async def story() -> None:
        tab, page = await opened(cast.asha, visit.reference)
        claim.claim(patient_id=cast.bilal, slot_id=cast.slots[1], now=utc_now())
        went = await tab.send(RescheduleState, RescheduleState.move, slot_id=cast.slots[1])
        assert (went.redirects, page.stage) == ([], "ready")
        assert page.problem == "10:30 am was just taken. 11:00 am and 11:30 am are free."
        times = await tab.state(DoctorState)
        assert [slot.status for slot in times.day.morning] == ["booked", "held", "free", "free"]

    run(story())
    assert seen(cast, visit.id) == visit


def test_after_the_cutoff_the_page_says_whom_to_call(
    cast: Cast, visit: AppointmentView, configured: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        tab, page = await opened(cast.asha, visit.reference)
        configured.setenv("RESCHEDULE_CUTOFF_HOURS", "48")
        settings.cache_clear()
        await tab.send(RescheduleState, RescheduleState.move, slot_id=cast.slots[1])
        assert page.stage == "closed"
        assert (
            page.problem
            == f"It's too close to the visit to move it online. Call us on {settings().support_phone}: we can cancel it "
            "for you by phone."
        )
        _, again = await opened(cast.asha, visit.reference)
        assert (again.stage, again.visit.too_late) == ("closed", "It's too late to move this visit online.")

    run(story())
    assert seen(cast, visit.id).slot_id == cast.slots[0]


def test_a_strangers_visit_is_missing_and_is_not_moved(cast: Cast, visit: AppointmentView) -> None:
    async def story() -> None:
        tab, page = await opened(cast.bilal, visit.reference)
        assert (page.stage, page.visit.id) == ("missing", 0)
        await tab.send(RescheduleState, RescheduleState.move, slot_id=cast.slots[1])

    run(story())
    assert seen(cast, visit.id) == visit
