"""The ledger of messages: a row each, with what became of it and a button that sends it again. Rows stack on a phone."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.desk.controls import search_field, status_link, statuses
from booking_ui.components.desk.table import INSTANT, Sheet, booking_link, foot, head, nothing, unseen
from booking_ui.components.shared import status_badge
from booking_ui.components.ui import icons, theme
from booking_ui.components.ui.fields import hidden, notice
from booking_ui.languages import N_, _, to
from booking_ui.states.desk.lists import StatusChoice
from booking_ui.states.desk.messages import PATH, MessagesState

LISTING = MessagesState.listing
STACK = "@max-[58rem]"
SHEET = Sheet(STACK)
TRIES = "@min-[58rem]:@max-[72rem]:hidden"  # the answer needs the room more
HEADS = [
    (N_("Due"), INSTANT),
    (N_("To"), "w-44"),
    (N_("Message"), "w-40"),
    (N_("Booking"), "w-22"),
    (N_("Status"), "w-29"),
    (N_("Answer"), ""),
    (N_("Tries"), f"w-13 text-right {TRIES}"),
]
COLUMNS = len(HEADS) + 1  # the last holds the button and shows no name
ACTION = "inline-flex h-7 items-center rounded px-1.5 text-sm font-medium text-brand hover:bg-brand-soft aria-[busy=true]:cursor-progress aria-[busy=true]:text-muted pointer-coarse:h-11"


def meaning() -> rx.Component:
    """A line about the two statuses that a reader could take for another."""
    return rx.el.p(
        _(
            "Each message looks at its booking as it leaves: one whose reason has gone is not needed any more. One that is "
            "not sent was refused for good, or for seven hours. At night SMS and WhatsApp wait if they can."
        ),
        class_name=f"{theme.MUTED} mt-1 max-w-text",
    )


def search() -> rx.Component:
    return rx.el.form(
        hidden("status", MessagesState.status),
        search_field(_("Patient or booking"), _("Patient or booking"), "q", "sm:w-72!"),
        role="search",
        on_submit=MessagesState.narrow,
        custom_attrs={"data-auto": ""},
        class_name="mt-3",
    )


def _status(choice: rx.Var[StatusChoice]) -> rx.Component:
    return status_link(
        choice, rx.cond(choice.status == "", _("All"), status_badge.word("message", choice.status))
    )


def by_status() -> rx.Component:
    return statuses(MessagesState.choices, MessagesState.loaded, _status, "mt-3")


def outcome() -> rx.Component:
    """The last act in words. The region is always there, so that screen readers notice what enters it."""
    said = rx.el.p(
        icons.icon("check"), rx.el.span(MessagesState.said), class_name=f"{theme.NOTICE} {theme.tone('good')}"
    )
    return rx.el.div(
        rx.el.div(rx.cond(MessagesState.said != "", said), role="status", class_name="mt-3 empty:hidden"),
        rx.cond(
            MessagesState.trouble != "",
            rx.el.div(notice(MessagesState.trouble, "bad"), class_name="mt-3"),
            rx.fragment(),
        ),
    )


def messages_table() -> rx.Component:
    """The rows with their head, or a sentence when there are none."""
    rows = SHEET.table(
        _("Messages, newest first"),
        [*(head(_(word), look) for word, look in HEADS), head(unseen(_("Actions")), "w-27")],
        rx.cond(MessagesState.loaded, rx.foreach(LISTING.rows, _message_row), SHEET.waiting(COLUMNS)),
    )
    return rx.el.div(
        rx.cond(
            MessagesState.loaded & (LISTING.pager.total == 0),
            _none_found(),
            rx.fragment(rows, foot(LISTING.pager, MessagesState.loaded, _("Newer"), _("Older"))),
        ),
        class_name="@container",
    )


def _message_row(row: rx.Var) -> rx.Component:
    whom = rx.el.span(row.recipient, title=row.patient_name, class_name="break-all")
    booking = rx.cond(
        row.reference != "",
        booking_link(row.reference),
        rx.el.span("–", aria_label=_("About no booking"), class_name=f"text-muted {STACK}:hidden"),
    )
    tries = SHEET.number(
        row.attempts, rx.cond(row.attempts == 1, _("1 try"), _("{count} tries", count=row.attempts))
    )
    return rx.el.tr(
        SHEET.cell(rx.el.span(row.due_label, class_name="tabular-nums"), f"text-muted {STACK}:order-2"),
        SHEET.cell(whom, f"{STACK}:order-3 {STACK}:col-span-2 {STACK}:whitespace-normal"),
        SHEET.cell(_what(row), f"{STACK}:order-first {STACK}:font-medium"),
        SHEET.cell(booking, f"{STACK}:order-5"),
        SHEET.cell(status_badge.badge("message", row.status), f"[&>.pill]:px-2 [&>.pill]:font-medium {STACK}:order-first {STACK}:justify-self-end"),
        SHEET.cell(rx.el.span(row.answer, title=row.answer), f"{STACK}:order-4 {STACK}:col-span-2 {STACK}:whitespace-normal {STACK}:break-words"),
        SHEET.cell(tries, f"{TRIES} text-right tabular-nums {STACK}:order-2 {STACK}:justify-self-end {STACK}:text-muted"),
        SHEET.cell(_again(row), f"overflow-visible! text-right {STACK}:order-5 {STACK}:justify-self-end"),
        role="row",
        key=row.id,
        class_name=f"h-9 hover:bg-raised {STACK}:grid {STACK}:h-auto {STACK}:grid-cols-[minmax(0,1fr)_auto] {STACK}:items-center {STACK}:gap-x-3 {STACK}:gap-y-1 {STACK}:border-b {STACK}:border-line {STACK}:px-1 {STACK}:py-3",
    )  # fmt: skip


def _what(row: rx.Var) -> rx.Component:
    """The kind, and before it the channel where it is not the usual one: a narrow column cuts off the end."""
    by = rx.cond(row.channel == "mail", "", f"{row.channel_label} · ")
    return rx.el.span(rx.el.span(by, class_name="text-muted"), row.label, title=row.label)


def _again(row: rx.Var) -> rx.Component:
    busy = MessagesState.busy_id == row.id
    return rx.el.button(
        _("Send again"),
        rx.el.span(
            " ",
            _(
                "{message}, to {recipient}, due {time}",
                message=row.label,
                recipient=row.recipient,
                time=row.due_label,
            ),
            class_name="sr-only",
        ),
        type="button",
        on_click=MessagesState.send_again(row.id, row.sent_again),
        disabled=busy,
        aria_busy=busy,
        custom_attrs={"data-row": row.id.to(str)},
        class_name=f"{ACTION} scroll-mt-28 {STACK}:-mr-1.5",
    )


def _none_found() -> rx.Component:
    plain = rx.fragment(
        rx.el.p(_("No message was due yet."), class_name="font-semibold"),
        rx.el.p(_("Each mail, SMS and WhatsApp message stands here."), class_name=theme.MUTED),
    )
    filtered = rx.fragment(
        rx.el.p(_("Nothing matches."), class_name="font-semibold"),
        rx.el.a(_("Show all"), href=to(PATH), class_name=f"{theme.QUIET}{theme.SMALL} mt-2"),
    )
    return nothing(rx.cond((MessagesState.status != "") | (MessagesState.q != ""), filtered, plain))
