"""Shortens a failing story by leaving out all that it fails without."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tests.simulation.plan import Conditions, Plan
from tests.simulation.planting import Bug
from tests.simulation.stage import Step
from tests.simulation.storage import Storage
from tests.simulation.story import Ending, play

TRIES = 1500
"""Plays at most; a story that is not minimal by then is short enough."""


def shrink(ending: Ending, storage: Storage, bug: Bug | None = None) -> Ending:
    """The shortest story found that ends with the same kind of fault."""
    best, tries, progress = ending, 0, True
    while progress and tries < TRIES:
        progress = False
        for simpler in _simpler(best.plan):
            tries += 1
            found = play(simpler, storage, bug)
            if found.fault and found.kind == ending.kind:
                best, progress = found, True
                break
            if tries >= TRIES:
                break
    return best


def _simpler(plan: Plan) -> Iterator[Plan]:
    """Plans that are a little shorter or calmer, the boldest first."""
    size = len(plan.steps) // 2
    while size:
        for start in range(len(plan.steps) - size, -1, -size):
            yield replace(plan, steps=plan.steps[:start] + plan.steps[start + size :])
        size //= 2
    for place, step in enumerate(plan.steps):
        for calmer in _calmer(step):
            yield replace(plan, steps=(*plan.steps[:place], calmer, *plan.steps[place + 1 :]))
    for name in Conditions.__dataclass_fields__:
        default = getattr(Conditions(), name)
        if getattr(plan.conditions, name) != default:
            yield replace(plan, conditions=replace(plan.conditions, **{name: default}))


def _calmer(step: Step) -> Iterator[Step]:
    if step.crash_at:
        yield replace(step, crash_at=0)
    for left_out in range(len(step.meanwhile)):
        yield replace(step, meanwhile=step.meanwhile[:left_out] + step.meanwhile[left_out + 1 :])
    for place, (at, inner) in enumerate(step.meanwhile):
        for calmer in _calmer(inner):
            yield replace(step, meanwhile=_with(step.meanwhile, place, (at, calmer)))


def _with(
    meanwhile: tuple[tuple[int, Step], ...], place: int, entry: tuple[int, Step]
) -> tuple[tuple[int, Step], ...]:
    return (*meanwhile[:place], entry, *meanwhile[place + 1 :])
