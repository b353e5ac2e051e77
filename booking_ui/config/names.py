"""Names that look like settings and are none: most are misspelt, and what they say would pass unheard."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher

MISSPELT = 0.85  # how much of two names is the same text, 1 when all of it is


@dataclass(frozen=True)
class Stranger:
    """A name that is no setting, with the setting that is nearest to it; `misspelt` when they are nearly the same."""

    name: str
    nearest: str
    misspelt: bool


def strangers(names: Iterable[str], known: Iterable[str]) -> list[Stranger]:
    """Those of `names` that are not `known`, in order."""
    settings = sorted(known)
    return [_stranger(name, settings) for name in names if name not in settings]


def _stranger(name: str, known: list[str]) -> Stranger:
    likeness = {one: SequenceMatcher(None, name, one).ratio() for one in known}
    nearest = max(likeness, key=lambda one: likeness[one])
    return Stranger(name, nearest, likeness[nearest] >= MISSPELT)
