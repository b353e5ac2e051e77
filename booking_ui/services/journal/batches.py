"""A job's items one after the other; an item that breaks keeps no other waiting."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

Item = TypeVar("Item")
Done = TypeVar("Done")


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
