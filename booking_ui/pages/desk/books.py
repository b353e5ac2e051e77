"""/admin/books: whether the clinic keeps its promises, and whether Razorpay's books and ours agree."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.desk import books as parts
from booking_ui.components.desk.layout import desk
from booking_ui.components.ui import theme
from booking_ui.states.desk.books import BooksState


def books() -> rx.Component:
    # On a node of its own: a component's handlers for leaving run when that node goes.
    gone = rx.el.div(on_unmount=BooksState.leave, hidden=True)
    return rx.fragment(
        desk(
            rx.el.h1("Books", class_name=theme.HEADING),
            rx.el.div(parts.promises(), parts.cases(), class_name="mt-4 flex max-w-5xl flex-col gap-10"),
            current="/admin/books/",
        ),
        gone,
    )
