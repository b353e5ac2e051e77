"""The family page: a patient's own dependents, with a sentence for each wrong field."""

from __future__ import annotations

from datetime import timedelta

import pytest

from booking_ui.domain.clock import utc_now
from booking_ui.services.booking import dependents
from booking_ui.states.patient.family import FamilyState, Problems
from tests.support.cast import Cast
from tests.support.tab import Tab, run, signed_in

KIRAN = {"name": "Kiran Menon", "relation": "child", "born_on": "2019-03-04"}


def names(patient_id: int) -> list[str]:
    return [one.name for one in dependents.listed(patient_id=patient_id, now=utc_now())]


async def opened(patient_id: int) -> tuple[Tab, FamilyState]:
    tab = Tab("/family/", token=signed_in(patient_id))
    await tab.send(FamilyState, FamilyState.load)
    return tab, await tab.state(FamilyState)


def test_a_dependent_is_added_edited_and_removed(cast: Cast) -> None:
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
def test_a_patient_from_checkout_is_led_back_there_and_nowhere_else(
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
