"""The desk's bookings table: the address says which bookings, the database has them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime

import reflex as rx
from pydantic import with_config
from reflex.event import EventSpec
from typing_extensions import TypedDict

from booking_ui.domain.clock import utc_now
from booking_ui.domain.errors import BadInput
from booking_ui.edge.gate import STRICT, Short, allow
from booking_ui.edge.threads import call
from booking_ui.languages import _
from booking_ui.services.desk import bookings, ledger
from booking_ui.services.desk.bookings import ATTENTION, URGENCY, BookingFilter
from booking_ui.services.views.desk import BookingLine, BookingPage, BookingRow, DoctorChoice
from booking_ui.states.desk import booking_links as links
from booking_ui.states.desk.lists import Choice, Pager, StatusChoice, pager
from booking_ui.states.desk.page import DeskPage

SOON = "next-7-days"
WORST_CASES = BookingFilter(status=ATTENTION, sort=URGENCY, page_size=3)


@dataclass(frozen=True)
class Table:
    """One page of the table. `open_prefix` + a reference is the address of this view with that booking open."""

    rows: list[BookingLine] = field(default_factory=list)
    pager: Pager = field(default_factory=Pager)
    open_prefix: str = links.open_prefix(links.EVERYTHING)
    close: str = links.PATH
    cleared: str = links.PATH  # these days without the other filters
    soon: str = ""  # these filters in the next days, and below in all days; empty where those are shown
    everywhere: str = ""
    figure: str = ""  # "Captured" when a figure of the payouts was asked for
    figure_label: str = ""  # its sum over every booking found


@dataclass(frozen=True)
class Shown:
    """The filter in force as controls show it; days and order also where the address names none."""

    status: str = ""
    doctor: str = ""
    period: str = ""
    since: str = ""
    until: str = ""
    sort: str = links.EVERYTHING.order


@dataclass(frozen=True)
class Attention:
    """The worst bookings that need a person, whatever the filter is, and how many there are."""

    rows: list[BookingLine] = field(default_factory=list)
    total: int = 0


@with_config(STRICT)
class NarrowForm(TypedDict, total=False):
    """The form above the table; the statuses are links beside it and stay as they are."""

    q: Short
    doctor: Short
    since: Short
    until: Short
    sort: Short


class BookingsState(DeskPage, rx.State):
    """The table, everything above it, and the addresses that lead to other views of it."""

    shown: Shown = Shown()
    table: Table = Table()
    statuses: list[StatusChoice] = []
    columns: dict[str, links.Column] = links.columns(links.EVERYTHING)
    periods: list[Choice] = []
    chips: list[links.Chip] = []
    doctors: list[DoctorChoice] = []
    attention: Attention = Attention()
    problem: str = ""

    @rx.event
    @allow("admin")
    async def load(self) -> None:
        await self._show()

    @rx.event
    @allow("admin")
    async def narrow(self, form: NarrowForm) -> EventSpec:
        """Lead to the address of what the form asks for; loading it shows the rows."""
        now = self._wanted()
        given = {name: str(value) for name, value in form.items()}
        return rx.redirect(links.bookings_address(links.narrowed(now, given, now.days(utc_now()))))

    def _wanted(self) -> BookingFilter:
        return links.filter_of(self.router.url.query_parameters)

    async def _show(self) -> None:
        wanted, now = self._wanted(), utc_now()
        self.doctors = await call(bookings.doctor_choices)
        try:
            page = await call(bookings.listed, wanted, now=now)
        except BadInput as wrong:
            self.problem, page = wrong.sentence, BookingPage()
        else:
            self.problem = ""
        self._fill(replace(wanted, page=page.paging.page), page, now)
        worst = await call(bookings.listed, WORST_CASES, now=now)
        self.attention = Attention(lines(worst.rows), worst.total)
        self.loaded = True

    def _fill(self, wanted: BookingFilter, page: BookingPage, now: datetime) -> None:
        self.shown = _shown(wanted, now)
        self.table = _table(wanted, page)
        counts = dict(page.status_counts)
        every = {"": sum(counts.values()), ATTENTION: page.attention_count}
        self.statuses = links.status_choices(wanted, counts | every)
        self.periods = links.periods(wanted)
        self.columns = links.columns(wanted)
        self.chips = links.chips(wanted, {one.value: one.name for one in self.doctors})


def lines(rows: Sequence[BookingRow]) -> list[BookingLine]:
    """The part of each booking that a table shows."""
    return [BookingLine(**{one.name: getattr(row, one.name) for one in fields(BookingLine)}) for row in rows]


def _shown(wanted: BookingFilter, now: datetime) -> Shown:
    first, last = wanted.days(now)
    return Shown(
        status=wanted.status,
        doctor=str(wanted.doctor_id or ""),
        period=wanted.period,
        since=str(first or ""),
        until=str(last or ""),
        sort=wanted.order,
    )


def _table(wanted: BookingFilter, page: BookingPage) -> Table:
    limited = wanted.period or wanted.date_from or wanted.date_to
    return Table(
        rows=lines(page.rows),
        pager=pager(page.paging, lambda number: links.bookings_address(replace(wanted, page=number))),
        open_prefix=links.open_prefix(wanted),
        close=links.bookings_address(wanted),
        cleared=links.bookings_address(BookingFilter(period=wanted.period)),
        soon=links.in_period(wanted, SOON) if wanted.period not in ("", SOON) else "",
        everywhere=links.in_period(wanted, "") if limited else "",
        figure=_(ledger.NAMES[ledger.Figure(wanted.money)]) if wanted.money else "",
        figure_label=page.figure_label,
    )
