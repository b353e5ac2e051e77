"""The clinic's money over a period: the address says which, each figure leads to the bookings behind it."""

from __future__ import annotations

import reflex as rx
from pydantic import with_config
from reflex.event import EventSpec
from typing_extensions import TypedDict

from booking_ui.domain.clock import utc_now
from booking_ui.domain.errors import BadInput, NotFound
from booking_ui.domain.period import Period
from booking_ui.edge.gate import STRICT, Short, allow
from booking_ui.edge.threads import call
from booking_ui.languages import N_, _, without_language
from booking_ui.services.desk import bookings, ledger, payouts
from booking_ui.services.views.desk import DoctorChoice
from booking_ui.states.desk import booking_links, payout_board
from booking_ui.states.desk.bookings import lines
from booking_ui.states.desk.lists import Choice, today
from booking_ui.states.desk.page import DeskPage
from booking_ui.states.desk.payout_board import CHART, PATH, Board, Chart, Detail, PayoutFilter

UNKNOWN = N_("There is no doctor at this address.")


@with_config(STRICT)
class PeriodForm(TypedDict, total=False):
    """The first and last day, and the doctor; the named periods are links beside it."""

    since: Short
    until: Short
    doctor: Short


class PayoutsState(DeskPage, rx.State):
    """`problem` says why there are no figures."""

    chosen: PayoutFilter = PayoutFilter()
    choices: list[Choice] = []
    doctors: list[DoctorChoice] = []
    board: Board = Board()
    detail: Detail = Detail()
    chart: Chart = Chart()
    problem: str = ""

    @rx.event
    @allow("admin")
    async def load(self) -> None:
        """Show the figures of the address."""
        await self._show(PATH)

    @rx.event
    @allow("admin")
    async def load_doctor(self) -> None:
        """Show one doctor's days and bookings."""
        self.detail = Detail()
        slug = without_language(self.router.url.path).removeprefix(PATH).strip("/")
        try:
            doctor_id, name = await call(payouts.doctor, slug=slug)
        except NotFound:
            self.problem, self.board, self.loaded = _(UNKNOWN), Board(), True
            return
        span = await self._show(f"{PATH}{slug}/", doctor_id)
        if span is not None:
            self.detail = await _detail(span, doctor_id, name)

    @rx.event
    @allow("admin")
    async def load_chart(self) -> None:
        """Show the captured and refunded money of every day."""
        self.chart = Chart()
        span = await self._show(CHART)
        if span is not None:
            doctor = int(self.chosen.doctor) if self.chosen.doctor else None
            self.chart = payout_board.chart(
                await call(payouts.daily, first=span.first, last=span.last, doctor_id=doctor)
            )

    @rx.event
    @allow("admin")
    async def narrow(self, form: PeriodForm) -> EventSpec:
        """Lead to the address of what the form asks for, on the same page."""
        now, span = payout_board.filter_and_period(self.router.url.query_parameters, today())
        given = {name: str(value) for name, value in form.items()}
        shown = {"since": span.first.isoformat(), "until": span.last.isoformat()}
        days = {name: given.get(name, "") for name in shown}
        # The controls show the days of a named period: untouched, they ask for it by its name.
        if now.period and (days == shown or not any(days.values())):
            given |= {"since": "", "until": "", "period": now.period}
        asked, _period = payout_board.filter_and_period(given, today())
        here = without_language(self.router.url.path)
        return rx.redirect(payout_board.payouts_address(here if here.startswith(PATH) else PATH, asked))

    async def _show(self, page: str, doctor_id: int | None = None) -> Period | None:
        """Fill the board for the address of `page`; None, with its sentence, when the period makes no sense."""
        self.chosen, span = payout_board.filter_and_period(self.router.url.query_parameters, today())
        doctor_id = doctor_id or (int(self.chosen.doctor) if self.chosen.doctor else None)
        self.choices = payout_board.choices(page, self.chosen)
        self.doctors = await call(bookings.doctor_choices)
        try:
            found = await call(payouts.summary, first=span.first, last=span.last, doctor_id=doctor_id)
        except BadInput as wrong:
            self.problem, self.board, self.loaded = wrong.sentence, Board(), True
            return None
        self.board = payout_board.board(self.chosen, found, doctor_id)
        self.problem, self.loaded = "", True
        return span


async def _detail(span: Period, doctor_id: int, name: str) -> Detail:
    """The days on which money moved, and the bookings that it belongs to."""
    days = await call(payouts.daily, first=span.first, last=span.last, doctor_id=doctor_id)
    behind = payout_board.bookings_behind(ledger.Figure.NET, span, doctor_id)
    page = await call(bookings.listed, behind, now=utc_now())
    moved = [
        one for one in days if one.captured_paise or one.refunded_paise or one.due_paise or one.deducted_paise
    ]
    return Detail(name, moved, lines(page.rows), page.total, booking_links.bookings_address(behind))
