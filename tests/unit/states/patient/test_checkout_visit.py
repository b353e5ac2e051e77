"""The visit's fields at checkout: for whom it is and its reason, each kept at once and nobody else's to change."""

from __future__ import annotations

from datetime import timedelta

from booking_ui.domain.clock import utc_now
from booking_ui.services.booking import appointments, claim, dependents
from booking_ui.services.views import AppointmentView
from booking_ui.states.patient.checkout import CheckoutState
from booking_ui.states.patient.checkout_visit import ForWhomState, ReasonState
from tests.support.cast import Cast
from tests.support.tab import Tab, run, signed_in


async def at_checkout(patient_id: int, visit: AppointmentView) -> tuple[Tab, CheckoutState, ForWhomState]:
    at = f"/checkout/{visit.reference}/"
    tab = Tab(at, token=signed_in(patient_id), params={"booking_ref": visit.reference})
    await tab.send(CheckoutState, CheckoutState.load)
    await tab.send(ForWhomState, ForWhomState.load)
    return tab, await tab.state(CheckoutState), await tab.state(ForWhomState)


def held(cast: Cast, minutes_ago: int = 0) -> AppointmentView:
    at = utc_now() - timedelta(minutes=minutes_ago)
    return claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=at)


def kept(cast: Cast, visit_id: int) -> str:
    return appointments.find(patient_id=cast.asha, appointment_id=visit_id, now=utc_now()).reason


def test_the_visit_is_for_the_patient_until_a_dependent_is_chosen_and_may_be_again(cast: Cast) -> None:
    kiran = dependents.add(patient_id=cast.asha, name="Kiran", relation="child", now=utc_now())
    visit = held(cast)

    async def story() -> None:
        tab, checkout, choice = await at_checkout(cast.asha, visit)
        assert (choice.me, [one.id for one in choice.people]) == ("Asha", [kiran.id])
        assert checkout.visit.dependent_id == 0
        await tab.send(ForWhomState, ForWhomState.choose, dependent=str(kiran.id))
        assert (checkout.visit.dependent_id, checkout.visit.patient_name) == (kiran.id, "Kiran")
        await tab.send(ForWhomState, ForWhomState.choose, dependent="0")
        assert (checkout.visit.dependent_id, checkout.visit.patient_name) == (0, "Asha")

    run(story())


def test_another_patients_dependent_cannot_be_chosen(cast: Cast) -> None:
    theirs = dependents.add(patient_id=cast.bilal, name="Noor", relation="child", now=utc_now())
    visit = held(cast)

    async def story() -> None:
        tab, checkout, _ = await at_checkout(cast.asha, visit)
        went = await tab.send(ForWhomState, ForWhomState.choose, dependent=str(theirs.id))
        assert went.told == ["We couldn't find that person among those you book for."]
        assert checkout.visit.patient_name == "Asha"
        for bad in ("", "-1", "x", "1e3", "9999999999"):
            assert (await tab.send(ForWhomState, ForWhomState.choose, dependent=bad)).refused

    run(story())


def test_choosing_after_the_hold_ended_shows_that_it_ended(cast: Cast) -> None:
    kiran = dependents.add(patient_id=cast.asha, name="Kiran", relation="child", now=utc_now())
    visit = held(cast, minutes_ago=16)

    async def story() -> None:
        tab, checkout, _ = await at_checkout(cast.asha, visit)
        await tab.send(ForWhomState, ForWhomState.choose, dependent=str(kiran.id))
        assert (checkout.stage, checkout.visit.patient_name) == ("over", "Asha")

    run(story())


def test_a_reason_is_saved_and_the_page_says_so(cast: Cast) -> None:
    visit = held(cast)

    async def story() -> None:
        tab, checkout, _ = await at_checkout(cast.asha, visit)
        await tab.send(ReasonState, ReasonState.load)
        reason = await tab.state(ReasonState)
        await tab.send(ReasonState, ReasonState.save, reason="cough for a week")
        assert (reason.progress, reason.problem, checkout.visit.reason) == ("Saved", "", "cough for a week")
        await tab.send(ReasonState, ReasonState.save, reason="cough " * 60)
        assert (reason.progress, reason.problem) == (
            "",
            "That is too long: please say it in at most 300 characters.",
        )
        await tab.send(ReasonState, ReasonState.load)
        assert (reason.progress, reason.problem) == ("", "")

    run(story())
    assert kept(cast, visit.id) == "cough for a week"


def test_a_reason_written_after_the_hold_ended_shows_that_it_ended(cast: Cast) -> None:
    visit = held(cast, minutes_ago=16)

    async def story() -> None:
        tab, checkout, _ = await at_checkout(cast.asha, visit)
        await tab.send(ReasonState, ReasonState.save, reason="cough")
        assert (checkout.stage, (await tab.state(ReasonState)).progress) == ("over", "")

    run(story())
    assert kept(cast, visit.id) == ""


def test_another_patient_cannot_write_a_reason(cast: Cast) -> None:
    visit = held(cast)

    async def story() -> None:
        at = f"/checkout/{visit.reference}/"
        tab = Tab(at, token=signed_in(cast.bilal), params={"booking_ref": visit.reference})
        await tab.send(CheckoutState, CheckoutState.load)
        await tab.send(ReasonState, ReasonState.save, reason="his")
        assert (await tab.state(CheckoutState)).stage == "missing"

    run(story())
    assert kept(cast, visit.id) == ""
