"""The filter of the bookings table as an address, and the links from one view of the table to the next.

The plain address shows everything, the newest visit first; today, tomorrow and the next 7 days are one click away. A new
search leaves them: it should find the booking on whichever day it is.

The page opens at any address: a value that means nothing counts as not given.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from booking_ui.domain.appointment import AppointmentStatus
from booking_ui.domain.clock import day_label
from booking_ui.domain.period import AHEAD, day_of
from booking_ui.languages import _, to
from booking_ui.services.desk import ledger
from booking_ui.services.desk.bookings import ATTENTION, SORTS, BookingFilter
from booking_ui.states.desk.lists import Choice, StatusChoice, address, number_in

PATH = "/admin/"
STATUSES = ("", *(str(status) for status in AppointmentStatus), ATTENTION)
EVERYTHING = BookingFilter()


@dataclass(frozen=True)
class Chip:
    """A filter in force, a status or a label; following `href` removes it."""

    status: str
    label: str
    href: str


@dataclass(frozen=True)
class Column:
    """A sortable head; `order` is ascending, descending or none."""

    key: str
    href: str
    order: str


def filter_of(query: Mapping[str, str]) -> BookingFilter:
    """The filter that an address asks for."""
    first, last = day_of(query.get("since", "")), day_of(query.get("until", ""))
    period, status = query.get("period", ""), query.get("status", "")
    money = query.get("money", "")
    money = money if money in list(ledger.Figure) else ""
    found = BookingFilter(
        status=status if status in STATUSES else "",
        doctor_id=number_in(query.get("doctor", "")),
        date_from=first,
        date_to=last,
        period=period if period in AHEAD and not first and not last else "",
        q=query.get("q", ""),
        page=number_in(query.get("page", "")) or 1,
        money=money,
        money_from=day_of(query.get("from", "")) if money else None,
        money_to=day_of(query.get("to", "")) if money else None,
    )
    return _ordered(found, query.get("sort", ""))


def _ordered(found: BookingFilter, sort: str) -> BookingFilter:
    """The filter in this order; an unknown key, and the order that it has anyway, count as not given."""
    plain = replace(found, sort="")
    known = sort.removeprefix("-") in SORTS and sort != plain.order
    return replace(plain, sort=sort) if known else plain


def bookings_address(wanted: BookingFilter, *, reference: str = "") -> str:
    """The shortest address that asks for this filter. `reference` opens that booking beside the table."""
    given = {
        "status": wanted.status, "doctor": wanted.doctor_id, "since": wanted.date_from, "until": wanted.date_to,
        "q": wanted.q, "sort": wanted.sort, "page": wanted.page if wanted.page > 1 else "", "money": wanted.money,
        "from": wanted.money_from, "to": wanted.money_to, "period": wanted.period, "ref": reference,
    }  # fmt: skip
    return address(to(PATH), given)


def open_prefix(wanted: BookingFilter) -> str:
    """The address that opens a booking in this view, but for the booking's reference at its end."""
    return bookings_address(wanted, reference="_")[:-1]


def narrowed(
    now: BookingFilter, form: Mapping[str, str], days: tuple[date | None, date | None]
) -> BookingFilter:
    """The filter that the form above the table asks for, when `now` is in force and shows these days.

    Days and an order that were left alone are those in force.
    """
    asked = replace(
        filter_of(form),
        status=now.status,
        money=now.money,
        money_from=now.money_from,
        money_to=now.money_to,
    )
    given = (form.get("since", ""), form.get("until", ""))
    if now.period and (given == tuple(str(day or "") for day in days) or not any(given)):
        period = now.period if asked.q in ("", now.q) else ""
        asked = replace(asked, date_from=None, date_to=None, period=period)
    left_alone = not now.sort and form.get("sort") == now.order
    return _ordered(asked, "" if left_alone else form.get("sort", ""))


def chips(wanted: BookingFilter, doctors: Mapping[str, str]) -> list[Chip]:
    """The filters in force, each removable; `doctors` are names by number."""
    first_page = replace(wanted, page=1)
    doctor = doctors.get(str(wanted.doctor_id), _("Unknown doctor")) if wanted.doctor_id else ""
    days = _between(wanted.date_from, wanted.date_to)
    search = f"“{wanted.q}”" if wanted.q else ""
    without = [
        (wanted.status, "", replace(first_page, status="")),
        ("", doctor, replace(first_page, doctor_id=None)),
        ("", days, replace(first_page, date_from=None, date_to=None)),
        ("", _money(wanted), replace(first_page, money="", money_from=None, money_to=None)),
        ("", search, replace(first_page, q="")),
    ]
    return [Chip(status, label, bookings_address(rest)) for status, label, rest in without if status or label]


def columns(wanted: BookingFilter) -> dict[str, Column]:
    """Every sortable head: the first click sorts ascending, the second turns it round."""
    found = {}
    for key in SORTS:
        orders = {key: "ascending", f"-{key}": "descending"}
        other = f"-{key}" if wanted.order == key else key
        href = bookings_address(replace(wanted, sort=other, page=1))
        found[key] = Column(key, href, orders.get(wanted.order, "none"))
    return found


def in_period(wanted: BookingFilter, period: str) -> str:
    """The address of a named period, "" for all days, under the other filters and in the order that suits it."""
    return bookings_address(replace(wanted, period=period, date_from=None, date_to=None, sort="", page=1))


def periods(wanted: BookingFilter) -> list[Choice]:
    """The named periods, then all days."""
    named = [*((key, _(label)) for key, (label, _days) in AHEAD.items()), ("", _("All days"))]
    own_days = wanted.date_from or wanted.date_to
    return [
        Choice(label, in_period(wanted, key), key == wanted.period and not own_days) for key, label in named
    ]


def status_choices(wanted: BookingFilter, counts: Mapping[str, int]) -> list[StatusChoice]:
    """All, then every status with its count, then those that need a person."""
    return [
        StatusChoice(
            status,
            counts.get(status, 0),
            bookings_address(replace(wanted, status=status, page=1)),
            status == wanted.status,
        )
        for status in STATUSES
    ]


def _money(wanted: BookingFilter) -> str:
    """Such as Captured, Sun 1 Nov – Sat 21 Nov."""
    name = _(ledger.NAMES[ledger.Figure(wanted.money)]) if wanted.money else ""
    return ", ".join(filter(None, [name, _between(wanted.money_from, wanted.money_to)]))


def _between(first: date | None, last: date | None) -> str:
    if first and last:
        return day_label(first) if first == last else f"{day_label(first)} – {day_label(last)}"
    if first:
        return _("From {day}", day=day_label(first))
    return _("Until {day}", day=day_label(last)) if last else ""
