"""The status page of a booking: its phase in large, the next steps, details, actions and timeline."""

from __future__ import annotations

import reflex as rx
from reflex.event import EventHandler, EventSpec

from booking_ui.components.patient.hold import LATE_MONEY, nearest_times
from booking_ui.components.shared.layout import phone_link
from booking_ui.components.shared.status_badge import PHASES, emblem
from booking_ui.components.shared.visit import timeline, visit_details, visit_head
from booking_ui.components.ui import dialogs, icons, theme
from booking_ui.components.ui.as_written import as_written, untranslated
from booking_ui.components.ui.details import detail
from booking_ui.components.ui.links import plain_link
from booking_ui.components.ui.sentences import with_parts
from booking_ui.config.settings import settings
from booking_ui.domain.refund_policy import REFUND_TAKES
from booking_ui.languages import N_, _, to
from booking_ui.services.views import PdfLink
from booking_ui.states.patient.appointment import AppointmentState

HOLD_AGAIN = N_("A new hold lasts {minutes} minutes, and nobody else can take the time meanwhile.")
NEXT = {
    "holding": [
        N_("Pay before the hold ends; until then nobody else can take this time."),
        N_("You get a confirmation the moment the payment arrives."),
    ],
    "checking": [
        N_("You can also close this page."),
        N_("We'll email you as soon as the bank has answered. You can't be charged twice for one visit."),
    ],
    "confirmed": [
        N_("Please come ten minutes early, with earlier reports if you have any."),
        N_("Plans change? Reschedule the visit, or cancel it; you see the exact refund first."),
    ],
    "completed": [N_("Your receipt stays here. Book again whenever you need to.")],
    "no_show": [N_("If that is not right, call us and we'll sort it out.")],
    "failed": [HOLD_AGAIN, LATE_MONEY],
    "expired": [HOLD_AGAIN, LATE_MONEY],
    "closed": [N_("If you paid for this time all the same, all of it goes back by itself.")],
    "cancelled": [N_("The time was given back. You can book another whenever you like.")],
    "refund_due": [N_("It takes {time}.")],
    "refund_held": [N_("There is nothing you need to do here. Your bank tells you what it decides.")],
    "refund_failed": [N_("Once it is sent, it takes {time}.")],
    "refunded": [N_("It takes {time}.")],
}


def status_view() -> rx.Component:
    visit = AppointmentState.visit
    return rx.el.div(
        _phase(),
        rx.cond(
            AppointmentState.problem != "",
            nearest_times(AppointmentState.problem, AppointmentState.nearest, "plain"),
        ),
        rx.el.div(
            _next(),
            rx.el.section(
                visit_head(visit),
                visit_details(visit, *_money()),
                _actions(),
                aria_label=_("Your visit"),
                class_name=f"{theme.PADDED} flex flex-col gap-5 md:col-start-2 md:row-span-2 md:row-start-1",
            ),
            rx.el.div(_timeline(), _links(), class_name="flex flex-col gap-8"),
            class_name="grid grid-cols-[minmax(0,1fr)] items-start gap-8 md:grid-cols-[minmax(0,1fr)_minmax(0,24rem)] md:grid-rows-[auto_1fr] md:gap-x-10",
        ),
        cancel_dialog("cancel", visit, AppointmentState.cancel),
        on_unmount=AppointmentState.leave,
        class_name="flex flex-col gap-8",
    )


def _phase() -> rx.Component:
    """A polite region: screen readers say its sentence when the phase changes."""
    visit = AppointmentState.visit
    return rx.el.section(
        emblem(visit.phase),
        rx.el.div(
            rx.el.h1(visit.headline, class_name=theme.TITLE),
            rx.cond(
                (visit.phase == "cancelled") & (visit.refund_label != ""),
                rx.el.p(visit.refund_label, class_name="mt-1 max-w-text font-semibold"),
            ),
            rx.el.p(visit.sentence, class_name="mt-1 max-w-text text-muted"),
            rx.cond(
                visit.in_label != "",
                rx.cond(
                    visit.phase == "confirmed",
                    rx.el.p(visit.in_label, class_name="mt-2 font-semibold text-good first-letter:uppercase"),
                ),
            ),
            rx.cond(
                (visit.phase == "confirmed") & (visit.moved_from != ""),
                rx.el.p(
                    *with_parts(_("Moved from {time}."), time=as_written(visit.moved_from)),
                    class_name="mt-1 text-sm text-muted",
                ),
            ),
            _main_action(),
            class_name="flex min-w-0 flex-col items-start",
        ),
        role="status",
        aria_live="polite",
        key=visit.phase.to(str) + visit.moved.to(str),
        class_name="enter flex items-start gap-4 max-sm:flex-col",
    )


def _next() -> rx.Component:
    known = {"minutes": settings().payment_timeout_minutes, "time": _(REFUND_TAKES)}
    lists = [
        (
            phase,
            rx.el.ul(
                *[
                    rx.el.li(
                        icons.icon("arrow", "mt-1 size-4 text-muted"),
                        _(line, **known),
                        class_name="flex gap-2",
                    )
                    for line in NEXT[phase]
                ],
                class_name="flex max-w-text flex-col gap-2",
            ),
        )
        for phase in PHASES
    ]
    visit = AppointmentState.visit
    return rx.el.section(
        rx.el.h2(_("What happens next"), class_name=theme.HEADING),
        rx.match(visit.phase, *lists, rx.fragment()),
        class_name="flex flex-col gap-4",
    )


def _main_action() -> rx.Component:
    visit = AppointmentState.visit
    pay = rx.el.a(
        rx.el.span(*with_parts(_("Pay {fee}"), fee=as_written(visit.fee_label))),
        href=to("/checkout/") + visit.reference.to(str) + "/",
        class_name=f"{theme.PRIMARY} mt-4",
    )
    again = rx.el.button(
        rx.el.span(*with_parts(_("Hold {time} again"), time=as_written(visit.time_label))),
        type="button",
        on_click=AppointmentState.again,
        class_name=theme.PRIMARY,
    )
    other = to("/doctor/") + visit.doctor_slug.to(str) + "/"
    words = rx.cond(AppointmentState.problem != "", _("All times"), _("Book another time"))
    book = rx.el.a(words, href=other, class_name=f"{theme.QUIET} mt-4")
    return rx.cond(
        visit.can_pay,
        pay,
        rx.cond(
            visit.can_try_again & (AppointmentState.problem == ""),
            rx.el.div(
                again,
                rx.el.a(_("All times"), href=other, class_name=theme.QUIET),
                class_name="mt-4 flex flex-wrap gap-2",
            ),
            rx.cond((visit.phase == "confirmed") | (visit.phase == "checking"), rx.fragment(), book),
        ),
    )


def _money() -> list[rx.Component]:
    visit = AppointmentState.visit
    return [
        detail(_("Fee"), as_written(visit.fee_label)),
        rx.cond(visit.method_label != "", detail(_("Paid by"), visit.method_label)),
        # In these phases the refund already stands beside the headline.
        rx.cond(
            (visit.refund_label != "") & (visit.phase != "cancelled") & (visit.phase != "refund_failed"),
            detail(_("Refund"), visit.refund_label),
        ),
        detail(_("Booking"), as_written(visit.reference, class_name="font-mono text-sm")),
        rx.cond(
            visit.gateway_payment_id != "",
            detail(
                _("Payment"), as_written(visit.gateway_payment_id, class_name="font-mono text-sm break-all")
            ),
        ),
    ]


def _actions() -> rx.Component:
    visit, links = AppointmentState.visit, AppointmentState.links
    small = f"{theme.QUIET}{theme.SMALL}"
    ahead = rx.fragment(
        plain_link(
            icons.icon("calendar", "size-4"),
            _("Add to calendar"),
            href=links.calendar,
            download=links.calendar_name,
            class_name=small,
        ),
        plain_link(
            icons.icon("route", "size-4"),
            _("Directions"),
            href=links.directions,
            target="_blank",
            rel="noopener",
            class_name=small,
        ),
    )
    paper = rx.el.button(
        icons.icon("print", "size-4"),
        _("Print"),
        type="button",
        on_click=rx.run_script("window.print()"),
        class_name=small,
    )
    move = rx.el.a(
        icons.icon("clock", "size-4"),
        _("Reschedule"),
        href=to("/appointment/") + visit.reference.to(str) + "/reschedule/",
        class_name=small,
    )
    cancel = rx.el.button(
        _("Cancel the visit"),
        type="button",
        on_click=dialogs.opens("cancel"),
        class_name=f"{theme.PLAIN}{theme.SMALL} text-bad",
    )
    call = rx.el.p(
        visit.too_late,
        " ",
        *with_parts(_("Call us on {phone}."), phone=phone_link()),
        class_name="w-full text-sm text-muted",
    )
    return rx.el.div(
        rx.cond(visit.phase == "confirmed", ahead),
        rx.foreach(visit.receipts, _pdf_link),
        rx.cond(visit.paid_paise > 0, paper),
        rx.cond(visit.can_reschedule, move),
        rx.cond(visit.can_cancel, cancel),
        rx.cond(visit.too_late != "", call),
        class_name="no-print flex flex-wrap gap-2 border-t border-line pt-4 empty:hidden",
    )


def _pdf_link(receipt: rx.Var[PdfLink]) -> rx.Component:
    return plain_link(
        icons.icon("file", "size-4"),
        receipt.label,
        href=receipt.path,
        download=True,  # the page stays, with its connection
        key=receipt.path,
        class_name=f"{theme.QUIET}{theme.SMALL}",
    )


def _timeline() -> rx.Component:
    return rx.cond(
        AppointmentState.visit.timeline,
        rx.el.section(
            rx.el.h2(_("So far"), class_name=theme.HEADING),
            timeline(AppointmentState.visit.timeline),
            class_name="flex flex-col gap-4",
        ),
    )


def _links() -> rx.Component:
    """Messages lie on telephones that others read: their links can be ended."""
    return rx.el.div(
        rx.el.p(_("The links in our messages show this visit without signing in, but not who you are.")),
        rx.el.button(
            _("End these links"),
            type="button",
            on_click=AppointmentState.end_links,
            class_name=f"{theme.PLAIN}{theme.SMALL} self-start",
        ),
        class_name=f"no-print flex flex-col gap-2 {theme.MUTED}",
    )


def cancel_dialog(
    dialog_id: str | rx.Var, visit: rx.Var, on_cancel: EventSpec | EventHandler
) -> rx.Component:
    """Asks before cancelling, and names the exact refund."""
    buttons = dialogs.asks(dialog_id, _("Keep the visit"), _("Cancel the visit"), on_cancel)
    return dialogs.sheet(
        dialog_id,
        _("Cancel this visit?"),
        rx.el.p(
            visit.doctor_name, ", ", visit.when_label, class_name="font-semibold", custom_attrs=untranslated()
        ),
        rx.el.p(visit.cancel_quote),
        buttons,
    )
