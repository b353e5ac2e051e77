"""The bookings that need a person, above everything else on the desk."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.ui import icons, theme
from booking_ui.languages import _, to
from booking_ui.states.desk.bookings import BookingsState


def needs_a_person() -> rx.Component:
    """The worst few with their sentences; nothing when there are none."""
    total = BookingsState.attention.total
    heading = rx.el.h2(
        icons.icon("alert"),
        rx.cond(total == 1, _("1 booking needs a person"), _("{count} bookings need a person", count=total)),
        class_name="flex items-center gap-2 text-sm text-bad sm:text-base",
    )
    more = rx.cond(
        total > BookingsState.attention.rows.length(),
        rx.el.a(
            _("Show all {count}", count=total),
            href=to("/admin/?status=attention"),
            class_name=f"{theme.LINK}{theme.TAP} text-sm whitespace-nowrap",
        ),
        rx.fragment(),
    )
    shown = rx.el.section(
        rx.el.div(heading, more, class_name="flex items-center justify-between gap-4 px-3 pt-2.5 pb-1"),
        rx.el.ul(rx.foreach(BookingsState.attention.rows, _booking), class_name="flex flex-col"),
        aria_label=_("Needs a person"),
        class_name=f"{theme.CARD} mb-5 border-bad! pb-1",
    )
    # The table shows all of them already when it is filtered by attention alone.
    listed = (BookingsState.shown.status == "attention") & (BookingsState.table.pager.total == total)
    return rx.cond((total > 0) & ~listed, shown, rx.fragment())


def _booking(row: rx.Var) -> rx.Component:
    return rx.el.li(
        rx.el.a(
            rx.el.span(row.reference, class_name="font-mono text-[0.8125rem] text-muted"),
            rx.el.span(
                row.needs_attention,
                title=row.needs_attention,
                class_name="min-w-0 flex-1 lg:truncate max-sm:order-first max-sm:basis-full",
            ),
            rx.el.span(row.patient_name, class_name="max-w-44 min-w-0 truncate text-muted"),
            rx.el.span(
                row.amount_label, class_name="ml-auto font-semibold tabular-nums sm:w-20 sm:text-right"
            ),
            href=f"{BookingsState.table.open_prefix}{row.reference}",
            prevent_scroll_reset=True,
            class_name="flex min-h-9 items-center gap-x-4 gap-y-0.5 px-3 py-1.5 text-sm hover:bg-sunken max-sm:flex-wrap pointer-coarse:min-h-11",
        ),
        class_name="border-t border-line",
    )
