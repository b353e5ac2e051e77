"""One booking at the desk, in a panel or on a page of its own: the visit, its money, the attempts, and the timeline."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.desk.booking.cancel import cancel_dialog
from booking_ui.components.desk.booking.conclude import took_place
from booking_ui.components.desk.booking.facts import fact, facts, section
from booking_ui.components.desk.booking.mark import mark_button, mark_dialog
from booking_ui.components.desk.booking.money import attempts_and_refunds, money
from booking_ui.components.desk.booking.refund import refund_dialog
from booking_ui.components.desk.booking.settle import settle_button
from booking_ui.components.shared import status_badge
from booking_ui.components.ui import icons, theme
from booking_ui.components.ui.fields import notice
from booking_ui.components.ui.links import plain_link
from booking_ui.languages import _, to
from booking_ui.states.desk.booking import BookingState

BOOKING = BookingState.booking
ROW = BOOKING.row
LABEL = "text-sm font-semibold"
TITLE = "min-w-0 font-mono text-lg leading-9 break-all"


def panel(close: rx.Var) -> rx.Component:
    """Stands beside the table from 1024 px on, in its place below. `close` is the address of the table alone."""
    body = rx.match(
        BookingState.stage,
        (
            "found",
            rx.fragment(
                _statuses(),
                _notices(),
                _visit_facts(),
                money(),
                attempts_and_refunds(),
                _timeline(),
                mark_dialog(),
                cancel_dialog(),
                refund_dialog(),
            ),
        ),
        ("missing", missing()),
        _waiting(),
    )
    return rx.el.aside(
        # On a phone the panel replaces the whole list, its heading included.
        rx.el.h1(_("Bookings"), class_name="sr-only lg:hidden"),
        rx.el.div(
            rx.el.h2(BookingState.reference, class_name=TITLE),
            _panel_actions(close),
            class_name="flex items-center justify-between gap-3",
        ),
        body,
        aria_label=_("Booking"),
        class_name=f"{theme.CARD} flex flex-col gap-4 p-4 max-lg:border-0 max-lg:bg-transparent max-lg:p-0 lg:sticky lg:top-20 lg:max-h-[calc(100dvh-6rem)] lg:overflow-y-auto lg:overscroll-contain",
    )


def whole() -> rx.Component:
    """The page of one booking: visit and money on the left, the timeline on the right."""
    columns = rx.el.div(
        rx.el.div(
            _notices(),
            _visit_facts(),
            money(),
            attempts_and_refunds(),
            class_name=f"{theme.PADDED} flex flex-col gap-6",
        ),
        rx.el.div(_timeline(), class_name=f"{theme.PADDED} self-start"),
        mark_dialog(),
        cancel_dialog(),
        refund_dialog(),
        class_name="grid gap-4 lg:grid-cols-2",
    )
    head = rx.el.div(
        rx.el.h1(BookingState.reference, class_name=TITLE),
        rx.cond(
            BookingState.stage == "found",
            rx.el.div(_statuses(), class_name="max-sm:order-last max-sm:basis-full"),
        ),
        rx.el.div(_refresh(), class_name="ml-auto"),
        class_name="flex flex-wrap items-center gap-x-4 gap-y-2",
    )
    return rx.el.div(
        head,
        rx.match(BookingState.stage, ("found", columns), ("missing", missing()), _waiting()),
        class_name="flex max-w-5xl flex-col gap-4",
    )


def missing() -> rx.Component:
    return rx.el.div(
        rx.el.p(_("There is no booking with this reference."), class_name="font-semibold"),
        rx.el.p(_("Check the letters, or search for the patient."), class_name=theme.MUTED),
        class_name="py-2",
    )


def _statuses() -> rx.Component:
    return rx.el.div(
        status_badge.badge("appointment", ROW.status),
        status_badge.badge("payment", ROW.payment_status),
        class_name="flex flex-wrap gap-2",
    )


CONTACT = f"{theme.LINK} pointer-coarse:inline-flex pointer-coarse:min-h-11 pointer-coarse:items-center"
ICON_BUTTON = "inline-flex h-9 items-center gap-1.5 rounded-control px-2 text-sm font-medium text-muted hover:bg-sunken hover:text-ink pointer-coarse:h-11"


def _refresh() -> rx.Component:
    return rx.el.button(_("Refresh"), type="button", on_click=BookingState.refresh, class_name=ICON_BUTTON)


def _panel_actions(close: rx.Var) -> rx.Component:
    page = rx.el.a(
        _("Full page"),
        href=to(f"/admin/booking/{BookingState.reference}/"),
        class_name=f"{ICON_BUTTON} max-lg:hidden",
    )
    away = rx.el.a(
        icons.icon("close", "size-4"),
        _("Close"),
        href=close,
        prevent_scroll_reset=True,
        custom_attrs={"data-close-panel": ""},
        class_name=ICON_BUTTON,
    )
    return rx.el.div(_refresh(), page, away, class_name="-mr-2 flex flex-none items-center")


def _notices() -> rx.Component:
    return rx.fragment(
        rx.cond(
            ROW.needs_attention != "", notice(ROW.needs_attention, "bad", "alert", _way_out()), rx.fragment()
        ),
        rx.cond(BookingState.refusal != "", notice(BookingState.refusal, "bad"), rx.fragment()),
        # The region is always there, so that screen readers notice what enters it.
        rx.el.div(
            rx.cond(
                BookingState.said != "",
                rx.el.p(BookingState.said, class_name=f"{theme.NOTICE} {theme.tone('good')}"),
            ),
            role="status",
            class_name="empty:hidden",
        ),
    )


def _way_out() -> rx.Component:
    """The button or link for what the sentence asks for."""
    settling = rx.foreach(
        BOOKING.refunds, lambda one: rx.cond(one.can_settle, settle_button(one), rx.fragment())
    )
    return rx.fragment(
        rx.match(
            ROW.way_out,
            ("settle", rx.el.div(settling, class_name="flex flex-wrap gap-2")),
            ("mark", rx.cond(BOOKING.can_mark, mark_button(), rx.fragment())),
            ("decide", _way_to("/admin/books/", _("Decide in Books"))),
            ("messages", _way_to("/admin/webhooks/?status=parked", _("Parked webhooks"))),
            rx.fragment(),
        )
    )


def _way_to(href: str, words: str) -> rx.Component:
    return rx.el.a(words, href=to(href), class_name=f"{theme.QUIET}{theme.SMALL} self-start")


def _visit_facts() -> rx.Component:
    visit = BOOKING.appointment
    return section(
        _("Visit"),
        facts(
            fact(_("When"), rx.el.span(ROW.when_label, class_name="font-medium tabular-nums"), rx.el.span(visit.in_label, class_name="text-muted")),
            fact(_("Doctor"), ROW.doctor_name, rx.el.span(ROW.speciality, class_name="text-muted")),
            rx.cond(
                ROW.visitor_name != "",
                rx.fragment(
                    fact(_("Patient"), ROW.visitor_name, rx.el.span(visit.relation_label, class_name="text-muted")),
                    fact(_("Booked by"), ROW.patient_name),
                ),
                fact(_("Patient"), ROW.patient_name),
            ),
            fact(_("Contact"), plain_link(BOOKING.phone_label, href=f"tel:{ROW.patient_phone}", class_name=f"{CONTACT} whitespace-nowrap tabular-nums"), plain_link(ROW.patient_email, href=f"mailto:{ROW.patient_email}", class_name=f"{CONTACT} break-all")),
            rx.cond(visit.reason != "", fact(_("Reason"), visit.reason), rx.fragment()),
            fact(_("Booked"), ROW.booked_label),
        ),
        rx.cond(BOOKING.can_conclude, took_place(), rx.fragment()),
    )  # fmt: skip


def _timeline() -> rx.Component:
    in_audit = rx.el.a(
        _("Audit of this booking"),
        href=to(f"/admin/audit/?ref={BookingState.reference}"),
        class_name=f"{theme.LINK}{theme.TAP} self-start text-sm",
    )
    return section(
        _("Timeline"),
        rx.el.ol(rx.foreach(BOOKING.timeline, _timeline_line), class_name="mt-1 flex flex-col text-sm"),
        in_audit,
    )


def _timeline_line(line: rx.Var) -> rx.Component:
    dot = rx.match(
        line.tone,
        ("good", "bg-good"),
        ("waiting", "bg-waiting"),
        ("bad", "bg-bad"),
        "bg-edge",
    )
    return rx.el.li(
        rx.el.span(
            class_name=f"absolute top-1.5 left-0 size-2.5 rounded-full ring-4 ring-raised max-lg:ring-surface {dot}"
        ),
        rx.el.p(line.text, class_name="break-words"),
        rx.el.p(line.at_label, class_name="text-muted tabular-nums"),
        class_name="relative ml-1 border-l border-line pb-4 pl-5 last:border-transparent last:pb-0 [&>span]:-ml-[5.5px]",
    )


def _waiting() -> rx.Component:
    return rx.el.div(
        *[
            rx.el.div(class_name=f"{theme.SKELETON} h-5 {width}")
            for width in ("w-2/3", "w-full", "w-full", "w-1/2")
        ],
        class_name="flex flex-col gap-4 py-2",
        aria_hidden="true",
    )
