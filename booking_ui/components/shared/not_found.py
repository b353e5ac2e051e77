"""The 404 that a page shows: nothing at the address, or a booking that is not the visitor's."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.ui import theme
from booking_ui.languages import _, to


def not_found_section(title: str, sentence: str, address: str = "/", text: str = "") -> rx.Component:
    """`sentence` says why; a link leads on, to the page `address`: unless given, to the search for a doctor."""
    return rx.el.section(
        rx.el.p("404", class_name="text-sm font-semibold text-muted", aria_hidden="true"),
        rx.el.h1(title, class_name=theme.TITLE),
        rx.el.p(sentence, class_name="max-w-text text-muted"),
        rx.el.a(text or _("Find a doctor"), href=to(address), class_name=f"{theme.PRIMARY} mt-2"),
        class_name="mx-auto flex max-w-xl flex-col items-start gap-3 py-12 md:py-20",
    )


def booking_not_found() -> rx.Component:
    """Says the same of a booking that never was and of another patient's: its existence is not revealed."""
    return not_found_section(
        _("We can't find that booking"),
        _(
            "The address may be mistyped, or the booking belongs to another account. Yours are all in My appointments."
        ),
        "/appointments/",
        _("My appointments"),
    )
