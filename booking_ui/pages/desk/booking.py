"""/admin/booking/[booking_ref]: everything about one booking."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.desk.booking.panel import whole
from booking_ui.components.ui import theme
from booking_ui.languages import _, to
from booking_ui.pages.desk.page import desk_page
from booking_ui.states.desk.booking import BookingState


def booking() -> rx.Component:
    back = rx.el.a(
        _("All bookings"),
        href=to("/admin/"),
        custom_attrs={"data-close-panel": ""},
        class_name=f"{theme.LINK} mb-3 inline-flex min-h-9 items-center text-sm pointer-coarse:min-h-11",
    )
    return desk_page(back, whole(), current="/admin/", leave=BookingState.leave, keys=True)
