"""A job's items one after the other; an item that breaks keeps no other waiting."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from typing import TypeVar

Item = TypeVar("Item")
Done = TypeVar("Done")


def one_by_one(take: Callable[[], Item | None], *, limit: int, within: timedelta) -> Iterator[Item]:
    """Leased items, each taken in hand only when the one before it is done.

    Leased all at once, the last of a slow batch would be done after its lease had ended, when another worker may have
    done it, or a person settled it. For the same reason a batch ends after `within` of real time, at most `limit` items.
    """
    began = time.monotonic()
    for _ in range(limit):
        item = take() if time.monotonic() - began < within.total_seconds() else None
        if item is None:
            return
        yield item


def each(items: Iterable[Item], do: Callable[[Item], Done]) -> list[Done]:
    """Do every item, and raise what broke once all the others have had their turn.

    Raises the error of the one that broke, or an ExceptionGroup of several.
    """
    done: list[Done] = []
    broken: list[Exception] = []
    for item in items:
        try:
            done.append(do(item))
        except Exception as exc:  # noqa: BLE001 - kept and raised below
            broken.append(exc)
    if len(broken) == 1:
        raise broken[0]
    if broken:
        raise ExceptionGroup(f"{len(broken)} items broke", broken)
    return done
