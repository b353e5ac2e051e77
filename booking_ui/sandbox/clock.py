"""The sandbox's time: real time plus what a test has advanced it by."""

from __future__ import annotations

import time


class Clock:
    """Unix seconds. Delays are divided by `factor`; timestamps are not."""

    def __init__(self, factor: float = 1.0, offset: float = 0.0) -> None:
        self.factor = factor
        self.offset = offset

    def now(self) -> float:
        return time.time() + self.offset

    def stamp(self) -> int:
        return int(self.now())

    def after(self, seconds: float) -> float:
        return self.now() + self.scaled(seconds)

    def scaled(self, seconds: float) -> float:
        return seconds / self.factor

    def advance(self, seconds: float) -> None:
        self.offset += seconds
