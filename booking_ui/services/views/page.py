"""One page of a long list."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Generic, TypeVar

from booking_ui.domain.paging import Paging

Row = TypeVar("Row")


@dataclass(frozen=True)
class Page(Generic[Row]):
    """The rows of one page, and which page of how many it is."""

    rows: list[Row] = field(default_factory=list)
    paging: Paging = field(default_factory=Paging)

    @property
    def total(self) -> int:
        """How many rows all pages have together."""
        return self.paging.total
