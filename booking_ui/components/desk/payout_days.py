"""The money of each day as bars and as a table. The bars are our own SVG: a chart library would weigh on every page."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.shared import status_badge
from booking_ui.components.ui import theme
from booking_ui.languages import _, to
from booking_ui.states.desk.payout_board import HIGH, WIDE
from booking_ui.states.desk.payouts import PayoutsState

CHART, DETAIL, BOARD = PayoutsState.chart, PayoutsState.detail, PayoutsState.board
CELL = "h-9 border-b border-line px-2 whitespace-nowrap first:pl-3 last:pr-3"
SHEET = "w-full border-separate border-spacing-0 text-sm"


def chart() -> rx.Component:
    """Two bars a day on one scale. Screen readers get the table beneath instead."""
    drawing = rx.el.svg(
        rx.el.path(
            d=f"M0 0H{WIDE}M0 {HIGH // 2}H{WIDE}M0 {HIGH}H{WIDE}",
            class_name="fill-none stroke-line [vector-effect:non-scaling-stroke]",
        ),
        rx.foreach(CHART.bars, _day_bars),
        view_box=f"0 0 {WIDE} {HIGH}",
        preserve_aspect_ratio="none",
        aria_hidden="true",
        class_name="block h-64 w-full overflow-visible sm:h-80",
    )
    scale = rx.el.div(
        *[rx.el.span(one) for one in (CHART.top, CHART.middle, "₹0")],
        aria_hidden="true",
        # Half a line beyond the drawing at both ends: each label stands on its line.
        class_name="-my-[0.5em] flex h-[calc(16rem+1em)] flex-col justify-between text-right text-sm leading-none tabular-nums text-muted sm:h-[calc(20rem+1em)]",
    )
    legend = rx.el.p(
        rx.el.span(class_name="size-3 rounded-sm bg-brand"),
        _("Captured"),
        rx.el.span(class_name="ml-4 size-3 rounded-sm bg-edge"),
        _("Refunded"),
        class_name="flex items-center gap-2 text-sm",
    )
    days = rx.el.div(
        rx.el.span(CHART.first),
        rx.el.span(CHART.last),
        aria_hidden="true",
        class_name="col-start-2 flex justify-between text-sm tabular-nums text-muted",
    )
    return rx.el.figure(
        rx.el.figcaption(legend),
        rx.cond(
            CHART.bars.length() > 0,
            rx.el.div(scale, drawing, days, class_name="grid grid-cols-[auto_minmax(0,1fr)] gap-x-3 gap-y-2"),
            rx.el.div(class_name=f"{theme.SKELETON} h-64 sm:h-80"),
        ),
        class_name=f"{theme.PADDED} mt-4 flex flex-col gap-4",
    )


def _day_bars(bar: rx.Var) -> rx.Component:
    return rx.fragment(
        rx.el.rect(x=bar.left, y=bar.captured_y, width=bar.width, height=bar.captured, class_name="fill-brand"),
        rx.el.rect(x=bar.middle, y=bar.refunded_y, width=bar.width, height=bar.refunded, class_name="fill-edge"),
    )  # fmt: skip


def days_table(days: rx.Var) -> rx.Component:
    """The days as numbers."""
    heads = (_("Day"), _("Captured"), _("Refunded"), _("Refund due"), _("Lost disputes"), _("Net"))
    return rx.el.div(
        rx.el.table(
            rx.el.caption(_("Money of each day"), class_name="sr-only"),
            rx.el.thead(
                rx.el.tr(
                    *[
                        rx.el.th(
                            one,
                            scope="col",
                            class_name=f"{CELL} font-medium text-muted {'text-right' if number else 'text-left'}",
                        )
                        for number, one in enumerate(heads)
                    ]
                )
            ),
            rx.el.tbody(rx.foreach(days, _day_row)),
            class_name=SHEET,
        ),
        tab_index=0,
        role="region",
        aria_label=_("Money of each day"),
        class_name="overflow-x-auto",
    )


def _day_row(day: rx.Var) -> rx.Component:
    money = (day.captured_label, day.refunded_label, day.due_label, day.deducted_label, day.net_label)
    return rx.el.tr(
        rx.el.th(day.day_label, scope="row", class_name=f"{CELL} text-left font-medium tabular-nums"),
        *[
            rx.el.td(
                one, class_name=f"{CELL} text-right tabular-nums {rx.cond(one == '₹0', 'text-muted', '')}"
            )
            for one in money
        ],
        class_name="hover:bg-raised",
    )


def days() -> rx.Component:
    """The days of one doctor on which money moved."""
    nothing = rx.el.p(_("No money moved in these days."), class_name=f"{theme.MUTED} py-4")
    return rx.el.section(
        rx.el.h2(_("Day by day"), class_name="mb-2 text-base"),
        rx.cond(DETAIL.days.length() > 0, days_table(DETAIL.days), nothing),
        aria_label=_("Day by day"),
        class_name="mt-8",
    )


def bookings() -> rx.Component:
    """The bookings whose money moved, each with its part of the net."""
    rest = rx.cond(
        DETAIL.total > DETAIL.rows.length(),
        rx.el.a(
            _("All {total} bookings", total=DETAIL.total),
            href=DETAIL.all,
            class_name=f"{theme.QUIET}{theme.SMALL} mt-3",
        ),
        rx.fragment(),
    )
    listed = rx.el.ul(rx.foreach(DETAIL.rows, _booking_row), class_name="flex flex-col")
    return rx.el.section(
        rx.el.h2(_("Bookings"), class_name="mb-2 text-base"),
        rx.cond(DETAIL.rows.length() > 0, listed, rx.el.p(_("None."), class_name=f"{theme.MUTED} py-4")),
        rest,
        aria_label=_("Bookings"),
        class_name="mt-8",
    )


def _booking_row(row: rx.Var) -> rx.Component:
    return rx.el.li(
        rx.el.a(
            rx.el.span(row.when_label, class_name="font-medium tabular-nums sm:w-44"),
            rx.el.span(row.reference, class_name="font-mono text-[0.8125rem] text-muted max-sm:order-3"),
            rx.el.span(row.patient_name, class_name="min-w-0 flex-1 truncate max-sm:order-3"),
            rx.el.span(status_badge.word("payment", row.payment_status), class_name="text-muted max-sm:hidden"),
            rx.el.span(row.figure_label, class_name="ml-auto w-24 text-right font-semibold tabular-nums"),
            href=to(f"/admin/booking/{row.reference}/"),
            class_name="flex min-h-9 flex-wrap items-center gap-x-4 gap-y-0.5 px-3 py-1.5 text-sm hover:bg-raised pointer-coarse:min-h-11 sm:flex-nowrap",
        ),
        class_name="border-b border-line",
    )  # fmt: skip
