"""Long lists are read a page at a time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Generic, TypeVar

from booking_ui.domain.errors import FieldError
from booking_ui.languages import _

LONGEST_PAGE = 100

Row = TypeVar("Row")


@dataclass(frozen=True)
class Paging:
    """One page of a list of `total` rows: pages have `size` rows and count from 1. An empty list has one empty page."""

    total: int = 0
    page: int = 1
    size: int = LONGEST_PAGE

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.size))

    @property
    def offset(self) -> int:
        """The number of rows before the page."""
        return (self.page - 1) * self.size


@dataclass(frozen=True)
class Page(Generic[Row]):
    """The rows of one page."""

    rows: list[Row] = field(default_factory=list)
    paging: Paging = field(default_factory=Paging)

    @property
    def total(self) -> int:
        """The number of rows on all pages together."""
        return self.paging.total


def paging(total: int, page: int, size: int) -> Paging:
    """The page that is shown for the one asked for: past the end it is the last one."""
    return Paging(total, min(page, Paging(total, size=size).pages), size)


def page_problems(page: int, size: int) -> list[FieldError]:
    """A sentence for each thing that is wrong with the page asked for."""
    rules = (
        (page < 1, "page", _("Pages begin at 1.")),
        (not 1 <= size <= LONGEST_PAGE, "pageSize", _("A page has 1 to {count} rows.", count=LONGEST_PAGE)),
    )
    return [FieldError(field, sentence) for broken, field, sentence in rules if broken]
