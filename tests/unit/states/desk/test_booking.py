"""One booking before the desk, and marking its payment: by an admin, once, with a reason."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pytest
from sqlmodel import select

from booking_ui.db.models import Payment
from booking_ui.db.session import read
from booking_ui.domain.clock import utc_now
from booking_ui.domain.payment import PaymentStatus
from booking_ui.edge import live, threads
from booking_ui.services.accounts import authentication
from booking_ui.services.booking import claim, hold_expiry
from booking_ui.services.desk.booking import whole_booking
from booking_ui.services.views import AppointmentView
from booking_ui.services.views.desk import WholeBooking
from booking_ui.states.desk.booking import BookingState, wanted_reference
from booking_ui.states.desk.bookings import BookingsState
from tests.support.cast import Cast
from tests.support.sandbox_control import a_silent_gateway
from tests.support.tab import Tab, run, signed_in

PAID = {"status": "captured", "paid_through": "desk", "reason": "Paid in cash", "reference": "Receipt 12"}


@pytest.fixture
def held(cast: Cast) -> AppointmentView:
    return claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=utc_now())


@pytest.fixture
def desk(cast: Cast, held: AppointmentView) -> Tab:
    return Tab(f"/admin/?ref={held.reference}", token=signed_in(cast.devi.person_id))


async def opened(tab: Tab) -> BookingState:
    await tab.send(BookingState, BookingState.load)
    return await tab.state(BookingState)


async def marked(tab: Tab, **form: Any) -> BookingState:
    await opened(tab)
    await tab.send(BookingState, BookingState.mark, form={**PAID, **form})
    return await tab.state(BookingState)


def still(one: WholeBooking) -> WholeBooking:
    """The booking without the seconds that are left of its hold, which run on between two looks."""
    return replace(one, appointment=replace(one.appointment, hold_seconds_left=0))


def bill() -> Payment:
    with read() as tx:
        return tx.exec(select(Payment)).one()


def test_the_address_opens_the_booking_beside_the_table(desk: Tab, held: AppointmentView) -> None:
    state = run(opened(desk))

    assert state.stage == "found"
    assert still(state.booking) == still(whole_booking(now=utc_now(), reference=held.reference))
    assert sorted(state.effects) == ["captured", "failed"]


@pytest.mark.parametrize(
    ("path", "parameter", "reference"),
    [
        ("/admin/", "AB12CD34", "AB12CD34"),
        ("/admin/", "ab12cd34", "AB12CD34"),
        ("/admin/", "", ""),
        ("/admin/", "x" * 13, ""),
        ("/admin/", "' OR 1=1", ""),
        ("/admin/booking/AB12CD34/", "", "AB12CD34"),
        ("/admin/booking/AB12CD34", "ZZZZ", "AB12CD34"),
        ("/admin/booking/../secret", "", ""),
    ],
)
def test_the_reference_is_read_from_the_path_or_the_parameter(
    path: str, parameter: str, reference: str
) -> None:
    assert wanted_reference(path, parameter) == reference


def test_an_unknown_reference_is_missing_and_another_booking_is_not_left_on_screen(desk: Tab) -> None:
    async def story() -> BookingState:
        await opened(desk)
        desk.go("/admin/?ref=NOSUCH")
        return await opened(desk)

    state = run(story())
    assert (state.stage, state.booking, state.effects) == ("missing", WholeBooking(), {})


def test_marking_as_paid_confirms_the_visit_and_says_so(desk: Tab, cast: Cast) -> None:
    state = run(marked(desk))

    assert (state.said, state.problem, state.marks_made) == (
        "Marked as paid: the visit is confirmed.",
        "",
        1,
    )
    assert (state.booking.row.status, state.booking.row.payment_status) == ("confirmed", "captured")
    assert state.booking.mark_label == "Paid in cash · Receipt 12"
    assert bill().marked_by_id == cast.devi.person_id


def test_a_mark_waits_for_a_hanging_razorpay_no_longer_than_a_person_does(
    desk: Tab, configured: pytest.MonkeyPatch
) -> None:
    configured.setattr(threads, "GATEWAY_SECONDS", 0.3)
    with a_silent_gateway(configured):
        began = time.monotonic()
        state = run(marked(desk, paid_through="razorpay", reference="pay_00000000000001"))
    assert (state.booking.row.status, time.monotonic() - began < 5) == ("confirmed", True)


def test_marking_twice_marks_once_and_says_why_not_again(desk: Tab) -> None:
    async def story() -> BookingState:
        await marked(desk)
        return await marked(desk)

    state = run(story())
    assert (state.said, state.problem) == ("", "This payment is captured: it can't be marked captured.")
    assert (state.marks_made, bill().captured_paise) == (1, 50_000)


def test_a_mark_without_a_reason_changes_nothing(desk: Tab) -> None:
    state = run(marked(desk, reason="  "))

    assert (state.problem, state.marks_made) == ("Say why, in 3 to 300 characters.", 0)
    assert (bill().status, bill().marked_by_id) == (PaymentStatus.PENDING, None)


def test_a_mark_as_paid_must_say_how_it_was_paid_and_no_other_mark_need(desk: Tab) -> None:
    async def sent(status: str) -> BookingState:
        await opened(desk)
        form = {"status": status, "reason": "Paid in cash", "reference": ""}
        await desk.send(BookingState, BookingState.mark, form=form)
        return await desk.state(BookingState)

    asked = run(sent("captured"))
    assert (asked.problem, asked.said, asked.marks_made) == (
        "Say how it was paid: through Razorpay, or in cash or by UPI at the desk.", "", 0,
    )  # fmt: skip
    assert bill().status is PaymentStatus.PENDING
    assert run(sent("failed")).said == "Marked as failed: the time is free again."


def test_a_mark_as_paid_through_razorpay_needs_the_id_of_the_payment(desk: Tab) -> None:
    state = run(marked(desk, paid_through="razorpay", reference=""))
    assert state.problem == "Write the payment's id as Razorpay shows it: pay_ and 14 letters or digits."
    assert (bill().status, bill().marked_by_id) == (PaymentStatus.PENDING, None)


@pytest.mark.parametrize(
    "form",
    [
        {"status": "authorized"},
        {"paid_through": "bank"},
        {"payment_id": 1},
        {"reason": 7},
        {"reason": "x" * 401},
    ],
)
def test_a_mark_of_another_shape_is_refused(desk: Tab, form: dict[str, Any]) -> None:
    async def story() -> bool:
        await opened(desk)
        return (await desk.send(BookingState, BookingState.mark, form={**PAID, **form})).refused

    assert run(story())
    assert bill().status is PaymentStatus.PENDING


def test_a_mark_with_no_booking_on_screen_changes_nothing(cast: Cast, held: AppointmentView) -> None:
    tab = Tab("/admin/", token=signed_in(cast.devi.person_id))

    state = run(marked(tab))

    assert state.problem == "We couldn't find that. It may have been moved, or the address may be mistyped."
    assert bill().status is PaymentStatus.PENDING


def test_the_table_beside_it_shows_the_mark_too(desk: Tab, held: AppointmentView) -> None:
    desk.go(f"/admin/?ref={held.reference}")

    async def story() -> BookingsState:
        await desk.send(BookingsState, BookingsState.load)
        await marked(desk)
        return await desk.state(BookingsState)

    assert [(row.reference, row.status) for row in run(story()).table.rows] == [(held.reference, "confirmed")]


@pytest.mark.parametrize("who", ["asha", "bilal", "nobody"])
@pytest.mark.parametrize(("handler", "payload"), [("load", {}), ("refresh", {}), ("mark", {"form": PAID})])
def test_nobody_but_an_admin_reads_or_marks(
    cast: Cast, held: AppointmentView, who: str, handler: str, payload: dict[str, Any]
) -> None:
    token = "" if who == "nobody" else signed_in(getattr(cast, who))
    tab = Tab(f"/admin/?ref={held.reference}", token=token)

    went = run(tab.send(BookingState, getattr(BookingState, handler), **payload))

    state = run(tab.state(BookingState))
    assert went.refused
    assert (state.reference, state.booking, state.stage) == ("", WholeBooking(), "waiting")
    assert (bill().status, bill().marked_by_id) == (PaymentStatus.PENDING, None)


def test_a_signed_out_admin_can_no_longer_mark(cast: Cast, desk: Tab) -> None:
    async def story() -> bool:
        await opened(desk)
        authentication.close_session(token=desk.token, now=utc_now())
        return (await desk.send(BookingState, BookingState.mark, form=PAID)).refused

    assert run(story())
    assert bill().status is PaymentStatus.PENDING


def test_an_open_booking_is_watched_until_the_page_is_left(desk: Tab, held: AppointmentView) -> None:
    topic = f"appointment:{held.id}"

    async def story() -> tuple[set[str], set[str]]:
        await opened(desk)
        while_open = live.hub.watching(topic)
        await desk.send(BookingState, BookingState.leave)
        return while_open, live.hub.watching(topic)

    assert run(story()) == ({"tab-1"}, set())


def test_a_change_reaches_the_open_panel(cast: Cast, desk: Tab, held: AppointmentView) -> None:
    async def story() -> BookingState:
        state = await opened(desk)
        hold_expiry.let_go(patient_id=cast.asha, appointment_id=held.id, now=utc_now())
        await state._show_change(live.News(f"appointment:{held.id}"))
        return state

    assert run(story()).booking.row.status == "failed"


def test_a_change_after_signing_out_empties_the_panel(cast: Cast, desk: Tab, held: AppointmentView) -> None:
    async def story() -> BookingState:
        state = await opened(desk)
        authentication.close_session(token=desk.token, now=utc_now())
        await state._show_change(live.News(f"appointment:{held.id}"))
        return state

    state = run(story())
    assert (state.booking, state.reference) == (WholeBooking(), "")


def test_what_a_mark_will_do_is_said_before_it_is_done(cast: Cast, desk: Tab, held: AppointmentView) -> None:
    when = held.when_label
    assert run(opened(desk)).effects == {
        "captured": f"₹500 counts as paid, the visit on {when} is confirmed, and Asha gets an email.",
        "failed": "No money is expected any more. The booking ends and the time is free for others at once.",
    }
    assert run(marked(desk)).effects == {
        "refunded": "The money counts as given back. Nothing is sent to Razorpay: do this after you returned it."
        f" The visit on {when} is cancelled.",
    }
