"""The family page and the choice at checkout: a patient's own, with a sentence for each wrong field."""

from __future__ import annotations

from datetime import timedelta

import pytest

from booking_ui.domain.clock import utc_now
from booking_ui.services.booking import claim, dependents
from booking_ui.services.views import AppointmentView
from booking_ui.states.patient.checkout import CheckoutState
from booking_ui.states.patient.family import FamilyState, Problems
from booking_ui.states.patient.for_whom import ForWhomState
from tests.support.cast import Cast
from tests.support.tab import Tab, run, signed_in

KIRAN = {"name": "Kiran Menon", "relation": "child", "born_on": "2019-03-04"}


def names(patient_id: int) -> list[str]:
    return [one.name for one in dependents.listed(patient_id=patient_id, now=utc_now())]


async def opened(patient_id: int) -> tuple[Tab, FamilyState]:
    tab = Tab("/family/", token=signed_in(patient_id))
    await tab.send(FamilyState, FamilyState.load)
    return tab, await tab.state(FamilyState)


def test_somebody_is_added_changed_and_removed(cast: Cast) -> None:
    async def story() -> None:
        tab, page = await opened(cast.asha)
        assert (page.loaded, page.people) == (True, [])
        await tab.send(FamilyState, FamilyState.add, form=KIRAN)
        (kiran,) = page.people
        assert (kiran.name, page.drafts, page.wrong) == ("Kiran Menon", 1, Problems())
        await tab.send(FamilyState, FamilyState.edit, dependent_id=kiran.id)
        assert page.editing == kiran.id
        changed = {**KIRAN, "dependent_id": str(kiran.id), "name": "Kiran Rao", "born_on": ""}
        await tab.send(FamilyState, FamilyState.save, form=changed)
        assert (page.editing, page.people[0].name, page.people[0].born_on) == (0, "Kiran Rao", "")
        for said in ("Removed. Visits that are booked stay booked.", "That person was removed already."):
            went = await tab.send(FamilyState, FamilyState.remove, dependent_id=kiran.id)
            assert went.told == [said]
        assert page.people == []

    run(story())


@pytest.mark.parametrize(
    ("asked", "paying"), [("?paying=AB12CD34", "AB12CD34"), ("", ""), ("?paying=//evil.example", "")]
)
def test_who_comes_from_checkout_is_led_back_there_and_nowhere_else(
    cast: Cast, asked: str, paying: str
) -> None:
    async def story() -> None:
        tab = Tab(f"/family/{asked}", token=signed_in(cast.asha))
        await tab.send(FamilyState, FamilyState.load)
        assert (await tab.state(FamilyState)).paying == paying

    run(story())


def test_each_wrong_field_has_its_sentence_and_nobody_is_added(cast: Cast) -> None:
    async def story() -> None:
        tab, page = await opened(cast.asha)
        tomorrow = (utc_now() + timedelta(days=2)).date().isoformat()
        wrong = {"name": "", "relation": "friend", "born_on": tomorrow}
        await tab.send(FamilyState, FamilyState.add, form=wrong)
        assert (page.wrong.name, page.wrong.born_on) == (
            "Write the name in 1 to 80 letters.",
            "The date of birth can't be in the future.",
        )
        assert page.wrong.relation.startswith("Choose one of child")
        await tab.send(FamilyState, FamilyState.add, form={**KIRAN, "born_on": "2019-02-31"})
        assert page.wrong == Problems(born_on="Write a date such as 2019-03-04.")

    run(story())
    assert names(cast.asha) == []


def test_an_account_that_is_full_says_so(cast: Cast) -> None:
    for n in range(10):
        dependents.add(patient_id=cast.asha, name=f"Child {n}", relation="child", now=utc_now())

    async def story() -> None:
        tab, page = await opened(cast.asha)
        assert page.full
        went = await tab.send(FamilyState, FamilyState.add, form=KIRAN)
        assert went.told == ["You have added 10 people, as many as an account can have. Remove one first."]

    run(story())
    assert len(names(cast.asha)) == 10


async def at_checkout(patient_id: int, visit: AppointmentView) -> tuple[Tab, CheckoutState, ForWhomState]:
    at = f"/checkout/{visit.reference}/"
    tab = Tab(at, token=signed_in(patient_id), params={"booking_ref": visit.reference})
    await tab.send(CheckoutState, CheckoutState.load)
    await tab.send(ForWhomState, ForWhomState.load)
    return tab, await tab.state(CheckoutState), await tab.state(ForWhomState)


def held(cast: Cast, minutes_ago: int = 0) -> AppointmentView:
    at = utc_now() - timedelta(minutes=minutes_ago)
    return claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=at)


def test_the_visit_is_for_herself_until_she_chooses_and_may_be_again(cast: Cast) -> None:
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


def test_somebody_elses_dependent_cannot_be_chosen(cast: Cast) -> None:
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
