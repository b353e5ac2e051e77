"""/admin: every booking, and one of them beside the table."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.desk.booking.panel import panel
from booking_ui.components.desk.bookings.attention import needs_a_person
from booking_ui.components.desk.bookings.filters import filters
from booking_ui.components.desk.bookings.table import bookings_table
from booking_ui.components.desk.layout import open_cases_line
from booking_ui.components.ui.fields import notice
from booking_ui.languages import _, to
from booking_ui.pages.desk.page import desk_page
from booking_ui.states.desk.booking import BookingState
from booking_ui.states.desk.bookings import BookingsState


def bookings() -> rx.Component:
    opened = BookingState.reference != ""
    # Filters above, table and panel below: opening a booking moves nothing but the table's right edge.
    above = rx.el.div(
        open_cases_line(),
        needs_a_person(),
        filters(),
        rx.cond(
            BookingsState.problem != "",
            rx.el.div(notice(BookingsState.problem), class_name="mt-3"),
            rx.fragment(),
        ),
        class_name=rx.cond(opened, "max-lg:hidden", ""),
    )
    alone = rx.cond(BookingsState.loaded, BookingsState.table.close, to("/admin/"))
    below = rx.el.div(
        rx.el.section(
            bookings_table(),
            aria_label=_("Bookings"),
            class_name=rx.cond(opened, "min-w-0 max-lg:hidden", "min-w-0"),
        ),
        rx.cond(opened, panel(alone), rx.fragment()),
        class_name=rx.cond(
            opened,
            "grid items-start gap-6 lg:mt-3 lg:grid-cols-[minmax(0,1fr)_24rem] 2xl:grid-cols-[minmax(0,1fr)_28rem]",
            "mt-3 grid items-start",
        ),
    )
    return desk_page(
        above, below, current="/admin/", leave=[BookingsState.leave, BookingState.leave], keys=True
    )
