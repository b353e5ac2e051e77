"""The webhooks table: one line a message from Razorpay, stacked on a phone; what a replay would do stands beneath it."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.desk.controls import turns
from booking_ui.components.shared import status_badge
from booking_ui.components.ui import icons, theme
from booking_ui.states.desk.webhooks import PATH, Choice, WebhooksState

LISTING = WebhooksState.listing
EVENTS = (
    "payment.authorized",
    "payment.captured",
    "payment.failed",
    "order.paid",
    "refund.created",
    "refund.processed",
    "refund.failed",
    "refund.speed_changed",
)

# The list's own width decides: below it a row stacks its cells. Column: (head, cell classes).
STACK = "@max-[58rem]"
TWO_LINES = "@xl:@max-[58rem]"  # a tablet has room for two lines where a phone needs four
HEADS = [
    ("Received", "w-42"),
    ("Event", "w-42"),
    ("Booking", "w-25"),
    ("Status", "w-27"),
    ("Outcome", ""),
    ("Tries", "w-13 text-right"),
    ("", "w-59"),
]


def heading() -> rx.Component:
    refresh = rx.el.button(
        "Refresh", type="button", on_click=WebhooksState.load, class_name=f"{theme.QUIET}{theme.SMALL}"
    )
    return rx.el.div(
        rx.el.h1("Webhooks", class_name=theme.HEADING),
        refresh,
        class_name="flex items-center justify-between gap-4",
    )


def parked() -> rx.Component:
    """Messages that nobody but a person can bring further; nothing when there are none."""
    count = LISTING.parked
    text = rx.cond(
        count == 1,
        "1 message could not be applied and waits for a person.",
        f"{count} messages could not be applied and wait for a person.",
    )
    there = rx.cond(
        WebhooksState.status == "parked",
        rx.fragment(),
        rx.el.a("Show", href=f"{PATH}?status=parked", prevent_scroll_reset=True, class_name=theme.LINK),
    )
    line = rx.el.div(
        icons.icon("alert"),
        rx.el.p(text, " ", there),
        class_name=f"{theme.NOTICE} {theme.tone('bad')} mt-3",
        role="status",
    )
    return rx.cond(count > 0, line, rx.fragment())


def statuses() -> rx.Component:
    waiting = rx.el.div(class_name=f"{theme.SKELETON} h-8 w-96 max-w-full")
    return rx.el.nav(
        rx.foreach(WebhooksState.choices, _status),
        rx.cond(WebhooksState.loaded, rx.fragment(), waiting),
        aria_label="Filter by status",
        class_name="-mx-4 mt-3 flex gap-1 overflow-x-auto px-4 md:mx-0 md:flex-wrap md:px-0",
    )


def _status(choice: rx.Var[Choice]) -> rx.Component:
    return rx.el.a(
        rx.cond(choice.status == "", "All", status_badge.word("delivery", choice.status)),
        rx.el.span(choice.count, class_name="font-normal tabular-nums"),
        href=choice.href,
        prevent_scroll_reset=True,
        custom_attrs={"aria-current": rx.cond(choice.current, "true", "false")},
        class_name="inline-flex h-8 flex-none items-center gap-1.5 rounded-control px-2.5 text-sm font-medium whitespace-nowrap text-muted hover:bg-sunken hover:text-ink aria-[current=true]:bg-brand-soft aria-[current=true]:text-brand pointer-coarse:h-11",
    )


def table() -> rx.Component:
    """The rows with their head, or a word of help when there are none."""
    heads = rx.el.thead(
        rx.el.tr(*[_head(*head) for head in HEADS], role="row"),
        role="rowgroup",
        class_name=f"{STACK}:hidden",
    )
    rows = rx.el.table(
        rx.el.caption("Stored webhooks, newest first", class_name="sr-only"),
        heads,
        rx.el.tbody(
            rx.cond(WebhooksState.loaded, rx.foreach(LISTING.rows, _row), _waiting()),
            role="rowgroup",
            class_name=f"{STACK}:block",
        ),
        role="table",
        class_name=f"w-full table-fixed border-separate border-spacing-0 text-sm {STACK}:block",
    )
    nothing = rx.cond(LISTING.stored == 0, _set_up(), _none_of_these())
    return rx.el.div(
        rx.cond(WebhooksState.loaded & (LISTING.total == 0), nothing, rx.fragment(rows, _pages())),
        class_name="@container",
    )


def _head(word: str, more: str) -> rx.Component:
    return rx.el.th(
        word or rx.el.span("Actions", class_name="sr-only"),
        scope="col",
        role="columnheader",
        class_name=f"sticky top-16 z-10 h-9 border-b border-line bg-surface px-2 text-left font-medium whitespace-nowrap text-muted first:pl-3 last:pr-3 {more}",
    )


CELL = f"truncate border-b border-line px-2 first:pl-3 last:pr-3 {STACK}:border-0 {STACK}:p-0!"


def _row(row: rx.Var) -> rx.Component:
    booking = rx.el.a(
        row.reference,
        href=f"/admin/booking/{row.reference}/",
        class_name=f"{theme.LINK} inline-flex items-center font-mono text-[0.8125rem] font-normal! pointer-coarse:min-h-11",
    )
    asked = WebhooksState.answer.event_id == row.id
    line = rx.el.tr(
        _cell(rx.el.span(row.received_label, class_name="tabular-nums"), f"{STACK}:col-span-2 {STACK}:text-muted {TWO_LINES}:[grid-area:2/1]!"),
        _cell(rx.el.span(row.event, title=row.event, class_name="font-mono text-[0.8125rem]"), f"{STACK}:order-first {STACK}:col-span-2 {STACK}:font-medium {TWO_LINES}:[grid-area:1/1]!"),
        _cell(rx.cond(row.reference != "", booking, rx.el.span("–", aria_label="No booking of ours", class_name=f"text-muted {STACK}:hidden")), f"{STACK}:order-3 {TWO_LINES}:[grid-area:1/2]!"),
        _cell(status_badge.badge("delivery", row.status), f"[&>.pill]:px-2 [&>.pill]:font-medium {STACK}:order-first {STACK}:justify-self-end {TWO_LINES}:[grid-area:1/4]!"),
        _cell(rx.el.span(row.words, title=row.words), f"{STACK}:order-2 {STACK}:col-span-3 {STACK}:whitespace-normal {STACK}:break-words {TWO_LINES}:[grid-area:2/2/auto/4]!"),
        _cell(rx.fragment(row.attempts, rx.el.span(rx.cond(row.attempts == 1, " try", " tries"), class_name=f"hidden {STACK}:inline")), f"text-right tabular-nums {STACK}:justify-self-end {STACK}:text-muted {TWO_LINES}:[grid-area:1/3]! {TWO_LINES}:justify-self-start!"),
        _cell(_actions(row), f"text-right {STACK}:order-4 {STACK}:col-span-2 {STACK}:justify-self-end {TWO_LINES}:[grid-area:2/4]!"),
        role="row",
        custom_attrs={"data-asked": rx.cond(asked, "true", "false")},
        class_name=f"h-9 hover:bg-raised data-[asked=true]:bg-raised [&[data-asked=true]>td]:border-transparent {STACK}:grid {STACK}:h-auto {STACK}:grid-cols-[auto_minmax(0,1fr)_auto] {TWO_LINES}:grid-cols-[11rem_auto_minmax(0,1fr)_auto]! {STACK}:items-center {STACK}:gap-x-3 {STACK}:gap-y-1 {STACK}:border-b {STACK}:border-line {STACK}:px-1 {STACK}:py-3 {STACK}:data-[asked=true]:border-transparent",
    )  # fmt: skip
    return rx.fragment(line, rx.cond(asked, _answer(), rx.fragment()), key=row.id)


def _cell(content: rx.Component | rx.Var, more: str = "") -> rx.Component:
    return rx.el.td(content, role="cell", class_name=f"{CELL} {more}")


ACTION = "inline-flex h-7 items-center rounded px-1.5 text-sm font-medium text-brand hover:bg-brand-soft aria-[busy=true]:cursor-progress aria-[busy=true]:text-muted pointer-coarse:h-11"


def _actions(row: rx.Var) -> rx.Component:
    busy = WebhooksState.busy_id == row.id
    about = rx.el.span(" ", row.event, ", ", row.received_label, class_name="sr-only")
    ask = rx.el.button(
        "What would it do?",
        about,
        type="button",
        on_click=WebhooksState.ask(row.id),
        aria_busy=busy,
        # j and k walk along these; Enter presses.
        custom_attrs={"data-row": row.id.to(str)},
        class_name=f"{ACTION} scroll-mt-28",
    )
    replay = rx.el.button(
        "Replay…",
        about,
        type="button",
        on_click=WebhooksState.choose(row.id),
        aria_busy=busy,
        class_name=ACTION,
    )
    return rx.el.div(ask, replay, class_name=f"flex justify-end gap-1 {STACK}:-mr-1.5")


def _answer() -> rx.Component:
    """One line beneath the row it is about."""
    said = rx.el.p(
        icons.icon("arrow", "size-4"),
        rx.cond(WebhooksState.answer.sentence != "", WebhooksState.answer.sentence, "Looking…"),
        role="status",
        class_name="flex items-center gap-2 text-brand",
    )
    return rx.el.tr(
        rx.el.td(
            said,
            col_span=len(HEADS),
            role="cell",
            class_name=f"border-b border-line bg-raised px-3 pb-2 {STACK}:block {STACK}:px-1",
        ),
        role="row",
        class_name=f"{STACK}:block",
    )


def _waiting() -> rx.Component:
    bar = rx.el.td(
        rx.el.div(class_name=f"{theme.SKELETON} h-4 w-full"), col_span=len(HEADS), class_name=f"{CELL} py-2"
    )
    return rx.fragment(*[rx.el.tr(bar, class_name="h-9") for _ in range(10)])


EMPTY = "flex flex-col items-center gap-1 border-y border-line px-4 py-16 text-center"


def _none_of_these() -> rx.Component:
    return rx.el.div(
        rx.el.p("No webhook has this status.", class_name="font-semibold"),
        rx.el.a("Show all", href=PATH, class_name=f"{theme.QUIET}{theme.SMALL} mt-2"),
        class_name=EMPTY,
    )


def _set_up() -> rx.Component:
    """Nothing came yet: how to make it come."""
    return rx.el.div(
        rx.el.p("No webhook has come yet.", class_name="font-semibold"),
        rx.cond(
            WebhooksState.door.sandbox,
            rx.el.p(
                "The sandbox sends them by itself: pay for a booking, and its messages appear here.",
                class_name=theme.MUTED,
            ),
            _steps(),
        ),
        class_name=EMPTY,
    )


def _steps() -> rx.Component:
    code = "font-mono text-[0.8125rem] break-all text-ink"
    copy = rx.el.button(
        rx.el.span("Copy", custom_attrs={"data-said": ""}, aria_live="polite"),
        rx.el.span(" the address", class_name="sr-only"),
        type="button",
        custom_attrs={"data-copy": WebhooksState.door.address},
        class_name=ACTION,
    )
    return rx.el.ol(
        rx.el.li("At Razorpay, open Account & Settings, then Webhooks, and add one."),
        rx.el.li(
            "Address: ", rx.el.code(WebhooksState.door.address, class_name=f"{code} select-all"), " ", copy
        ),
        rx.el.li("Secret: the one in ", rx.el.code("RAZORPAY_WEBHOOK_SECRET", class_name=code), "."),
        rx.el.li("Events: ", rx.el.span(", ".join(EVENTS), class_name=code), "."),
        rx.el.li("Bookings are confirmed without it too, only later: we ask Razorpay about quiet orders."),
        class_name=f"{theme.MUTED} mt-2 flex max-w-text list-decimal flex-col gap-2 pl-5 text-left",
    )


def _pages() -> rx.Component:
    where = rx.el.p(f"{LISTING.first}–{LISTING.last} of {LISTING.total}", class_name="tabular-nums")
    turn = turns("Previous", LISTING.previous, "Next", LISTING.next)
    return rx.el.div(
        rx.cond(WebhooksState.loaded, where, rx.el.p("Loading…")),
        rx.cond(LISTING.pages > 1, turn, rx.fragment()),
        class_name="flex min-h-14 items-center justify-between gap-4 px-3 text-sm text-muted",
    )
