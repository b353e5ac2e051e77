"""/admin/payouts: the clinic's money over a period; one doctor's; and the chart, on a route of its own."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.desk import payout_days
from booking_ui.components.desk import payouts as parts
from booking_ui.languages import _
from booking_ui.pages.desk.page import desk_page
from booking_ui.states.desk.payout_board import PATH
from booking_ui.states.desk.payouts import PayoutsState


def _page(*children: rx.Component) -> rx.Component:
    return desk_page(rx.el.div(*children, class_name="max-w-6xl"), current=PATH, leave=PayoutsState.leave)


def payouts() -> rx.Component:
    return _page(parts.heading(_("Payouts")), parts.chooser(), parts.figures(), parts.by_doctor())


def payouts_of_doctor() -> rx.Component:
    name = rx.cond(PayoutsState.detail.name != "", PayoutsState.detail.name, _("Payouts of a doctor"))
    return _page(
        parts.back(),
        parts.heading(name),
        parts.chooser(of_doctors=False),
        parts.figures(),
        payout_days.days(),
        payout_days.bookings(),
    )


def payouts_chart() -> rx.Component:
    return _page(
        parts.back(),
        parts.heading(_("Captured and refunded"), chart=False),
        parts.chooser(),
        payout_days.chart(),
        rx.el.section(
            rx.el.h2(_("The same as numbers"), class_name="mt-8 mb-2 text-base"),
            payout_days.days_table(PayoutsState.chart.days),
        ),
    )
