"""The payouts dashboard: the period, the figures that explain themselves, and a table per doctor."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.desk.controls import day, doctor_select, periods
from booking_ui.components.desk.table import Sheet, head, nothing
from booking_ui.components.ui import icons, theme
from booking_ui.components.ui.fields import notice
from booking_ui.components.ui.links import plain_link
from booking_ui.languages import _, pgettext, to
from booking_ui.states.desk.payout_board import CHART, HEADINGS, PATH
from booking_ui.states.desk.payouts import PayoutsState

BOARD = PayoutsState.board
STACK = "@max-3xl"
SHEET = Sheet(STACK, "py-1.5", shape="")


def heading(title: str | rx.Var, *, chart: bool = True) -> rx.Component:
    """The title with its period, and the ways to the chart and the spreadsheet."""
    drawn = rx.el.a(
        _("Chart"), href=_of_language(BOARD.chart, CHART), class_name=f"{theme.QUIET}{theme.SMALL}"
    )
    return rx.el.div(
        rx.el.div(
            rx.el.h1(title, class_name=theme.HEADING),
            rx.el.p(BOARD.period_label, class_name=f"{theme.MUTED} tabular-nums"),
        ),
        rx.el.div(
            drawn if chart else rx.fragment(),
            plain_link(
                _("Download CSV"), href=BOARD.sheet, download="", class_name=f"{theme.QUIET}{theme.SMALL}"
            ),
            class_name="flex gap-2",
        ),
        class_name="flex flex-wrap items-center justify-between gap-3",
    )


def _of_language(address: rx.Var, before: str) -> rx.Var:
    """An address of the board; `before` the first answer the page's own, since a state begins in English."""
    return rx.cond(PayoutsState.loaded, address, to(before))


def back() -> rx.Component:
    """To every doctor's payouts, in the same period."""
    return rx.el.a(
        _("All payouts"),
        href=_of_language(BOARD.back, PATH),
        class_name=f"{theme.LINK} mb-2 inline-flex min-h-9 items-center text-sm pointer-coarse:min-h-11",
    )


def chooser(*, of_doctors: bool = True) -> rx.Component:
    """Named periods as links, other days and the doctor as a form; each leads to an address."""
    everybody = doctor_select(
        PayoutsState.doctors, PayoutsState.chosen.doctor, PayoutsState.loaded, "max-sm:col-span-2"
    )
    return rx.el.div(
        periods(PayoutsState.choices),
        rx.el.form(
            *([everybody] if of_doctors else []),
            day("since", _("From"), BOARD.since),
            day("until", pgettext("of a period", "To"), BOARD.until),
            on_submit=PayoutsState.narrow,
            custom_attrs={"data-auto": ""},
            class_name="grid grid-cols-2 items-end gap-2 sm:flex sm:flex-wrap sm:items-center",
        ),
        rx.cond(PayoutsState.problem != "", notice(PayoutsState.problem), rx.fragment()),
        class_name="mt-3 flex flex-col gap-3",
    )


def figures() -> rx.Component:
    """Six cards; each leads to the bookings it counts."""
    cards = rx.el.ul(
        rx.foreach(BOARD.figures, _figure_card),
        class_name="grid grid-cols-1 gap-3 sm:grid-cols-2 xl:grid-cols-3",
    )
    waiting = rx.el.div(
        *[rx.el.div(class_name=f"{theme.SKELETON} h-36") for _ in range(6)],
        class_name="grid grid-cols-1 gap-3 sm:grid-cols-2 xl:grid-cols-3",
        aria_hidden="true",
    )
    return rx.el.section(
        rx.cond(PayoutsState.loaded, cards, waiting),
        rx.el.p(BOARD.fees, class_name=f"{theme.MUTED} mt-3"),
        aria_label=_("Figures"),
        class_name="mt-4",
    )


def _figure_card(one: rx.Var) -> rx.Component:
    bookings = rx.cond(one.bookings == 1, _("1 booking"), _("{count} bookings", count=one.bookings))
    tone = rx.match(one.figure, ("refund_due", "text-waiting"), ("net", "text-brand"), "text-ink")
    some = one.bookings > 0
    counted = rx.el.span(
        rx.cond(some, bookings, _("No bookings")),
        rx.cond(some, icons.icon("arrow", "size-4"), rx.fragment()),
        class_name=rx.cond(
            some,
            "flex items-center gap-1 text-sm font-medium text-brand",
            "flex items-center gap-1 text-sm text-muted",
        ),
    )
    return rx.el.li(
        rx.el.a(
            rx.el.span(one.name, class_name="text-sm font-semibold"),
            rx.el.span(
                one.label,
                # Beside its name on a phone, so that seven figures are not seven screens.
                class_name=f"font-semibold tabular-nums tracking-tight max-sm:row-span-2 max-sm:self-center max-sm:text-right text-lg sm:text-xl {rx.cond(some, tone, 'text-muted')}",
            ),
            counted,
            href=one.href,
            class_name="grid grid-cols-[minmax(0,1fr)_auto] gap-x-3 gap-y-1 after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:rounded-card focus-visible:after:outline-2 focus-visible:after:outline-brand sm:grid-cols-1",
        ),
        rx.el.p(one.explained, class_name="mt-2 text-sm text-muted"),
        class_name=f"{theme.CARD} relative p-4 hover:border-edge",
    )


def by_doctor() -> rx.Component:
    """One row a doctor; the name leads to the days, each amount to its bookings."""
    heads = [head(_("Doctor")), *(head(_(name), "text-right") for name in HEADINGS)]
    table = SHEET.table(_("Figures of each doctor"), heads, rx.foreach(BOARD.lines, _doctor_row))
    return rx.el.section(
        rx.el.h2(_("By doctor"), class_name="mb-2 text-base"),
        rx.cond(BOARD.lines.length() > 0, table, _none_found()),
        aria_label=_("By doctor"),
        class_name="@container mt-8",
    )


def _doctor_row(line: rx.Var) -> rx.Component:
    name = rx.el.a(
        line.name,
        href=line.href,
        class_name=f"{theme.LINK} inline-flex min-h-9 items-center font-semibold pointer-coarse:min-h-11",
    )
    return rx.el.tr(
        rx.el.th(
            name, scope="row", role="rowheader", class_name=f"{SHEET.cell_look} text-left {STACK}:col-span-2"
        ),
        rx.foreach(line.figures, _figure_cell),
        role="row",
        class_name=f"hover:bg-raised {STACK}:grid {STACK}:grid-cols-2 {STACK}:gap-x-4 {STACK}:border-b {STACK}:border-line {STACK}:px-1 {STACK}:py-3",
    )


def _figure_cell(one: rx.Var) -> rx.Component:
    said = rx.el.a(
        one.label,
        rx.el.span(", ", _("{figure}: the bookings", figure=one.name), class_name="sr-only"),
        href=one.href,
        class_name="inline-flex items-center justify-end hover:underline underline-offset-4 pointer-coarse:min-h-11 pointer-coarse:min-w-11",
    )
    return rx.el.td(
        rx.el.span(one.name, class_name=f"hidden text-muted {STACK}:inline"),
        rx.cond(one.bookings > 0, said, rx.el.span(one.label, class_name="text-muted")),
        role="cell",
        class_name=f"{SHEET.cell_look} text-right tabular-nums {STACK}:flex {STACK}:min-h-9 {STACK}:items-center {STACK}:justify-between",
    )


def _none_found() -> rx.Component:
    return rx.cond(
        PayoutsState.loaded,
        nothing(
            rx.el.p(_("No money moved in these days."), class_name="font-semibold"),
            rx.el.p(_("Choose another period or all doctors."), class_name=theme.MUTED),
            room="py-12",
        ),
        rx.el.div(class_name=f"{theme.SKELETON} h-40"),
    )
