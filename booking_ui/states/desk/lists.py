"""The parts that the desk's lists share: addresses, choices above a list, and the pages before and after."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from booking_ui.config.settings import settings
from booking_ui.domain import clock
from booking_ui.domain.paging import Paging


@dataclass(frozen=True)
class Pager:
    """The numbers of the rows that are shown, and the addresses of the pages beside them; empty where there is none."""

    total: int = 0
    first: int = 0
    last: int = 0
    pages: int = 1
    previous: str = ""
    next: str = ""


@dataclass(frozen=True)
class Choice:
    """A link that narrows the list, such as a named period."""

    label: str
    href: str
    current: bool


@dataclass(frozen=True)
class StatusChoice:
    """A status to filter by, with its count; "" is all of them."""

    status: str = ""
    count: int = 0
    href: str = ""
    current: bool = False


def pager(paging: Paging, address_of: Callable[[int], str]) -> Pager:
    """The pager of the page that is shown; `address_of` gives a page's address by its number."""
    return Pager(
        total=paging.total,
        first=paging.offset + 1 if paging.total else 0,
        last=min(paging.offset + paging.size, paging.total),
        pages=paging.pages,
        previous=address_of(paging.page - 1) if paging.page > 1 else "",
        next=address_of(paging.page + 1) if paging.page < paging.pages else "",
    )


def address(path: str, given: Mapping[str, object]) -> str:
    """The path with everything that is given in its query; what is empty is left out."""
    query = urlencode({name: str(value) for name, value in given.items() if value})
    return f"{path}?{query}" if query else path


def number_in(text: str) -> int | None:
    """The positive number that an address names, if it is one that a database could hold."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 9 and int(text) > 0 else None


def today() -> date:
    """Today in the clinic's zone."""
    return clock.today(clock.utc_now(), settings().zone)
