"""Redis is an accelerator only: with it, without it, and when it dies in the middle, each slot is sold once."""

from __future__ import annotations

from functools import partial

import pytest
import redis

from booking_ui.config.settings import settings
from booking_ui.domain.errors import SlotTaken
from booking_ui.gateways import redis as gateway
from booking_ui.services.booking import claim
from tests.support.cast import NOW, Cast
from tests.support.races import CROWD, at_once, crowd, live_on
from tests.support.servers import redis_server


def test_a_crowd_with_redis_gets_the_slot_once(cast: Cast, with_redis: str) -> None:
    results = at_once([partial(claim.claim, patient_id=p, slot_id=cast.slots[0], now=NOW) for p in crowd()])
    refused = [r for r in results if isinstance(r, SlotTaken)]
    assert (CROWD - len(refused), live_on(cast.slots[0])) == (1, 1)


def test_a_turn_is_released_by_its_own_token_only(with_redis: str) -> None:
    with redis.Redis.from_url(with_redis) as client:
        with gateway.turn("slot:1"):
            assert client.pttl("turn:slot:1") > 0
            client.set("turn:slot:1", "somebody else's")
        assert client.get("turn:slot:1") == b"somebody else's"


def test_a_busy_turn_is_waited_for_and_then_passed_all_the_same(
    cast: Cast, with_redis: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gateway, "WAIT_SECONDS", 0.05)
    with redis.Redis.from_url(with_redis) as client:
        client.set(f"turn:slot:{cast.slots[0]}", "a holder that died")
    assert claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW).phase == "holding"


def test_pulling_redis_away_in_the_middle_of_a_flood_leaves_nothing_wrong(
    cast: Cast, configured: pytest.MonkeyPatch
) -> None:
    people = crowd()
    with redis_server() as url:
        configured.setenv("REDIS_URL", url)
        settings.cache_clear()
        gateway.reconnect()
        first = at_once([partial(claim.claim, patient_id=p, slot_id=cast.slots[0], now=NOW) for p in people])
        stop = partial(_shut_down, url)
        flood = [partial(claim.claim, patient_id=p, slot_id=cast.slots[1], now=NOW) for p in people]
        second = at_once([stop, *flood])[1:]
    third = at_once([partial(claim.claim, patient_id=p, slot_id=cast.slots[2], now=NOW) for p in people])
    for slot_id, results in zip(cast.slots, (first, second, third), strict=False):
        unexpected = [r for r in results if isinstance(r, Exception) and not isinstance(r, SlotTaken)]
        assert (unexpected, live_on(slot_id)) == ([], 1)
    gateway.reconnect()


def _shut_down(url: str) -> None:
    with redis.Redis.from_url(url) as client:
        client.shutdown(nosave=True)
