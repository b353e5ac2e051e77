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
from booking_ui.states.desk.booking_links import Chip
from booking_ui.states.desk.bookings import BookingsState
from booking_ui.states.desk.lists import StatusChoice

SORT_WORDS = [
    ("starts_at", "Earliest visit first"),
    ("-starts_at", "Latest visit first"),
    ("-booked", "Booked last"),
    ("booked", "Booked first"),
    ("-amount", "Highest amount"),
    ("amount", "Lowest amount"),
    ("patient", "Patient, A to Z"),
    ("-patient", "Patient, Z to A"),
    ("doctor", "Doctor, A to Z"),
    ("-doctor", "Doctor, Z to A"),
    ("status", "Status, A to Z"),
    ("-status", "Status, Z to A"),
]


def filters() -> rx.Component:
    """Everything above the table. The form submits when a choice changes, and shows the filter of the address."""
    return rx.el.div(
        rx.el.form(
            rx.el.div(
                rx.el.h1("Bookings", class_name=theme.HEADING),
                _search(),
                class_name="flex flex-wrap items-center justify-between gap-x-6 gap-y-3",
            ),
            rx.el.div(
                periods(BookingsState.periods),
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
        "Reference, patient or Razorpay id",
        "Search by reference, patient's name, email or phone, or Razorpay id",
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


def _status_word(status: rx.Var[str], otherwise: str | rx.Var = "All") -> rx.Var | rx.Component:
    return rx.match(
        status,
        ("", otherwise),
        ("attention", "Needs a person"),
        status_badge.word("appointment", status),
    )


def _controls() -> rx.Component:
    order = rx.el.select(
        *[rx.el.option(word, value=key) for key, word in SORT_WORDS],
        name="sort",
        aria_label="Order",
        custom_attrs={"data-implied": BookingsState.shown.sort},
        class_name=f"{CONTROL} sm:w-auto!",
    )
    return rx.el.div(
        doctor_select(BookingsState.doctors, BookingsState.shown.doctor, BookingsState.loaded),
        order,
        day("since", "From", BookingsState.shown.since),
        day("until", "To", BookingsState.shown.until),
        class_name="grid grid-cols-2 items-center gap-2 sm:flex sm:flex-wrap",
    )


def _chips() -> rx.Component:
    clear = rx.el.a(
        "Clear all",
        href=BookingsState.table.cleared,
        prevent_scroll_reset=True,
        class_name=f"{theme.LINK} px-1 text-sm",
    )
    return rx.cond(
        BookingsState.chips.length() > 0,
        rx.el.ul(
            rx.foreach(BookingsState.chips, _chip),
            rx.cond(BookingsState.chips.length() > 1, rx.el.li(clear), rx.fragment()),
            aria_label="Filters in force",
            class_name="flex flex-wrap items-center gap-2",
        ),
    )


def _chip(chip: rx.Var[Chip]) -> rx.Component:
    word = _status_word(chip.status, chip.label)
    return rx.el.li(
        rx.el.a(
            rx.el.span("Remove the filter ", class_name="sr-only"),
            rx.el.span(word, class_name="max-w-72 truncate"),
            icons.icon("close", "size-3.5"),
            href=chip.href,
            prevent_scroll_reset=True,
            class_name="inline-flex h-7 items-center gap-1.5 rounded-full border border-edge pr-2 pl-2.5 text-sm hover:border-brand hover:bg-brand-soft pointer-coarse:h-11",
        )
    )
