"""News reaches the tabs that watch, from any thread and from other processes, and no others."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
import redis
import reflex as rx

from booking_ui.config.settings import settings
from booking_ui.db.models import Slot
from booking_ui.db.session import write
from booking_ui.domain.clock import utc_now
from booking_ui.edge.live import CHANNEL, Hub, News, Watch
from booking_ui.languages import spoken
from booking_ui.services.booking import claim
from booking_ui.states.patient.appointment import AppointmentState
from booking_ui.states.patient.doctor import DoctorState
from tests.support.cast import Cast
from tests.support.languages import small_hindi
from tests.support.servers import hanging, redis_server
from tests.support.tab import run

PATIENCE = 10.0


class Tab(str):
    """Stands for a tab's state, which knows the address of its page."""

    address = "/"

    @property
    def router(self) -> SimpleNamespace:
        return SimpleNamespace(url=SimpleNamespace(path=self.address))


class HindiTab(Tab):
    address = "/hi/doctor/dr-rao/"


class Page:
    """Stands for Reflex: which tabs are open, and a state for each."""

    def __init__(self, *tabs: str) -> None:
        self.token_to_sid = dict.fromkeys(tabs, "socket")
        self.event_namespace = self
        self.seen: list[tuple[str, str]] = []
        self.arrived = asyncio.Event()
        self.hindi: set[str] = set()

    def modify_state(self, token: rx.BaseStateToken) -> Page:
        self.tab = token.ident
        return self

    async def __aenter__(self) -> Page:
        return self

    async def __aexit__(self, *_: object) -> None:
        return None

    async def get_state(self, _cls: type[rx.State]) -> Tab:
        return HindiTab(self.tab) if self.tab in self.hindi else Tab(self.tab)

    def watch(self, cls: type[rx.State] = DoctorState) -> Watch:
        async def note(tab: str, news: News) -> None:
            self.seen.append((tab, news.topic))
            self.arrived.set()

        return Watch(cls, note)


async def beside(*tasks: Awaitable[None], story: Callable[[], Awaitable[None]]) -> None:
    """Run the story while the tasks run, then end them."""
    running = [asyncio.ensure_future(task) for task in tasks]
    try:
        await asyncio.wait_for(story(), PATIENCE)
    finally:
        for one in running:
            one.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def ready(hub: Hub) -> None:
    await asyncio.sleep(0)  # the tasks beside the story take their first steps
    assert hub._loop is not None


def test_a_claim_in_a_service_thread_reaches_the_tabs_that_watch_the_doctor(cast: Cast) -> None:
    async def scene() -> None:
        hub, page = Hub(), Page("a", "b")
        hub.watch(f"doctor:{cast.chandra}", "a", page.watch())
        hub.watch("doctor:999", "b", page.watch())

        async def story() -> None:
            await ready(hub)
            await asyncio.to_thread(claim.claim, patient_id=cast.asha, slot_id=cast.slots[0], now=utc_now())
            await page.arrived.wait()

        await beside(hub.run(page), story=story)  # type: ignore[arg-type]  # a page is all the hub asks of the app
        assert page.seen == [("a", f"doctor:{cast.chandra}")]

    move_ahead(cast)
    run(scene())


def test_a_burst_is_delivered_once() -> None:
    async def scene() -> None:
        hub, page = Hub(), Page("a", "b")
        hub.watch("doctor:1", "a", page.watch())
        hub.watch("doctor:2", "b", page.watch())
        for _ in range(50):
            hub.deliver_soon("doctor:1")

        async def story() -> None:
            await page.arrived.wait()
            page.arrived.clear()
            hub.deliver_soon("doctor:2")  # a second delivery of the burst would come before this one
            await page.arrived.wait()

        await beside(hub.deliver_forever(page), story=story)  # type: ignore[arg-type]
        assert page.seen == [("a", "doctor:1"), ("b", "doctor:2")]

    run(scene())


def test_closed_tabs_are_forgotten() -> None:
    async def scene() -> None:
        hub, page = Hub(), Page("open")
        hub.watch("doctor:1", "open", page.watch())
        hub.watch("doctor:1", "closed", page.watch())
        hub.watch("doctor:2", "closed too", page.watch())
        await hub.deliver(page, "doctor:1")  # type: ignore[arg-type]
        assert page.seen == [("open", "doctor:1")]
        assert (hub.watching("doctor:1"), hub.watching("doctor:2")) == ({"open"}, set())

    run(scene())


def test_a_tab_watches_one_thing_per_page_and_pages_do_not_disturb_each_other() -> None:
    hub, page = Hub(), Page.__new__(Page)
    hub.watch("doctor:1", "a", page.watch())
    hub.watch("appointment:5", "a", page.watch(AppointmentState))
    hub.watch("doctor:2", "a", page.watch())
    assert [hub.watching(topic) for topic in ("doctor:1", "doctor:2", "appointment:5")] == [
        set(),
        {"a"},
        {"a"},
    ]
    hub.unwatch("a", DoctorState)
    assert [hub.watching(topic) for topic in ("doctor:2", "appointment:5")] == [set(), {"a"}]


def test_one_broken_tab_does_not_silence_the_others(caplog: pytest.LogCaptureFixture) -> None:
    async def scene() -> None:
        hub, page = Hub(), Page("a", "b")

        async def breaks(_state: object, _news: News) -> None:
            raise ZeroDivisionError

        hub.watch("doctor:1", "a", Watch(DoctorState, breaks))
        hub.watch("doctor:1", "b", page.watch())
        await hub.deliver(page, "doctor:1")  # type: ignore[arg-type]
        assert page.seen == [("b", "doctor:1")]

    run(scene())
    assert "live update of doctor:1 failed" in caplog.text


def test_each_tab_is_told_in_the_language_of_its_page(tmp_path: Path) -> None:
    async def scene() -> None:
        hub, page = Hub(), Page("a", "b", "c")
        told: dict[str, tuple[str, str]] = {}
        page.hindi = {"b", "c"}

        async def load() -> str:
            return f"loaded in {spoken()} of {len(told)}"

        async def note(tab: str, news: News) -> None:
            told[str(tab)] = (spoken(), await news.once("days", load))

        for tab in ("a", "b", "c"):
            hub.watch("doctor:1", tab, Watch(DoctorState, note))
        await hub.deliver(page, "doctor:1")  # type: ignore[arg-type]
        assert [told[tab][0] for tab in ("a", "b", "c")] == ["en", "hi", "hi"]
        assert told["a"][1].startswith("loaded in en")
        assert told["b"][1] == told["c"][1]
        assert told["b"][1].startswith("loaded in hi")
        assert spoken() == "en"

    with small_hindi(tmp_path / "languages"):
        run(scene())


def test_all_tabs_of_a_delivery_share_one_snapshot() -> None:
    async def scene() -> None:
        loads = []

        async def load() -> int:
            loads.append(1)
            return len(loads)

        news = News("doctor:1")
        assert await asyncio.gather(*(news.once("days", load) for _ in range(5))) == [1] * 5

    run(scene())


def test_another_process_hears_through_redis(redis_url: str, configured: pytest.MonkeyPatch) -> None:
    configured.setenv("REDIS_URL", redis_url)
    settings.cache_clear()

    async def scene() -> None:
        here, there, page = Hub(), Hub(), Page("a")
        there.watch("doctor:1", "a", page.watch())

        async def story() -> None:
            await ready(here)
            while not page.arrived.is_set():  # until the other side has subscribed, nobody hears
                here.announce("doctor:1")
                await asyncio.wait([asyncio.ensure_future(page.arrived.wait())], timeout=0.02)

        await beside(here.run(None), there.run(page), story=story)  # type: ignore[arg-type]
        assert ("a", "doctor:1") in page.seen

    run(scene())


def test_a_process_does_not_hear_itself_twice() -> None:
    async def scene() -> None:
        hub, page = Hub(), Page("a")
        hub.me = "me"
        hub.watch("doctor:1", "a", page.watch())
        hub._take({"type": "message", "data": "me doctor:1"})
        hub._take({"type": "subscribe", "data": 1})
        assert hub._pending == set()
        hub._take({"type": "message", "data": "other doctor:1"})
        assert hub._pending == {"doctor:1"}

    run(scene())


def test_redis_going_away_and_coming_back_is_survived(configured: pytest.MonkeyPatch) -> None:
    configured.setattr("booking_ui.edge.live.RECONNECT_SECONDS", (0.05,))
    with redis_server() as gone:
        url = gone

    async def scene() -> None:
        hub, page = Hub(), Page("a")
        hub.watch("doctor:1", "a", page.watch())

        async def story() -> None:
            hub.deliver_soon("doctor:1")
            await page.arrived.wait()
            page.arrived.clear()
            port = int(url.rpartition(":")[2].partition("/")[0])
            with redis_server(port=port), redis.Redis.from_url(url) as back:
                while (
                    not page.arrived.is_set()
                ):  # until it listens again, nobody hears what another process says
                    back.publish(CHANNEL, "another doctor:1")
                    with suppress(TimeoutError):
                        await asyncio.wait_for(page.arrived.wait(), 0.1)

        await beside(hub.subscribe_forever(url), hub.deliver_forever(page), story=story)  # type: ignore[arg-type]
        assert page.seen[:2] == [("a", "doctor:1")] * 2

    run(scene())


def test_a_redis_that_hangs_costs_many_changes_one_wait_and_one_line(
    configured: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    configured.setattr("booking_ui.edge.redis_client.ANSWER_SECONDS", 0.5)

    async def scene(url: str) -> None:
        here = Hub()

        async def tell(topics: int) -> None:
            for number in range(topics):
                here.announce(f"doctor:{number}")
            await asyncio.sleep(0)  # they are announced on the loop
            await asyncio.wait_for(here.all_told(), 2)

        async def story() -> None:
            await ready(here)
            await tell(1)
            with hanging(url):
                await tell(100)
                await tell(100)
            assert caplog.text.count("could not tell") == 1
            await tell(1)
            assert "told again, but not of 200 changes" in caplog.text

        await beside(here.run(None), story=story)

    with redis_server() as url:
        configured.setenv("REDIS_URL", url)
        settings.cache_clear()
        run(scene(url))


def test_what_nobody_told_is_noticed_by_looking(cast: Cast) -> None:
    """Another process without Redis; a doctor who was not watched before is delivered once."""

    async def story() -> None:
        hub, page = Hub(), Page("t1")
        topic = f"doctor:{cast.chandra}"
        hub.watch(topic, "t1", page.watch())
        seen = await hub.poll({})
        assert hub._pending == {topic}
        hub._pending.clear()
        seen = await hub.poll(seen)
        assert hub._pending == set()
        claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=utc_now())
        await hub.poll(seen)
        assert hub._pending == {topic}

    move_ahead(cast)
    run(story())


def test_nobody_watching_costs_no_look(cast: Cast) -> None:
    assert run(Hub().poll({"doctor:1": 1})) == {}


def move_ahead(cast: Cast) -> None:
    with write() as tx:
        for number, slot_id in enumerate(cast.slots):
            slot = tx.get_one(Slot, slot_id)
            slot.starts_at = utc_now() + timedelta(days=1, minutes=30 * number)
            slot.ends_at = slot.starts_at + timedelta(minutes=30)
