"""The desk's bookings table: the address says which, the database says what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date

import reflex as rx
from pydantic import with_config
from reflex.event import EventSpec
from typing_extensions import TypedDict

from booking_ui.config.settings import settings
from booking_ui.domain import clock
from booking_ui.domain.errors import BadInput
from booking_ui.edge.gate import STRICT, Short, allow
from booking_ui.edge.threads import call
from booking_ui.services.desk import bookings, bookings_query, ledger
from booking_ui.services.views import AdminPage, BookingLine
from booking_ui.states.desk import filters as desk_filters
from booking_ui.states.desk.booking_lines import lines
from booking_ui.states.desk.filters import Chip, Choice, Column, Filters, StatusChoice

PAGE_SIZE = 25
CASES_ON_TOP = 3
SOON = "next-7-days"
WORST_CASES = Filters(status=bookings_query.ATTENTION, sort=bookings_query.URGENCY)


@dataclass(frozen=True)
class Table:
    """One page of the table. `open_prefix` + a reference is the address of the same view with that booking open."""

    rows: list[BookingLine] = field(default_factory=list)
    total: int = 0
    first: int = 0
    last: int = 0
    pages: int = 1
    previous: str = ""
    next: str = ""
    open_prefix: str = desk_filters.open_prefix(desk_filters.NONE)
    close: str = desk_filters.PATH
    cleared: str = desk_filters.PATH  # the same days without the other filters
    soon: str = ""  # the same filters in the next days, and in all; empty where those are shown
    everywhere: str = ""
    figure: str = ""  # "Captured" when a figure of the payouts was asked for
    figure_label: str = ""  # its sum over every booking found


@dataclass(frozen=True)
class Shown:
    """The days and the order in force, as the form shows them while the address names none."""

    since: str = ""
    until: str = ""
    sort: str = desk_filters.NONE.order


@dataclass(frozen=True)
class Cases:
    """Bookings whose money needs a person, whatever the filters say."""

    rows: list[BookingLine] = field(default_factory=list)
    total: int = 0


@dataclass(frozen=True)
class DoctorChoice:
    value: str
    name: str


@with_config(STRICT)
class NarrowForm(TypedDict, total=False):
    """The form above the table; the statuses are links beside it and stay as they are."""

    q: Short
    doctor: Short
    since: Short
    until: Short
    sort: Short


class BookingsState(rx.State):
    """`loaded` is False until the first answer: the prerendered page shows where rows will stand."""

    loaded: bool = False
    filters: Filters = desk_filters.NONE
    shown: Shown = Shown()
    table: Table = Table()
    statuses: list[StatusChoice] = []
    columns: dict[str, Column] = desk_filters.columns(desk_filters.NONE)
    periods: list[Choice] = desk_filters.periods(desk_filters.NONE)
    chips: list[Chip] = []
    doctors: list[DoctorChoice] = []
    cases: Cases = Cases()
    problem: str = ""

    @rx.event
    @allow("admin")
    async def load(self) -> None:
        await self._show()

    @rx.event
    @allow("admin")
    async def narrow(self, form: NarrowForm) -> EventSpec:
        """The answer is another address; loading it shows the rows."""
        given = {name: str(value) for name, value in form.items()}
        asked = desk_filters.narrowed(self._asked(), given, _today())
        return rx.redirect(desk_filters.address(asked))

    @rx.event
    @allow()
    async def leave(self) -> None:
        """Forget what was shown: the tab may be somebody else's next."""
        self.reset()  # type: ignore[no-untyped-call]

    def _asked(self) -> Filters:
        return desk_filters.read(self.router.url.query_parameters)

    async def _show(self) -> None:
        filters = self._asked()
        self.doctors = [
            DoctorChoice(str(number), name) for number, name in await call(bookings.doctor_choices)
        ]
        try:
            page = await call(_page(filters))
        except BadInput as wrong:
            self.problem, page = wrong.sentence, AdminPage([], 0, 1, 1, [])
        else:
            self.problem = ""
        self._fill(replace(filters, page=page.page), page)
        cases = await call(_page(WORST_CASES, CASES_ON_TOP))
        self.cases = Cases(lines(cases.rows), cases.total)
        self.loaded = True

    def _fill(self, filters: Filters, page: AdminPage) -> None:
        self.filters = filters
        first, last = desk_filters.days(filters, _today())
        self.shown = Shown(
            first.isoformat() if first else "", last.isoformat() if last else "", filters.order
        )
        self.periods = desk_filters.periods(filters)
        self.table = _table(filters, page)
        counts = {"": sum(n for _, n in page.status_counts), bookings_query.ATTENTION: page.attention_count}
        everything = dict.fromkeys(desk_filters.STATUSES, 0)
        self.statuses = desk_filters.status_choices(
            filters, {**everything, **dict(page.status_counts), **counts}
        )
        self.columns = desk_filters.columns(filters)
        self.chips = desk_filters.chips(filters, {one.value: one.name for one in self.doctors})


def _today() -> date:
    return clock.today(clock.utc_now(), settings().zone)


def _page(filters: Filters, size: int = PAGE_SIZE) -> Callable[[], AdminPage]:
    def ask() -> AdminPage:
        first, last = desk_filters.days(filters, _today())
        return bookings.bookings(
            now=clock.utc_now(),
            status=filters.status,
            doctor_id=filters.doctor_id,
            date_from=first,
            date_to=last,
            q=filters.q,
            money=filters.money,
            money_from=filters.money_days[0],
            money_to=filters.money_days[1],
            page=filters.page,
            page_size=size,
            sort=filters.order,
        )

    return ask


def _table(filters: Filters, page: AdminPage) -> Table:
    before = (page.page - 1) * PAGE_SIZE
    turned = {
        step: desk_filters.address(replace(filters, page=page.page + step))
        for step in (-1, 1)
        if 1 <= page.page + step <= page.pages
    }
    all_days = replace(filters, date_from="", date_to="", sort="", page=1)
    limited = filters.period or filters.date_from or filters.date_to
    return Table(
        rows=lines(page.rows),
        total=page.total,
        first=before + 1 if page.rows else 0,
        last=before + len(page.rows),
        pages=page.pages,
        previous=turned.get(-1, ""),
        next=turned.get(1, ""),
        open_prefix=desk_filters.open_prefix(filters),
        close=desk_filters.address(filters),
        cleared=desk_filters.address(Filters(period=filters.period)),
        soon=desk_filters.address(replace(all_days, period=SOON)) if filters.period not in ("", SOON) else "",
        everywhere=desk_filters.address(replace(all_days, period="")) if limited else "",
        figure=ledger.NAMES[ledger.Figure(filters.money)] if filters.money else "",
        figure_label=page.figure_label,
    )
