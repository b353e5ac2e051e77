"""The bookings table: dense rows from a tablet up, stacked lines on a phone. A row is a link, which keys can follow (admin.js)."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.desk.table import INSTANT, Sheet, foot, head, nothing
from booking_ui.components.shared import status_badge
from booking_ui.components.ui import icons, theme
from booking_ui.components.ui.sentences import with_parts
from booking_ui.languages import N_, _
from booking_ui.states.desk import booking_links
from booking_ui.states.desk.booking import BookingState
from booking_ui.states.desk.bookings import SOON, BookingsState

TABLE = BookingsState.table
# Column: (sort key or "", head, cell classes). The list's own width decides what fits, so an open panel hides the
# least needed instead of squeezing all.
SHEET = Sheet("@max-xl")
WIDE = {
    "reference": "hidden @[60rem]:table-cell",
    "doctor": "@max-3xl:hidden",
    "payment": "hidden @4xl:table-cell",
    "booked": "hidden @[72rem]:table-cell",
}
HEADS = [
    ("starts_at", N_("Visit"), INSTANT),
    ("", N_("Reference"), f"{WIDE['reference']} w-25"),
    ("patient", N_("Patient"), ""),
    ("doctor", N_("Doctor"), WIDE["doctor"]),
    ("status", N_("Booking"), "w-44"),
    ("", N_("Payment"), f"{WIDE['payment']} w-36"),
    ("amount", N_("Amount"), "w-26 text-right"),
    ("booked", N_("Booked"), f"{WIDE['booked']} {INSTANT} text-right"),
]


def bookings_table() -> rx.Component:
    """The rows with their head, or a sentence when there are none."""
    rows = SHEET.table(
        _("Bookings"),
        [_sortable_head(key, _(word), look) for key, word, look in HEADS],
        rx.cond(BookingsState.loaded, rx.foreach(TABLE.rows, _booking_row), SHEET.waiting(len(HEADS))),
    )
    return rx.el.div(
        rx.cond(BookingsState.loaded & (TABLE.pager.total == 0), _none_found(), rx.fragment(rows, _foot())),
        class_name="@container",
    )


def _sortable_head(key: str, word: str, more: str) -> rx.Component:
    if not key:
        return head(word, more)
    column = BookingsState.columns[key]
    shown = rx.cond(TABLE.figure != "", TABLE.figure, word) if key == "amount" else word
    before = booking_links.columns(booking_links.EVERYTHING)[key].href  # in the language of the page
    arrow = rx.match(column.order, ("ascending", "↑"), ("descending", "↓"), "")
    link = rx.el.a(
        shown,
        rx.el.span(arrow, aria_hidden="true", class_name="inline-block w-3 text-brand"),
        href=rx.cond(BookingsState.loaded, column.href, before),
        prevent_scroll_reset=True,
        # The arrow stands on the inner side, so that head and numbers end on one line.
        class_name=f"inline-flex h-9 items-center gap-1 rounded hover:text-ink {'flex-row-reverse' if 'text-right' in more else ''}",
    )
    return head(link, more, custom_attrs={"aria-sort": column.order})


def _booking_row(row: rx.Var) -> rx.Component:
    is_open = row.reference == BookingState.reference
    link = rx.el.a(
        row.when_label,
        href=f"{TABLE.open_prefix}{row.reference}",
        prevent_scroll_reset=True,
        custom_attrs={"data-row": row.reference, "aria-current": rx.cond(is_open, "true", "false")},
        class_name="scroll-mt-9 font-medium tabular-nums after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-brand",
    )
    return rx.el.tr(
        SHEET.cell(link),
        SHEET.cell(rx.el.span(row.reference, class_name="font-mono text-[0.8125rem]"), WIDE["reference"]),
        SHEET.cell(_patient(row), "@max-xl:order-3"),
        SHEET.cell(row.doctor_name, f"{WIDE['doctor']} text-muted @max-xl:order-5 @max-xl:block!"),
        SHEET.cell(
            status_badge.badge("appointment", row.status),
            "[&>.pill]:px-2 [&>.pill]:font-medium @max-xl:order-4 @max-xl:justify-self-end",
        ),
        SHEET.cell(status_badge.word("payment", row.payment_status), f"{WIDE['payment']} text-muted"),
        SHEET.cell(_amount(row), "text-right tabular-nums @max-xl:order-2 @max-xl:font-semibold"),
        SHEET.cell(row.booked_label, f"{WIDE['booked']} text-right tabular-nums text-muted"),
        role="row",
        key=row.reference,
        custom_attrs={"data-open": rx.cond(is_open, "true", "false")},
        class_name="relative h-9 hover:bg-raised data-[open=true]:bg-brand-soft @max-xl:grid @max-xl:h-auto @max-xl:grid-cols-[minmax(0,1fr)_auto] @max-xl:items-center @max-xl:gap-x-3 @max-xl:gap-y-1 @max-xl:border-b @max-xl:border-line @max-xl:px-1 @max-xl:py-3",
    )


def _patient(row: rx.Var) -> rx.Component:
    """The dependent for whom the visit is, followed by the patient who booked it; else the patient."""
    family = rx.fragment(row.visitor_name, rx.el.span(" · ", row.patient_name, class_name="text-muted"))
    return rx.cond(row.visitor_name != "", family, row.patient_name)


def _amount(row: rx.Var) -> rx.Component:
    warning = rx.el.span(
        icons.icon("alert", "size-4"),
        rx.el.span(row.needs_attention, class_name="sr-only"),
        title=row.needs_attention,
        class_name="relative mr-1.5 inline-flex align-[-3px] text-bad",
    )
    shown = rx.cond(row.figure_label != "", row.figure_label, row.amount_label)
    return rx.fragment(rx.cond(row.needs_attention != "", warning, rx.fragment()), shown)


def _none_found() -> rx.Component:
    filtered = BookingsState.chips.length() > 0
    title = rx.match(
        BookingsState.shown.period,
        ("today", _("No visits today.")),
        ("tomorrow", _("No visits tomorrow.")),
        (SOON, _("No visits in the next 7 days.")),
        _("No bookings yet."),
    )
    return nothing(
        rx.el.p(rx.cond(filtered, _("No bookings match."), title), class_name="font-semibold"),
        rx.el.p(
            rx.cond(
                filtered,
                _("Fewer filters, other days or another spelling may find it."),
                rx.cond(
                    TABLE.everywhere != "",
                    _("The visits of other days are one click away."),
                    _("They appear here as soon as somebody holds a time."),
                ),
            ),
            class_name=theme.MUTED,
        ),
        rx.el.div(
            _way_to(_("Next 7 days"), TABLE.soon, TABLE.soon != ""),
            _way_to(_("All days"), TABLE.everywhere, TABLE.everywhere != ""),
            _way_to(_("Clear filters"), TABLE.cleared, filtered),
            class_name="mt-2 flex flex-wrap justify-center gap-2 empty:hidden",
        ),
    )


def _way_to(words: str, href: rx.Var, when: rx.Var) -> rx.Component:
    return rx.cond(when, rx.el.a(words, href=href, class_name=f"{theme.QUIET}{theme.SMALL}"), rx.fragment())


def _foot() -> rx.Component:
    total = rx.cond(
        TABLE.figure != "",
        rx.el.p(
            *with_parts(
                _("{figure} in all: {amount}"),
                figure=TABLE.figure,
                amount=rx.el.span(TABLE.figure_label, class_name="font-semibold text-ink"),
            ),
            class_name="tabular-nums",
        ),
        rx.fragment(),
    )
    keys = rx.el.p(
        *with_parts(
            _("{slash} search {down}{up} move {enter} open {escape} close"),
            slash=_keycap("/"),
            down=_keycap("j"),
            up=_keycap("k"),
            enter=_keycap("Enter"),
            escape=_keycap("Esc"),
        ),
        class_name="hidden @4xl:block pointer-coarse:hidden",
    )
    return foot(TABLE.pager, BookingsState.loaded, _("Previous"), _("Next"), total, keys)


def _keycap(name: str) -> rx.Component:
    return rx.el.kbd(name, class_name="mx-0.5 rounded border border-line bg-sunken px-1.5 text-ink")
