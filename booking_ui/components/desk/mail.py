"""The emails that were written to files: the list, and one of them beside it."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.desk.table import nothing
from booking_ui.components.ui import icons, theme
from booking_ui.components.ui.fields import notice
from booking_ui.components.ui.links import plain_link
from booking_ui.languages import _
from booking_ui.states.desk.mail import MailState

PAGE = MailState.page
OPENED = MailState.opened


def about() -> rx.Component:
    return rx.el.p(
        _("What has no mail server or SMS provider is written to files and shown here. Nobody gets it."),
        class_name=f"{theme.MUTED} mt-1 max-w-text",
    )


def content() -> rx.Component:
    """The list and the open email; a sentence when there is nothing to show."""
    is_open = OPENED.row.name != ""
    waiting = rx.el.div(
        *[rx.el.div(class_name=f"{theme.SKELETON} h-12") for _ in range(8)], class_name="flex flex-col gap-2"
    )
    both = rx.el.div(
        rx.el.div(_mail_list(), class_name=rx.cond(is_open, "min-w-0 max-lg:hidden", "min-w-0")),
        rx.cond(is_open, _open_mail(), rx.fragment()),
        class_name=rx.cond(
            is_open, "grid items-start gap-6 lg:grid-cols-[minmax(0,2fr)_minmax(0,3fr)]", "grid max-w-4xl"
        ),
    )
    found = rx.match(
        PAGE.server,
        (True, _empty(_("Emails leave through your mail server."), _("Nothing is kept here."))),
        rx.cond(
            PAGE.rows.length() > 0,
            both,
            _empty(_("Nothing was written yet."), _("Book and pay a visit: its confirmation appears here.")),
        ),
    )
    return rx.el.div(
        rx.cond(
            MailState.missing, notice(_("That email is gone. Here are the others."), "waiting"), rx.fragment()
        ),
        rx.cond(MailState.loaded, found, waiting),
        class_name="mt-4 flex flex-col gap-4",
    )


def _mail_list() -> rx.Component:
    more = rx.el.p(
        _("The newest {count} of {total}.", count=PAGE.rows.length(), total=PAGE.total),
        class_name=f"{theme.MUTED} px-2 py-3 tabular-nums",
    )
    return rx.fragment(
        rx.el.ul(
            rx.foreach(PAGE.rows, _mail_row),
            aria_label=_("Emails, newest first"),
            class_name="divide-y divide-line border-y border-line",
        ),
        rx.cond(PAGE.total > PAGE.rows.length(), more, rx.fragment()),
    )


def _mail_row(row: rx.Var) -> rx.Component:
    return rx.el.li(
        rx.el.button(
            rx.el.span(row.subject, class_name="min-w-0 flex-1 basis-full truncate text-left font-medium"),
            rx.el.span(row.recipient, class_name="min-w-0 flex-1 truncate text-left text-muted"),
            rx.el.span(row.at_label, class_name="flex-none text-muted tabular-nums"),
            type="button",
            on_click=MailState.open(row.name),
            custom_attrs={"aria-current": rx.cond(OPENED.row.name == row.name, "true", "false")},
            class_name="flex min-h-14 w-full flex-wrap items-center gap-x-4 px-2 py-2 text-sm hover:bg-raised aria-[current=true]:bg-brand-soft",
        ),
        key=row.name,
    )


def _open_mail() -> rx.Component:
    back = rx.el.button(
        _("Close"),
        type="button",
        on_click=MailState.close,
        class_name=f"{theme.QUIET}{theme.SMALL} flex-none",
    )
    entry = plain_link(
        icons.icon("calendar"),
        _("Calendar entry"),
        href=MailState.calendar,
        download=OPENED.calendar_name,
        class_name=f"{theme.QUIET}{theme.SMALL} self-start",
    )
    return rx.el.article(
        rx.el.div(
            rx.el.h2(OPENED.row.subject, class_name="min-w-0 text-base break-words"),
            back,
            class_name="flex items-start justify-between gap-4",
        ),
        rx.el.p(
            _("To {recipient}, {time}", recipient=OPENED.row.recipient, time=OPENED.row.at_label),
            class_name=f"{theme.MUTED} break-words",
        ),
        rx.el.div(OPENED.text, class_name="border-t border-line pt-4 break-words whitespace-pre-line"),
        rx.cond(MailState.calendar != "", entry, rx.fragment()),
        aria_label=_("The open email"),
        class_name=f"{theme.PADDED} flex min-w-0 flex-col gap-3 lg:sticky lg:top-20",
    )


def _empty(title: str, more: str) -> rx.Component:
    return nothing(rx.el.p(title, class_name="font-semibold"), rx.el.p(more, class_name=theme.MUTED))
