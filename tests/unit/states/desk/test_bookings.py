"""The desk's table: only an admin's tab is ever filled, and the address decides what it shows."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from datetime import timedelta
from urllib.parse import quote

import pytest
from sqlmodel import col, update

from booking_ui.config.settings import settings
from booking_ui.db.models import Appointment, Slot
from booking_ui.db.session import write
from booking_ui.domain import clock
from booking_ui.domain.clock import utc_now
from booking_ui.services.booking import claim
from booking_ui.services.desk.bookings import SORTS, URGENCY, BookingFilter, listed
from booking_ui.services.views.desk import DoctorChoice
from booking_ui.states.desk.bookings import BookingsState, Shown, Table
from booking_ui.states.desk.lists import Pager
from tests.support.cast import Cast
from tests.support.tab import Tab, run, signed_in


def a_hold(cast: Cast, number: int = 0, *, patient_id: int = 0) -> str:
    """A booking of Dr Chandra's; its reference."""
    held = claim.claim(patient_id=patient_id or cast.asha, slot_id=cast.slots[number], now=utc_now())
    return held.reference


def to(cast: Cast, number: int, ahead: timedelta) -> None:
    """Move the time, and the visit on it, to that far from now."""
    start = utc_now() + ahead
    times = {"starts_at": start, "ends_at": start + timedelta(minutes=30)}
    with write() as tx:
        tx.exec(update(Appointment).where(col(Appointment.slot_id) == cast.slots[number]).values(**times))
        tx.exec(update(Slot).where(col(Slot.id) == cast.slots[number]).values(**times))


@pytest.fixture
def desk(cast: Cast) -> Tab:
    return Tab("/admin/", token=signed_in(cast.devi.person_id))


async def filled(tab: Tab) -> BookingsState:
    await tab.send(BookingsState, BookingsState.load)
    return await tab.state(BookingsState)


def test_devi_sees_every_booking_with_its_counts(cast: Cast, desk: Tab) -> None:
    first, second = a_hold(cast), a_hold(cast, 1, patient_id=cast.bilal)
    desk.go("/admin/")

    state = run(filled(desk))

    assert [row.reference for row in state.table.rows] == [second, first]
    sent = json.dumps([asdict(row) for row in (*state.table.rows, *state.attention.rows)])
    assert "Asha" in sent
    assert not re.search(
        r"@|order_|pay_|98\d{8}", sent
    )  # contacts and Razorpay's ids come when a booking is opened
    assert (state.table.pager.first, state.table.pager.last, state.table.pager.total) == (1, 2, 2)
    assert state.doctors == [DoctorChoice(str(cast.chandra), "Dr Chandra Rao")]
    assert {one.status: one.count for one in state.statuses if one.count} == {"": 2, "pending_payment": 2}
    assert (state.loaded, state.problem, state.attention.total) == (True, "", 0)


def test_the_address_says_what_is_shown(cast: Cast, desk: Tab) -> None:
    a_hold(cast)
    bilals = a_hold(cast, 1, patient_id=cast.bilal)
    desk.go("/admin/?q=bilal&status=pending_payment&page=9&ref=X")

    state = run(filled(desk))

    assert [row.reference for row in state.table.rows] == [bilals]
    assert (state.shown.status, [one.label for one in state.chips]) == ("pending_payment", ["", "“bilal”"])
    assert state.table.pager == Pager(total=1, first=1, last=1)
    assert state.table.open_prefix == "/admin/?status=pending_payment&q=bilal&ref="
    assert state.table.close == "/admin/?status=pending_payment&q=bilal"


def test_a_day_without_visits_leads_on(cast: Cast, desk: Tab) -> None:
    far, near = a_hold(cast), a_hold(cast, 1, patient_id=cast.bilal)
    to(cast, 0, timedelta(days=3))
    to(cast, 1, timedelta(days=1))

    async def story() -> list[tuple[list[str], str, str]]:
        seen = []
        for address in (
            "/admin/?period=today",
            "/admin/?period=tomorrow",
            "/admin/?period=next-7-days",
            "/admin/",
        ):
            desk.go(address)
            state = await filled(desk)
            seen.append(
                ([row.reference for row in state.table.rows], state.table.soon, state.table.everywhere)
            )
        return seen

    soon, everywhere = "/admin/?period=next-7-days", "/admin/"
    assert run(story()) == [
        ([], soon, everywhere),
        ([near], soon, everywhere),
        ([near, far], "", everywhere),
        ([far, near], "", ""),
    ]


def test_the_form_shows_the_days_and_the_order_in_force(cast: Cast, desk: Tab) -> None:
    today = clock.today(utc_now(), settings().zone).isoformat()
    assert run(filled(desk)).shown == Shown(sort="-starts_at")
    desk.go("/admin/?period=today")
    assert run(filled(desk)).shown == Shown(period="today", since=today, until=today, sort="starts_at")


def test_days_the_wrong_way_round_are_said_and_show_nothing(cast: Cast, desk: Tab) -> None:
    a_hold(cast)
    desk.go("/admin/?since=2026-11-30&until=2026-11-20")

    state = run(filled(desk))

    assert state.problem == "The last day must not be before the first."
    assert (state.table.rows, state.table.pager.total, state.loaded) == ([], 0, True)


def test_the_form_leads_to_the_address_of_what_it_asks_and_keeps_the_status(cast: Cast, desk: Tab) -> None:
    desk.go("/admin/?status=failed&page=3")
    asked = {"q": " asha ", "doctor": "7", "since": "2026-11-20", "until": "", "sort": "amount"}

    went = run(desk.send(BookingsState, BookingsState.narrow, form=asked))

    assert went.redirects == ["/admin/?status=failed&doctor=7&since=2026-11-20&q=asha&sort=amount"]


@pytest.mark.parametrize(
    "form", [{"q": ["asha"]}, {"q": "a" * 121}, {"status": "failed"}, {"page_size": "100000"}, "asha", None]
)
def test_a_form_of_another_shape_is_refused(cast: Cast, desk: Tab, form: object) -> None:
    went = run(desk.send(BookingsState, BookingsState.narrow, form=form))

    assert (went.refused, went.redirects) == (True, [])


def test_a_stranger_is_led_to_sign_in_and_back_to_the_same_view(cast: Cast) -> None:
    a_hold(cast)
    tab = Tab("/admin/?status=failed")

    went = run(tab.send(BookingsState, BookingsState.load))

    assert went.refused
    assert went.redirects == [f"/sign-in/?next={quote('/admin/?status=failed', safe='')}"]
    assert run(tab.state(BookingsState)).table == Table()


@pytest.mark.parametrize("handler", ["load", "narrow"])
def test_a_patient_gets_nothing_and_is_told_that_the_page_is_not_hers(cast: Cast, handler: str) -> None:
    a_hold(cast)
    tab = Tab("/admin/", token=signed_in(cast.asha))
    payload = {"form": {"q": ""}} if handler == "narrow" else {}

    went = run(tab.send(BookingsState, getattr(BookingsState, handler), **payload))

    state = run(tab.state(BookingsState))
    assert went.refused
    assert went.redirects == ["/sign-in/?next=%2Fadmin%2F&problem=forbidden"]
    assert (state.table, state.attention.rows, state.doctors, state.loaded) == (Table(), [], [], False)


@pytest.mark.parametrize("name", ["_show", "_fill", "_wanted", "reset"])
def test_what_is_not_a_declared_handler_cannot_be_called(cast: Cast, desk: Tab, name: str) -> None:
    refused = run(desk.passes(f"{BookingsState.get_full_name()}.{name}", {}))

    assert refused is not None


def test_leaving_forgets_what_was_shown(cast: Cast, desk: Tab) -> None:
    a_hold(cast)

    async def story() -> BookingsState:
        await filled(desk)
        await desk.send(BookingsState, BookingsState.leave)
        return await desk.state(BookingsState)

    state = run(story())
    assert (state.table, state.doctors, state.shown, state.loaded) == (Table(), [], Shown(), False)


def test_every_sort_key_the_page_may_ask_for_is_one_the_report_knows(cast: Cast) -> None:
    for key in (*SORTS, URGENCY):
        assert listed(BookingFilter(sort=key), now=utc_now()).total == 0
