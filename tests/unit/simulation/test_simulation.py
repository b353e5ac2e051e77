"""A fixed set of stories on every run; `make simulate SEEDS=10000` plays as many others as there is time for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.simulation.bugs import BUGS
from tests.simulation.plan import plan
from tests.simulation.shrink import shrink
from tests.simulation.storage import Storage
from tests.simulation.story import play

# A seed that catches each planted bug. A change of tests/simulation/plan.py makes other stories: find them again with
# `python -m tests.simulation --bug NAME`.
CAUGHT_BY = {
    "no-trail": 0,
    "slot-unchecked": 0,
    "captured-twice": 0,
    "blind-sweep": 0,
    "nobody-asks": 0,
    "ack-first": 2,
    "id-alone": 2,
    "failed-final": 2,
    "refund-unmatched": 2,
    "new-key": 2,
    "late-ignored": 4,
    "signature-unchecked": 7,
    "return-trusted": 9,
    "refund-once": 48,
    "order-overwritten": 14,
    "webhook-lease": 27,
    "second-ignored": 29,
    "refund-unasked": 109,
    "slot-stale": 41,
    "verdict-stale": 61,
    "mail-early": 4,
    "late-money-wins": 92,
    "amount-unchecked": 94,
    "refund-failed-done": 31,
    "refund-lease": 407,
    "mail-lease": 494,
}
# A seed that catches a bug is also played without it; else it would prove nothing.
SEEDS = sorted({*range(40), *CAUGHT_BY.values()})


@pytest.fixture(scope="module")
def storage() -> Iterator[Storage]:
    found = Storage()
    yield found
    found.database.dispose()


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_goes_wrong_every_promise_is_kept(storage: Storage, seed: int) -> None:
    ending = play(plan(seed), storage)
    story = "\n".join(shrink(ending, storage).lines) if ending.fault else ""
    assert ending.fault == "", story


def test_the_same_seed_tells_the_same_story_byte_for_byte(storage: Storage) -> None:
    assert play(plan(7), storage).lines == play(plan(7), Storage()).lines


def test_every_planted_bug_has_its_seed() -> None:
    assert sorted(CAUGHT_BY) == sorted(BUGS)


@pytest.mark.parametrize("name", CAUGHT_BY)
def test_a_planted_bug_is_caught(storage: Storage, name: str) -> None:
    assert play(plan(CAUGHT_BY[name]), storage, BUGS[name]).fault != ""


def test_a_failing_story_is_told_in_few_words(storage: Storage) -> None:
    whole = play(plan(CAUGHT_BY["captured-twice"]), storage, BUGS["captured-twice"])
    short = shrink(whole, storage, BUGS["captured-twice"])
    assert short.fault != ""
    assert len(short.plan.steps) <= 6
