"""The reason at checkout: kept when the field is left, refused with a sentence, hers alone."""

from __future__ import annotations

from booking_ui.domain.clock import utc_now
from booking_ui.services.booking import appointments
from booking_ui.states.patient.checkout import CheckoutState
from booking_ui.states.patient.visit_reason import ReasonState
from tests.support.cast import Cast
from tests.support.tab import Tab, run, signed_in
from tests.unit.states.patient.test_family import at_checkout, held


def kept(cast: Cast, visit_id: int) -> str:
    return appointments.find(patient_id=cast.asha, appointment_id=visit_id, now=utc_now()).reason


def test_what_she_wrote_is_kept_and_said_to_be(cast: Cast) -> None:
    visit = held(cast)

    async def story() -> None:
        tab, checkout, _ = await at_checkout(cast.asha, visit)
        await tab.send(ReasonState, ReasonState.load)
        reason = await tab.state(ReasonState)
        await tab.send(ReasonState, ReasonState.keep, reason="cough for a week")
        assert (reason.said, reason.problem, checkout.visit.reason) == ("Saved", "", "cough for a week")
        await tab.send(ReasonState, ReasonState.keep, reason="cough " * 60)
        assert (reason.said, reason.problem) == (
            "",
            "That is too long: please say it in at most 300 characters.",
        )
        await tab.send(ReasonState, ReasonState.load)
        assert (reason.said, reason.problem) == ("", "")

    run(story())
    assert kept(cast, visit.id) == "cough for a week"


def test_writing_after_the_hold_ended_shows_that_it_ended(cast: Cast) -> None:
    visit = held(cast, minutes_ago=16)

    async def story() -> None:
        tab, checkout, _ = await at_checkout(cast.asha, visit)
        await tab.send(ReasonState, ReasonState.keep, reason="cough")
        assert (checkout.stage, (await tab.state(ReasonState)).said) == ("over", "")

    run(story())
    assert kept(cast, visit.id) == ""


def test_a_stranger_writes_into_nobodys_booking(cast: Cast) -> None:
    visit = held(cast)

    async def story() -> None:
        at = f"/checkout/{visit.reference}/"
        tab = Tab(at, token=signed_in(cast.bilal), params={"booking_ref": visit.reference})
        await tab.send(CheckoutState, CheckoutState.load)
        await tab.send(ReasonState, ReasonState.keep, reason="his")
        assert (await tab.state(CheckoutState)).stage == "missing"

    run(story())
    assert kept(cast, visit.id) == ""
