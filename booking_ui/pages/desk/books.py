"""/admin/books: whether the clinic keeps its promises, and whether Razorpay's books and ours agree."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.desk import books as parts
from booking_ui.components.ui import theme
from booking_ui.languages import _
from booking_ui.pages.desk.page import desk_page
from booking_ui.states.desk.books import BooksState


def books() -> rx.Component:
    return desk_page(
        rx.el.h1(_("Books"), class_name=theme.HEADING),
        rx.el.div(parts.promises(), parts.cases(), class_name="mt-4 flex max-w-5xl flex-col gap-10"),
        current="/admin/books/",
        leave=BooksState.leave,
    )
