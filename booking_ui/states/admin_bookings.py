"""The desk's bookings table: the address says which, the database says what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import reflex as rx
from pydantic import with_config
from reflex.event import EventSpec
from typing_extensions import TypedDict

from booking_ui.calls import call
from booking_ui.domain.clock import utc_now
from booking_ui.domain.errors import BadInput
from booking_ui.gate import STRICT, Short, allow
from booking_ui.services import desk_query, ledger, reports
from booking_ui.services.views import AdminPage, BookingLine
from booking_ui.states import admin_filters
from booking_ui.states.admin_filters import Chip, Column, Filters, StatusChoice
from booking_ui.states.booking_lines import lines

PAGE_SIZE = 25
CASES_ON_TOP = 3
WORST_CASES = Filters(status=desk_query.ATTENTION, sort=desk_query.URGENCY)


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
    open_prefix: str = admin_filters.open_prefix(admin_filters.NONE)
    close: str = admin_filters.PATH
    figure: str = ""  # "Captured" when a figure of the payouts was asked for
    figure_label: str = ""  # its sum over every booking found


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


class DeskState(rx.State):
    """`loaded` is False until the first answer: the prerendered page shows where rows will stand."""

    loaded: bool = False
    filters: Filters = admin_filters.NONE
    table: Table = Table()
    statuses: list[StatusChoice] = []
    columns: dict[str, Column] = admin_filters.columns(admin_filters.NONE)
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
        now = self._asked()
        kept = {"status": now.status, "money": now.money, "from": now.money_from, "to": now.money_to}
        asked = admin_filters.read(kept | {name: str(value) for name, value in form.items()})
        return rx.redirect(admin_filters.address(asked))

    @rx.event
    @allow()
    async def leave(self) -> None:
        """Forget what was shown: the tab may be somebody else's next."""
        self.reset()  # type: ignore[no-untyped-call]

    def _asked(self) -> Filters:
        return admin_filters.read(self.router.url.query_parameters)

    async def _show(self) -> None:
        filters = self._asked()
        self.doctors = [
            DoctorChoice(str(number), name) for number, name in await call(reports.doctor_choices)
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
        self.table = _table(filters, page)
        counts = {"": sum(n for _, n in page.status_counts), desk_query.ATTENTION: page.attention_count}
        everything = dict.fromkeys(admin_filters.STATUSES, 0)
        self.statuses = admin_filters.status_choices(
            filters, {**everything, **dict(page.status_counts), **counts}
        )
        self.columns = admin_filters.columns(filters)
        self.chips = admin_filters.chips(filters, {one.value: one.name for one in self.doctors})


def _page(filters: Filters, size: int = PAGE_SIZE) -> Callable[[], AdminPage]:
    def ask() -> AdminPage:
        return reports.bookings(
            now=utc_now(),
            status=filters.status,
            doctor_id=filters.doctor_id,
            date_from=filters.first_day,
            date_to=filters.last_day,
            q=filters.q,
            money=filters.money,
            money_from=filters.money_days[0],
            money_to=filters.money_days[1],
            page=filters.page,
            page_size=size,
            sort=filters.sort,
        )

    return ask


def _table(filters: Filters, page: AdminPage) -> Table:
    before = (page.page - 1) * PAGE_SIZE
    turned = {
        step: admin_filters.address(replace(filters, page=page.page + step))
        for step in (-1, 1)
        if 1 <= page.page + step <= page.pages
    }
    return Table(
        rows=lines(page.rows),
        total=page.total,
        first=before + 1 if page.rows else 0,
        last=before + len(page.rows),
        pages=page.pages,
        previous=turned.get(-1, ""),
        next=turned.get(1, ""),
        open_prefix=admin_filters.open_prefix(filters),
        close=admin_filters.address(filters),
        figure=ledger.NAMES[ledger.Figure(filters.money)] if filters.money else "",
        figure_label=page.figure_label,
    )
