"""Ask Razorpay now on the desk's page of a booking: the wait is shown, the answer stands in words."""

from __future__ import annotations

from typing import Any

import pytest

from booking_ui.domain.clock import utc_now
from booking_ui.services.booking import claim
from booking_ui.services.payments import orders
from booking_ui.states.desk.booking import BookingState
from tests.support.cast import Cast
from tests.support.sandbox_control import capture_now, pay, point_gateway_at
from tests.support.servers import free_port
from tests.support.tab import Tab, run, signed_in


@pytest.fixture
def order(cast: Cast, sandbox: str) -> tuple[str, str]:
    """(reference, order id) of a booking whose payment window is open."""
    held = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=utc_now())
    opened = orders.open_order(patient_id=cast.asha, appointment_id=held.id, now=utc_now())
    return held.reference, opened.gateway_order_id


async def asked(who: int, reference: str) -> tuple[BookingState, bool]:
    """The state afterwards, and whether the gate refused."""
    tab = Tab(f"/admin/?ref={reference}", token=signed_in(who))
    await tab.send(BookingState, BookingState.load)
    went = await tab.send(BookingState, BookingState.ask)
    return await tab.state(BookingState), went.refused


def test_the_answer_stands_on_the_page_with_the_booking_as_it_is_now(
    cast: Cast, sandbox: str, order: tuple[str, str]
) -> None:
    reference, order_id = order
    pay(sandbox, order_id)
    capture_now(sandbox)
    page, _ = run(asked(cast.devi.person_id, reference))
    assert page.said == "A payment of ₹500 is captured, the visit is confirmed now."
    assert (page.booking.row.status, page.asking, page.refusal) == ("confirmed", False, "")


def test_a_razorpay_that_is_away_is_said_and_the_button_is_free_again(
    cast: Cast, order: tuple[str, str], configured: pytest.MonkeyPatch
) -> None:
    point_gateway_at(f"http://127.0.0.1:{free_port()}", configured)
    page, _ = run(asked(cast.devi.person_id, order[0]))
    assert page.refusal == "Razorpay did not answer. Please try again in a minute."
    assert (page.said, page.asking, page.booking.row.status) == ("", False, "pending_payment")


def test_a_patient_asks_nothing_here(cast: Cast, order: tuple[str, str]) -> None:
    page, refused = run(asked(cast.asha, order[0]))
    assert (refused, page.said, page.refusal) == (True, "", "")


def test_the_wait_is_shown_while_razorpay_is_asked(cast: Cast, order: tuple[str, str]) -> None:
    async def story() -> list[bool]:
        tab = Tab(f"/admin/?ref={order[0]}", token=signed_in(cast.devi.person_id))
        await tab.send(BookingState, BookingState.load)
        page = await tab.state(BookingState)
        await tab.passes("never", {})  # the gate lets the admin be known to what follows
        ask: Any = BookingState.ask
        waits = [page.asking async for _ in ask.fn(page)]
        return [*waits, page.asking]

    assert run(story()) == [True, False]
