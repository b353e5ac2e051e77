"""The frame of the desk's pages: the header of every page, and a rail with the desk's sections."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.shared.header import header
from booking_ui.components.shared.layout import announcer, hydrated_mark, message_line, skip_link
from booking_ui.components.ui import icons, theme
from booking_ui.languages import N_, _, to
from booking_ui.states.desk.open_cases import OpenCasesState

SECTIONS = [
    ("/admin/", N_("Bookings"), "table"),
    ("/admin/doctors/", N_("Doctors"), "calendar"),
    ("/admin/payouts/", N_("Payouts"), "bank"),
    ("/admin/audit/", N_("Audit"), "clock"),
    ("/admin/webhooks/", N_("Webhooks"), "route"),
    ("/admin/books/", N_("Books"), "shield"),
    ("/admin/messages/", N_("Messages"), "out"),
    ("/admin/mail/", N_("Emails"), "mail"),
]
"""Address, name and icon of each."""
BOOKS = "/admin/books/"


def open_cases_badge() -> rx.Component:
    """The number of open cases, beside the name of the page that lists them; nothing for none."""
    count = OpenCasesState.count
    words = rx.cond(count == 1, _("{count} open case", count=count), _("{count} open cases", count=count))
    badge = rx.el.span(
        rx.el.span(count, aria_hidden="true"),
        rx.el.span(words, class_name="sr-only"),
        class_name=f"{theme.PILL} {theme.tone('bad')} px-1.5! tabular-nums lg:ml-auto",
    )
    return rx.cond(count > 0, badge, rx.fragment())


def open_cases_line() -> rx.Component:
    """The number of open cases in a sentence that leads to them; nothing for none."""
    count = OpenCasesState.count
    line = rx.el.div(
        icons.icon("alert"),
        rx.el.p(
            rx.cond(count == 1, _("1 case waits in Books."), _("{count} cases wait in Books.", count=count)),
            " ",
            rx.el.a(_("See what to do"), href=to(BOOKS), class_name=theme.LINK),
        ),
        class_name=f"{theme.NOTICE} {theme.tone('bad')} mb-3",
        role="status",
    )
    return rx.cond(count > 0, line, rx.fragment())


def desk(*children: rx.Component, current: str) -> rx.Component:
    """The rail on the left (a row on a phone), the content at full width. `current` is the address of a section."""
    rail = rx.el.nav(
        *[
            rx.el.a(
                icons.icon(icon, "max-sm:hidden"),
                _(name),
                open_cases_badge() if address == BOOKS else rx.fragment(),
                href=to(address),
                class_name="nav-link gap-2",
                custom_attrs={"aria-current": "page"} if address == current else {},
            )
            for address, name, icon in SECTIONS
        ],
        aria_label=_("Desk"),
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
        header(width="w-full px-4 lg:pr-6 lg:pl-7", more="wide"),
        rx.el.div(rail, main, class_name="flex flex-col lg:flex-row"),
        message_line(),
        announcer(),
        hydrated_mark(),
    )
