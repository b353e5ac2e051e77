"""The webhooks table: a row a message from Razorpay, and beneath it what a replay would do. Rows stack on a phone."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.desk.controls import status_link, statuses
from booking_ui.components.desk.table import INSTANT, Sheet, booking_link, foot, head, nothing, unseen
from booking_ui.components.shared import status_badge
from booking_ui.components.ui import icons, theme
from booking_ui.components.ui.sentences import with_parts
from booking_ui.languages import N_, _, to
from booking_ui.states.desk.lists import StatusChoice
from booking_ui.states.desk.webhooks import PATH, WebhooksState

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
SHEET = Sheet(STACK)
TWO_LINES = "@xl:@max-[58rem]"  # a tablet has room for two lines where a phone needs four
HEADS = [
    (N_("Received"), INSTANT),
    (N_("Event"), "w-42"),
    (N_("Booking"), "w-25"),
    (N_("Status"), "w-27"),
    (N_("Outcome"), ""),
    (N_("Tries"), "w-13 text-right"),
]
COLUMNS = len(HEADS) + 1  # the last holds the buttons and shows no name


def meaning() -> rx.Component:
    """A line about the most frequent status, which looks like a fault and is none."""
    return rx.el.p(
        _(
            "Ignored is no fault: most often we had asked Razorpay before the message came, and it said nothing new."
        ),
        class_name=f"{theme.MUTED} mt-1",
    )


def parked() -> rx.Component:
    """A line about messages that wait for a person; nothing when there are none."""
    count = LISTING.parked
    text = rx.cond(
        count == 1,
        _("1 message could not be applied and waits for a person."),
        _("{count} messages could not be applied and wait for a person.", count=count),
    )
    there = rx.cond(
        WebhooksState.status == "parked",
        rx.fragment(),
        rx.el.a(
            _("Show"), href=to(f"{PATH}?status=parked"), prevent_scroll_reset=True, class_name=theme.LINK
        ),
    )
    line = rx.el.div(
        icons.icon("alert"),
        rx.el.p(text, " ", there),
        class_name=f"{theme.NOTICE} {theme.tone('bad')} mt-3",
        role="status",
    )
    return rx.cond(count > 0, line, rx.fragment())


def _status(choice: rx.Var[StatusChoice]) -> rx.Component:
    return status_link(
        choice, rx.cond(choice.status == "", _("All"), status_badge.word("delivery", choice.status))
    )


def by_status() -> rx.Component:
    return statuses(WebhooksState.choices, WebhooksState.loaded, _status, "mt-3")


def webhooks_table() -> rx.Component:
    """The rows with their head, or a sentence when there are none."""
    rows = SHEET.table(
        _("Stored webhooks, newest first"),
        [*(head(_(word), look) for word, look in HEADS), head(unseen(_("Actions")), "w-59")],
        rx.cond(WebhooksState.loaded, rx.foreach(LISTING.rows, _webhook_row), SHEET.waiting(COLUMNS)),
    )
    none_found = rx.cond(LISTING.stored == 0, _set_up(), _none_of_these())
    return rx.el.div(
        rx.cond(
            WebhooksState.loaded & (LISTING.pager.total == 0),
            none_found,
            rx.fragment(rows, foot(LISTING.pager, WebhooksState.loaded, _("Previous"), _("Next"))),
        ),
        class_name="@container",
    )


def _webhook_row(row: rx.Var) -> rx.Component:
    asked = WebhooksState.answer.event_id == row.id
    line = rx.el.tr(
        SHEET.cell(rx.el.span(row.received_label, class_name="tabular-nums"), f"{STACK}:col-span-2 {STACK}:text-muted {TWO_LINES}:[grid-area:2/1]!"),
        SHEET.cell(rx.el.span(row.event, title=row.event, class_name="font-mono text-[0.8125rem]"), f"{STACK}:order-first {STACK}:col-span-2 {STACK}:font-medium {TWO_LINES}:[grid-area:1/1]!"),
        SHEET.cell(rx.cond(row.reference != "", booking_link(row.reference), rx.el.span("–", aria_label=_("No booking of ours"), class_name=f"text-muted {STACK}:hidden")), f"{STACK}:order-3 {TWO_LINES}:[grid-area:1/2]!"),
        SHEET.cell(status_badge.badge("delivery", row.status), f"[&>.pill]:px-2 [&>.pill]:font-medium {STACK}:order-first {STACK}:justify-self-end {TWO_LINES}:[grid-area:1/4]!"),
        SHEET.cell(rx.el.span(row.words, title=row.words), f"{STACK}:order-2 {STACK}:col-span-3 {STACK}:whitespace-normal {STACK}:break-words {TWO_LINES}:[grid-area:2/2/auto/4]!"),
        SHEET.cell(SHEET.number(row.attempts, rx.cond(row.attempts == 1, _("1 try"), _("{count} tries", count=row.attempts))), f"text-right tabular-nums {STACK}:justify-self-end {STACK}:text-muted {TWO_LINES}:[grid-area:1/3]! {TWO_LINES}:justify-self-start!"),
        SHEET.cell(_actions(row), f"text-right {STACK}:order-4 {STACK}:col-span-2 {STACK}:justify-self-end {TWO_LINES}:[grid-area:2/4]!"),
        role="row",
        custom_attrs={"data-asked": rx.cond(asked, "true", "false")},
        class_name=f"h-9 hover:bg-raised data-[asked=true]:bg-raised [&[data-asked=true]>td]:border-transparent {STACK}:grid {STACK}:h-auto {STACK}:grid-cols-[auto_minmax(0,1fr)_auto] {TWO_LINES}:grid-cols-[11rem_auto_minmax(0,1fr)_auto]! {STACK}:items-center {STACK}:gap-x-3 {STACK}:gap-y-1 {STACK}:border-b {STACK}:border-line {STACK}:px-1 {STACK}:py-3 {STACK}:data-[asked=true]:border-transparent",
    )  # fmt: skip
    return rx.fragment(line, rx.cond(asked, _foreseen_row(), rx.fragment()), key=row.id)


ACTION = "inline-flex h-7 items-center rounded px-1.5 text-sm font-medium text-brand hover:bg-brand-soft aria-[busy=true]:cursor-progress aria-[busy=true]:text-muted pointer-coarse:h-11"


def _actions(row: rx.Var) -> rx.Component:
    busy = WebhooksState.busy_id == row.id
    about = rx.el.span(" ", row.event, ", ", row.received_label, class_name="sr-only")
    ask = rx.el.button(
        _("What would it do?"),
        about,
        type="button",
        on_click=WebhooksState.foresee(row.id),
        aria_busy=busy,
        # j and k walk along these; Enter presses.
        custom_attrs={"data-row": row.id.to(str)},
        class_name=f"{ACTION} scroll-mt-28",
    )
    replay = rx.el.button(
        _("Replay…"),
        about,
        type="button",
        on_click=WebhooksState.open_replay(row.id),
        aria_busy=busy,
        class_name=ACTION,
    )
    return rx.el.div(ask, replay, class_name=f"flex justify-end gap-1 {STACK}:-mr-1.5")


def _foreseen_row() -> rx.Component:
    """One line beneath the row it is about."""
    said = rx.el.p(
        icons.icon("arrow", "size-4"),
        rx.cond(WebhooksState.answer.sentence != "", WebhooksState.answer.sentence, _("Looking…")),
        role="status",
        class_name="flex items-center gap-2 text-brand",
    )
    return rx.el.tr(
        rx.el.td(
            said,
            col_span=COLUMNS,
            role="cell",
            class_name=f"border-b border-line bg-raised px-3 pb-2 {STACK}:block {STACK}:px-1",
        ),
        role="row",
        class_name=f"{STACK}:block",
    )


def _none_of_these() -> rx.Component:
    return nothing(
        rx.el.p(_("No webhook has this status."), class_name="font-semibold"),
        rx.el.a(_("Show all"), href=to(PATH), class_name=f"{theme.QUIET}{theme.SMALL} mt-2"),
    )


def _set_up() -> rx.Component:
    """Shown before the first message: how to set webhooks up at Razorpay."""
    return nothing(
        rx.el.p(_("No webhook has come yet."), class_name="font-semibold"),
        rx.cond(
            WebhooksState.door.sandbox,
            rx.el.p(
                _("The sandbox sends them by itself: pay for a booking, and its messages appear here."),
                class_name=theme.MUTED,
            ),
            _steps(),
        ),
    )


def _steps() -> rx.Component:
    code = "font-mono text-[0.8125rem] break-all text-ink"
    copy = rx.el.button(
        rx.el.span(_("Copy"), custom_attrs={"data-said": ""}, aria_live="polite"),
        type="button",
        aria_label=_("Copy the address"),
        custom_attrs={"data-copy": WebhooksState.door.address, "data-copied": _("Copied")},
        class_name=ACTION,
    )
    return rx.el.ol(
        rx.el.li(_("At Razorpay, open Account & Settings, then Webhooks, and add one.")),
        rx.el.li(
            *with_parts(
                _("Address: {address}"),
                address=rx.el.code(WebhooksState.door.address, class_name=f"{code} select-all"),
            ),
            " ",
            copy,
        ),
        rx.el.li(
            *with_parts(
                _("Secret: the one in {setting}."),
                setting=rx.el.code("RAZORPAY_WEBHOOK_SECRET", class_name=code),
            )
        ),
        rx.el.li(*with_parts(_("Events: {events}."), events=rx.el.span(", ".join(EVENTS), class_name=code))),
        rx.el.li(_("Bookings are confirmed without it too, only later: we ask Razorpay about quiet orders.")),
        class_name=f"{theme.MUTED} mt-2 flex max-w-text list-decimal flex-col gap-2 pl-5 text-left",
    )
