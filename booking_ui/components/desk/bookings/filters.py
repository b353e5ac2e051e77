"""The controls above the table: search, statuses with counts, doctor, days, order. Each leads to another address."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.desk.controls import (
    CONTROL,
    day,
    doctor_select,
    periods,
    search_field,
    status_link,
    statuses,
)
from booking_ui.components.shared import status_badge
from booking_ui.components.ui import icons, theme
from booking_ui.languages import N_, _, pgettext, to
from booking_ui.states.desk import booking_links
from booking_ui.states.desk.booking_links import Chip
from booking_ui.states.desk.bookings import BookingsState
from booking_ui.states.desk.lists import StatusChoice

SORT_WORDS = [
    ("starts_at", N_("Earliest visit first")),
    ("-starts_at", N_("Latest visit first")),
    ("-booked", N_("Booked last")),
    ("booked", N_("Booked first")),
    ("-amount", N_("Highest amount")),
    ("amount", N_("Lowest amount")),
    ("patient", N_("Patient, A to Z")),
    ("-patient", N_("Patient, Z to A")),
    ("doctor", N_("Doctor, A to Z")),
    ("-doctor", N_("Doctor, Z to A")),
    ("status", N_("Status, A to Z")),
    ("-status", N_("Status, Z to A")),
]


def filters() -> rx.Component:
    """Everything above the table. The form submits when a choice changes, and shows the filter of the address."""
    return rx.el.div(
        rx.el.form(
            rx.el.div(
                rx.el.h1(_("Bookings"), class_name=theme.HEADING),
                rx.el.div(
                    rx.el.a(
                        _("Book for a patient"),
                        href=to("/admin/book/"),
                        class_name=f"{theme.QUIET}{theme.SMALL}",
                    ),
                    _search(),
                    class_name="flex flex-wrap items-center gap-3",
                ),
                class_name="flex flex-wrap items-center justify-between gap-x-6 gap-y-3",
            ),
            rx.el.div(
                # Before the first answer the page's own words: a state begins in English in every language.
                rx.cond(
                    BookingsState.loaded,
                    periods(BookingsState.periods),
                    periods(booking_links.periods(booking_links.EVERYTHING)),
                ),
                _controls(),
                class_name="flex flex-col gap-x-6 gap-y-3 2xl:flex-row 2xl:items-center 2xl:justify-between",
            ),
            role="search",
            id="desk-filters",
            on_submit=BookingsState.narrow,
            custom_attrs={"data-auto": ""},
            class_name="flex flex-col gap-3",
        ),
        statuses(BookingsState.statuses, BookingsState.loaded, _status),
        _chips(),
        class_name="flex flex-col gap-3",
    )


def _search() -> rx.Component:
    field = search_field(
        _("Reference, patient or Razorpay id"),
        _("Search by reference, patient's name, email or phone, or Razorpay id"),
        "q",
        "peer pl-9!",
    )
    hint = rx.el.kbd(
        "/",
        aria_hidden="true",
        class_name="pointer-events-none absolute top-1/2 right-2.5 -translate-y-1/2 rounded border border-line bg-sunken px-1.5 text-sm leading-5 text-muted peer-focus:hidden peer-[:not(:placeholder-shown)]:hidden max-lg:hidden",
    )
    return rx.el.div(
        rx.el.span(
            icons.icon("search", "size-4"), class_name="absolute top-1/2 left-3 -translate-y-1/2 text-muted"
        ),
        field,
        hint,
        class_name="relative w-full sm:w-80",
    )


def _status(choice: rx.Var[StatusChoice]) -> rx.Component:
    link = status_link(choice, _status_word(choice.status), "data-[status=attention]:text-bad")
    needless = (choice.status == "attention") & (choice.count == 0) & ~choice.current
    return rx.cond(needless, rx.fragment(), link)


def _status_word(status: rx.Var[str], otherwise: rx.Var | str = "") -> rx.Var | rx.Component:
    return rx.match(
        status,
        ("", otherwise if isinstance(otherwise, rx.Var) else _("All")),
        ("attention", _("Needs a person")),
        status_badge.word("appointment", status),
    )


def _controls() -> rx.Component:
    order = rx.el.select(
        *[rx.el.option(_(word), value=key) for key, word in SORT_WORDS],
        name="sort",
        aria_label=pgettext("sorting", "Order"),
        custom_attrs={"data-implied": BookingsState.shown.sort},
        class_name=f"{CONTROL} sm:w-auto!",
    )
    return rx.el.div(
        doctor_select(BookingsState.doctors, BookingsState.shown.doctor, BookingsState.loaded),
        order,
        day("since", _("From"), BookingsState.shown.since),
        day("until", pgettext("of a period", "To"), BookingsState.shown.until),
        class_name="grid grid-cols-2 items-center gap-2 sm:flex sm:flex-wrap",
    )


def _chips() -> rx.Component:
    clear = rx.el.a(
        _("Clear all"),
        href=BookingsState.table.cleared,
        prevent_scroll_reset=True,
        class_name=f"{theme.LINK} px-1 text-sm",
    )
    return rx.cond(
        BookingsState.chips.length() > 0,
        rx.el.ul(
            rx.foreach(BookingsState.chips, _chip),
            rx.cond(BookingsState.chips.length() > 1, rx.el.li(clear), rx.fragment()),
            aria_label=_("Filters in force"),
            class_name="flex flex-wrap items-center gap-2",
        ),
    )


def _chip(chip: rx.Var[Chip]) -> rx.Component:
    word = _status_word(chip.status, chip.label)
    return rx.el.li(
        rx.el.a(
            rx.el.span(word, class_name="max-w-72 truncate"),
            icons.icon("close", "size-3.5"),
            href=chip.href,
            aria_label=_("Remove the filter {filter}", filter=word),
            prevent_scroll_reset=True,
            class_name="inline-flex h-7 items-center gap-1.5 rounded-full border border-edge pr-2 pl-2.5 text-sm hover:border-brand hover:bg-brand-soft pointer-coarse:h-11",
        )
    )
