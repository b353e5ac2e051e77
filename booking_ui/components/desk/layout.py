"""The frame of the desk's pages: the header of every page, and a rail with the desk's sections."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.shared.header import header
from booking_ui.components.shared.layout import announcer, hydrated_mark, message_line, skip_link
from booking_ui.components.ui import icons

SECTIONS = [
    ("/admin/", "Bookings", "table"),
    ("/admin/doctors/", "Doctors", "calendar"),
    ("/admin/payouts/", "Payouts", "bank"),
    ("/admin/audit/", "Audit", "clock"),
    ("/admin/webhooks/", "Webhooks", "route"),
    ("/admin/books/", "Books", "shield"),
    ("/admin/messages/", "Messages", "out"),
    ("/admin/mail/", "Emails", "mail"),
]
"""Address, name and icon of each."""


def desk(*children: rx.Component, current: str) -> rx.Component:
    """The rail on the left (a row on a phone), the content at full width. `current` is the address of a section."""
    rail = rx.el.nav(
        *[
            rx.el.a(
                icons.icon(icon, "max-sm:hidden"),
                text,
                href=address,
                class_name="nav-link gap-2",
                custom_attrs={"aria-current": "page"} if address == current else {},
            )
            for address, text, icon in SECTIONS
        ],
        aria_label="Desk",
        class_name="flex gap-1 overflow-x-auto border-line px-4 py-2 max-lg:border-b lg:sticky lg:top-[calc(4rem+1px)] lg:h-[calc(100dvh-4rem-1px)] lg:w-52 lg:flex-none lg:flex-col lg:self-start lg:overflow-y-auto lg:border-r lg:py-6",
    )
    main = rx.el.main(
        *children,
        id="main",
        tab_index=-1,
        class_name="min-h-[80dvh] min-w-0 flex-1 px-4 py-6 md:px-6 lg:min-h-[calc(100dvh-4rem-1px)]",
    )
    return rx.fragment(
        skip_link(),
        header("w-full px-4 lg:pr-6 lg:pl-7", "wide"),
        rx.el.div(rail, main, class_name="flex flex-col lg:flex-row"),
        message_line(),
        announcer(),
        hydrated_mark(),
    )
