"""The desk's filters as they stand in the address: a link reproduces the view.

The plain address shows everything, the newest visit first; today, tomorrow and the next 7 days are one click away, and a new
search leaves them: whoever searches wants to find.

Whatever somebody typed there, the page opens: a value that means nothing counts as not given.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlencode

from booking_ui.domain.appointment import AppointmentStatus
from booking_ui.domain.clock import day_label
from booking_ui.domain.period import AHEAD, day_of
from booking_ui.services.desk import bookings, bookings_query, ledger

PATH = "/admin/"
SOONEST_FIRST, LATEST_FIRST = "starts_at", "-starts_at"
STATUSES = ("", *(str(status) for status in AppointmentStatus), bookings_query.ATTENTION)

_DAYS = ("since", "until")
_PARAMETERS: dict[str, str] = {
    "status": "status", "doctor": "doctor", "date_from": "since", "date_to": "until", "q": "q", "sort": "sort", "page": "page",
    "money": "money", "money_from": "from", "money_to": "to",
}  # fmt: skip


@dataclass(frozen=True)
class Filters:
    """Texts, as controls show them; days are 2026-11-24, empty means any.

    `period` is a key of AHEAD, empty for days of one's own and for all; `sort` is empty for the order that fits it.
    """

    status: str = ""
    doctor: str = ""
    date_from: str = ""
    date_to: str = ""
    q: str = ""
    sort: str = ""
    page: int = 1
    period: str = ""
    money: str = ""  # a figure of the payouts, with its own days
    money_from: str = ""
    money_to: str = ""

    @property
    def doctor_id(self) -> int | None:
        return int(self.doctor) if self.doctor else None

    @property
    def order(self) -> str:
        """The sort key in force: what comes next is read from its beginning, all days from the newest."""
        return self.sort or (SOONEST_FIRST if self.period else LATEST_FIRST)

    @property
    def first_day(self) -> date | None:
        return _date(self.date_from)

    @property
    def last_day(self) -> date | None:
        return _date(self.date_to)

    @property
    def money_days(self) -> tuple[date | None, date | None]:
        return _date(self.money_from), _date(self.money_to)


NONE = Filters()


def days(filters: Filters, today: date) -> tuple[date | None, date | None]:
    """The first and the last day that the table shows; None is open."""
    if filters.period:
        _, of = AHEAD[filters.period]
        return of(today).first, of(today).last
    return filters.first_day, filters.last_day


def read(query: Mapping[str, str]) -> Filters:
    """The filters of an address."""
    page = query.get("page", "")
    sort = query.get("sort", "")
    status = query.get("status", "")
    money = query.get("money", "")
    money = money if money in list(ledger.Figure) else ""
    found = Filters(
        status=status if status in STATUSES else "",
        doctor=str(_number(query.get("doctor", "")) or ""),
        date_from=_day(query.get("since", "")),
        date_to=_day(query.get("until", "")),
        q=query.get("q", "").strip()[: bookings.LONGEST_SEARCH],
        sort=sort if sort.removeprefix("-") in bookings_query.SORTS and sort.count("-") <= 1 else "",
        page=_number(page) or 1,
        money=money,
        money_from=_day(query.get("from", "")) if money else "",
        money_to=_day(query.get("to", "")) if money else "",
    )
    asked = query.get("period", "")
    named = asked in AHEAD and not found.date_from and not found.date_to
    found = replace(found, period=asked if named else "")
    return replace(found, sort="") if found.sort == replace(found, sort="").order else found


def narrowed(now: Filters, form: Mapping[str, str], today: date) -> Filters:
    """What the form above the table asks for when `now` is in force: the days and the order it shows, left alone, are those."""
    shown = {name: day.isoformat() if day else "" for name, day in zip(_DAYS, days(now, today), strict=True)}
    given = {name: form.get(name, "") for name in _DAYS}
    kept = {"status": now.status, "money": now.money, "from": now.money_from, "to": now.money_to}
    asked = {**kept, **form, "period": ""}
    if now.period and (given == shown or not any(given.values())):
        searches = form.get("q", "").strip() not in ("", now.q)
        asked |= {**dict.fromkeys(_DAYS, ""), "period": "" if searches else now.period}
    if not now.sort and form.get("sort") == now.order:
        asked["sort"] = ""
    return read(asked)


def address(filters: Filters, *, reference: str = "") -> str:
    """Where the view lives; only what differs from the plain table is written. `reference` opens that booking."""
    given = {
        parameter: str(getattr(filters, name))
        for name, parameter in _PARAMETERS.items()
        if getattr(filters, name) != getattr(NONE, name)
    }
    if filters.period:
        given["period"] = filters.period
    query = urlencode({**given, **({"ref": reference} if reference else {})})
    return f"{PATH}?{query}" if query else PATH


def open_prefix(filters: Filters) -> str:
    """Put a booking's reference behind it: the same view with that booking open."""
    return address(filters, reference="_")[:-1]


@dataclass(frozen=True)
class StatusChoice:
    """A status to filter by, with its count under the other filters; "" is all of them."""

    status: str = ""
    count: int = 0
    href: str = PATH
    current: bool = False


@dataclass(frozen=True)
class Choice:
    """A named period to choose."""

    label: str
    href: str
    current: bool


@dataclass(frozen=True)
class Chip:
    """A filter in force; following `href` removes it. Either a status or a label."""

    status: str
    label: str
    href: str


@dataclass(frozen=True)
class Column:
    """A sortable head; `order` is ascending, descending or none."""

    key: str
    href: str
    order: str


def chips(filters: Filters, doctors: Mapping[str, str]) -> list[Chip]:
    """The filters in force, each removable."""
    without = [
        (bool(filters.status), filters.status, "", replace(filters, status="", page=1)),
        (
            bool(filters.doctor),
            "",
            doctors.get(filters.doctor, "Unknown doctor"),
            replace(filters, doctor="", page=1),
        ),
        (bool(_days(filters)), "", _days(filters), replace(filters, date_from="", date_to="", page=1)),
        (
            bool(filters.money),
            "",
            _money(filters),
            replace(filters, money="", money_from="", money_to="", page=1),
        ),
        (bool(filters.q), "", f"“{filters.q}”", replace(filters, q="", page=1)),
    ]
    return [Chip(status, label, address(rest)) for given, status, label, rest in without if given]


def columns(filters: Filters) -> dict[str, Column]:
    """Every sortable head: the first click sorts ascending, the second turns it round."""
    found = {}
    for key in bookings_query.SORTS:
        orders = {key: "ascending", f"-{key}": "descending"}
        other = f"-{key}" if filters.order == key else key
        found[key] = Column(
            key, address(replace(filters, sort=other, page=1)), orders.get(filters.order, "none")
        )
    return found


def periods(filters: Filters) -> list[Choice]:
    """The named periods, then all days, under the other filters and each in the order that fits it."""
    named = [*((key, label) for key, (label, _) in AHEAD.items()), ("", "All days")]
    plain = replace(filters, date_from="", date_to="", sort="", page=1)
    return [
        Choice(
            label,
            address(replace(plain, period=key)),
            key == filters.period and not filters.date_from and not filters.date_to,
        )
        for key, label in named
    ]


def status_choices(filters: Filters, counts: Mapping[str, int]) -> list[StatusChoice]:
    """All, then every status with its count, then those that need a person."""
    return [
        StatusChoice(
            status, counts[status], address(replace(filters, status=status, page=1)), status == filters.status
        )
        for status in STATUSES
    ]


def _days(filters: Filters) -> str:
    return _between(filters.first_day, filters.last_day)


def _money(filters: Filters) -> str:
    """Captured, Sun 1 Nov – Sat 21 Nov."""
    name = ledger.NAMES[ledger.Figure(filters.money)] if filters.money else ""
    return ", ".join(filter(None, [name, _between(*filters.money_days)]))


def _between(first: date | None, last: date | None) -> str:
    if first and last:
        return day_label(first) if first == last else f"{day_label(first)} – {day_label(last)}"
    if first:
        return f"From {day_label(first)}"
    return f"Until {day_label(last)}" if last else ""


def _date(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 9 and int(text) > 0 else None


def _day(text: str) -> str:
    found = day_of(text)
    return found.isoformat() if found else ""
