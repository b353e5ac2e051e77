"""A bug, planted for the length of one story."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from unittest.mock import patch

from sqlmodel import text

from tests.simulation.stage import Stage
from tests.simulation.storage import Storage

Swap = tuple[object, str, object]
"""The owner of a function, its name, and its replacement."""


@dataclass(frozen=True)
class Bug:
    """Functions to replace, and a statement that takes something out of the schema."""

    words: str = "no bug"
    swaps: Callable[[Stage], list[Swap]] = lambda _stage: []
    schema: str = ""

    @contextmanager
    def planted(self, storage: Storage, stage: Stage) -> Iterator[None]:
        """The bug exists within the block; the next story starts from a whole schema again."""
        if self.schema:
            with storage.database.engine.begin() as connection:
                connection.execute(text(self.schema))
        with ExitStack() as stack:
            for owner, name, replacement in self.swaps(stage):
                stack.enter_context(patch.object(owner, name, replacement))
            yield
