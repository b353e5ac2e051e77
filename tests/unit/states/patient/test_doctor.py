"""A doctor's page: days, slots, and changes to them while it is open."""

from __future__ import annotations

from datetime import timedelta

import pytest

from booking_ui.config.settings import settings
from booking_ui.db.models import Slot
from booking_ui.db.session import write
from booking_ui.domain.clock import utc_now
from booking_ui.edge.live import News, hub
from booking_ui.services.booking import claim
from booking_ui.states.patient.doctor import DoctorState, refreshed, slots_of
from tests.support.cast import Cast
from tests.support.tab import Tab, run, signed_in

SLUG = {"doctor_slug": "dr-chandra-rao"}


async def opened(at: str = "/doctor/dr-chandra-rao/", *, token: str = "") -> tuple[Tab, DoctorState]:
    tab = Tab(at, params=SLUG, token=token)
    await tab.send(DoctorState, DoctorState.load)
    return tab, await tab.state(DoctorState)


def test_the_page_opens_on_the_first_day_with_a_free_time(cast: Cast) -> None:
    async def story() -> None:
        _, page = await opened()
        assert (page.stage, page.doctor.id, len(page.strip)) == ("ready", cast.chandra, 14)
        assert page.day.day == page.strip[1].day
        assert [one.says for one in page.strip[:3]] == ["Closed", "4 free", "Closed"]
        assert [one.time_label for one in slots_of(page.day)] == [
            "10:00 am",
            "10:30 am",
            "11:00 am",
            "11:30 am",
        ]

    run(story())


def test_an_unknown_doctor_is_missing(cast: Cast) -> None:
    del cast

    async def story() -> None:
        tab = Tab("/doctor/dr-nobody/", params={"doctor_slug": "dr-nobody"})
        await tab.send(DoctorState, DoctorState.load)
        assert (await tab.state(DoctorState)).stage == "missing"

    run(story())


def test_only_a_free_time_can_be_chosen(cast: Cast) -> None:
    claim.claim(patient_id=cast.bilal, slot_id=cast.slots[1], now=utc_now())

    async def story() -> None:
        tab, page = await opened()
        await tab.send(DoctorState, DoctorState.choose, slot_id=cast.slots[0])
        assert page.chosen.id == cast.slots[0]
        await tab.send(DoctorState, DoctorState.choose, slot_id=cast.slots[1])
        assert page.chosen.id == 0

    run(story())


def test_a_taken_time_stays_in_its_place(cast: Cast) -> None:
    claim.claim(patient_id=cast.bilal, slot_id=cast.slots[1], now=utc_now())

    async def story() -> None:
        _, page = await opened()
        assert [one.status for one in slots_of(page.day)] == ["free", "held", "free", "free"]

    run(story())


def test_another_day_drops_the_choice(cast: Cast) -> None:
    async def story() -> None:
        tab, page = await opened()
        await tab.send(DoctorState, DoctorState.choose, slot_id=cast.slots[0])
        await tab.send(DoctorState, DoctorState.show_day, day=page.strip[2].day)
        assert (page.day.day, page.chosen.id) == (page.strip[2].day, 0)

    run(story())


def far_ahead(cast: Cast, configured: pytest.MonkeyPatch) -> str:
    """Move the last slot twenty days ahead, onto the second strip of a clinic that can be booked a month ahead."""
    configured.setenv("BOOKING_HORIZON_DAYS", "30")
    settings.cache_clear()
    with write() as tx:
        last = tx.get_one(Slot, cast.slots[-1])
        last.starts_at += timedelta(days=19)
        last.ends_at += timedelta(days=19)
        return last.starts_at.astimezone(settings().zone).date().isoformat()


def test_later_days_are_turned_to_and_back_and_news_of_them_comes(
    cast: Cast, configured: pytest.MonkeyPatch
) -> None:
    far = far_ahead(cast, configured)

    async def story() -> None:
        tab, page = await opened()
        first = page.strip[0].day
        assert (page.earlier, page.later > page.strip[-1].day) == ("", True)
        await tab.send(DoctorState, DoctorState.show_day, day=page.later)
        assert (page.day.day, page.earlier, len(page.strip)) == (far, first, 14)
        await tab.send(DoctorState, DoctorState.choose, slot_id=cast.slots[-1])
        claim.claim(patient_id=cast.bilal, slot_id=cast.slots[-1], now=utc_now())
        await refreshed(page, News(f"doctor:{cast.chandra}"))
        assert (page.day.day, page.chosen.id, [one.status for one in slots_of(page.day)]) == (
            far,
            0,
            ["held"],
        )
        await tab.send(DoctorState, DoctorState.show_day, day=page.earlier)
        assert (page.strip[0].day, page.earlier, page.day.free_count) == (first, "", 3)

    run(story())


def test_the_address_opens_a_day_far_ahead(cast: Cast, configured: pytest.MonkeyPatch) -> None:
    far = far_ahead(cast, configured)

    async def story() -> None:
        _, page = await opened(f"/doctor/dr-chandra-rao/?day={far}")
        assert (page.day.day, page.day.free_count, page.later > far) == (far, 1, True)

    run(story())


def test_fourteen_days_ahead_there_is_nothing_to_turn_to(cast: Cast) -> None:
    del cast

    async def story() -> None:
        _, page = await opened()
        assert (page.earlier, page.later) == ("", "")

    run(story())


def test_a_day_that_is_no_date_is_refused(cast: Cast) -> None:
    del cast

    async def story() -> None:
        tab, _ = await opened()
        assert (await tab.send(DoctorState, DoctorState.show_day, day="tomorrow")).refused

    run(story())


def test_the_address_of_a_taken_time_says_so_and_offers_the_nearest(cast: Cast) -> None:
    claim.claim(patient_id=cast.bilal, slot_id=cast.slots[0], now=utc_now())

    async def story() -> None:
        _, page = await opened(f"/doctor/dr-chandra-rao/?taken={cast.slots[0]}")
        assert page.taken.sentence == "10:00 am was just taken. 10:30 am, 11:00 am and 11:30 am are free."
        assert [one.id for one in page.taken.nearest] == list(cast.slots[1:])

    run(story())


def test_an_address_cannot_claim_that_a_free_time_is_taken(cast: Cast) -> None:
    async def story() -> None:
        for said in (str(cast.slots[0]), "abc", "-1", "99999", "9" * 30):
            _, page = await opened(f"/doctor/dr-chandra-rao/?taken={said}")
            assert (page.stage, page.taken.sentence) == ("ready", "")

    run(story())


def test_a_time_taken_elsewhere_fades_and_the_choice_becomes_the_nearest(cast: Cast) -> None:
    async def story() -> None:
        tab, page = await opened()
        await tab.send(DoctorState, DoctorState.choose, slot_id=cast.slots[2])
        claim.claim(patient_id=cast.bilal, slot_id=cast.slots[2], now=utc_now())
        await refreshed(page, News(f"doctor:{cast.chandra}"))
        assert [one.status for one in slots_of(page.day)] == ["free", "free", "held", "free"]
        assert page.chosen.id == 0
        assert page.taken.sentence == "11:00 am was just taken. 10:00 am, 10:30 am and 11:30 am are free."

    run(story())


def test_news_of_another_doctor_changes_nothing(cast: Cast) -> None:
    async def story() -> None:
        _, page = await opened()
        claim.claim(patient_id=cast.bilal, slot_id=cast.slots[2], now=utc_now())
        await refreshed(page, News("doctor:999"))
        assert [one.status for one in slots_of(page.day)] == ["free"] * 4

    run(story())


def test_the_page_watches_its_doctor_until_it_is_left(cast: Cast) -> None:
    async def story() -> None:
        tab, _ = await opened()
        assert hub.watching(f"doctor:{cast.chandra}") == {"tab-1"}
        await tab.send(DoctorState, DoctorState.leave)
        assert hub.watching(f"doctor:{cast.chandra}") == set()

    run(story())


def test_a_time_that_the_patient_holds_is_not_called_taken(cast: Cast) -> None:
    async def story() -> None:
        tab, page = await opened(token=signed_in(cast.asha))
        await tab.send(DoctorState, DoctorState.choose, slot_id=cast.slots[0])
        claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=utc_now())
        await refreshed(page, News(f"doctor:{cast.chandra}"))
        assert (page.chosen.id, page.taken.sentence) == (cast.slots[0], "")
        again = f"/doctor/dr-chandra-rao/?taken={cast.slots[0]}"
        _, page = await opened(again, token=signed_in(cast.asha))
        assert page.taken.sentence == ""
        _, page = await opened(again, token=signed_in(cast.bilal))
        assert "taken" in page.taken.sentence

    run(story())
