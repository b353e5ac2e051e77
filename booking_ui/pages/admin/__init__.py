"""The desk's pages: for admins, by the gate on every handler they call."""

from __future__ import annotations

import reflex as rx

from booking_ui.pages.admin.booking import booking
from booking_ui.pages.admin.bookings import bookings
from booking_ui.states.admin_booking import CaseState
from booking_ui.states.admin_bookings import DeskState
from booking_ui.states.session import SessionState


def add_pages(app: rx.App) -> None:
    app.add_page(
        bookings,
        route="/admin",
        title="Bookings · Desk",
        description="Every booking with its payment.",
        on_load=[SessionState.load, DeskState.load, CaseState.load],
    )
    app.add_page(
        booking,
        route="/admin/booking/[booking_ref]",
        title="Booking · Desk",
        description="One booking with its payment and its story.",
        on_load=[SessionState.load, CaseState.load],
    )
