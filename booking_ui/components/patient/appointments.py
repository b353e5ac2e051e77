"""My appointments: the next one prominent, the others as cards, the past as a compact list."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.patient.appointment import cancel_dialog
from booking_ui.components.patient.hold import countdown, time_up
from booking_ui.components.shared.layout import phone_link
from booking_ui.components.shared.status_badge import badge
from booking_ui.components.shared.visit import visit_head
from booking_ui.components.ui import dialogs, theme
from booking_ui.components.ui.as_written import as_written, untranslated
from booking_ui.components.ui.avatar import avatar
from booking_ui.components.ui.sentences import with_parts
from booking_ui.languages import _, to
from booking_ui.services.views import AppointmentView
from booking_ui.states.patient.appointments import AppointmentsState


def upcoming() -> rx.Component:
    return rx.el.section(
        rx.el.h2(_("Upcoming"), class_name="sr-only"),
        rx.cond(
            AppointmentsState.upcoming,
            rx.el.ul(
                rx.foreach(AppointmentsState.upcoming, _upcoming_visit),
                class_name="grid gap-4 md:grid-cols-2 [&>li:first-child]:md:col-span-2",
            ),
            _nothing_ahead(),
        ),
        time_up(AppointmentsState.time_up),
    )


def _nothing_ahead() -> rx.Component:
    return rx.el.div(
        rx.el.p(_("Nothing booked yet. When you book a visit, it shows here."), class_name="text-muted"),
        rx.el.a(_("Find a doctor"), href=to("/"), class_name=theme.PRIMARY),
        class_name=f"{theme.PADDED} flex flex-col items-start gap-4",
    )


def _status_page(visit: rx.Var[AppointmentView]) -> rx.Var:
    return to("/appointment/") + visit.reference.to(str) + "/"


def _upcoming_visit(visit: rx.Var[AppointmentView], index: rx.Var[int]) -> rx.Component:
    for_another = with_parts(
        _("for {name}"), name=rx.el.strong(visit.patient_name, custom_attrs=untranslated())
    )
    return rx.el.li(
        rx.el.div(
            _when(visit, index == 0),
            badge("phase", visit.phase),
            class_name="flex flex-wrap items-start justify-between gap-2",
        ),
        visit_head(visit),
        rx.el.p(
            visit.area,
            ", ",
            visit.city,
            rx.cond(visit.dependent_id != 0, rx.fragment(" · ", *for_another)),
            class_name=theme.MUTED,
        ),
        _hold(visit),
        rx.el.div(
            _pay(visit),
            _let_go(visit),
            _details(visit),
            _reschedule(visit),
            _cancel(visit),
            class_name="mt-auto flex flex-wrap gap-2",
        ),
        rx.cond(
            visit.too_late != "",
            rx.el.p(
                visit.too_late,
                " ",
                *with_parts(_("Call us on {phone}."), phone=phone_link()),
                class_name=theme.MUTED,
            ),
        ),
        key=visit.reference,
        class_name=f"{theme.PADDED} flex flex-col gap-4",
    )


def _when(visit: rx.Var[AppointmentView], first: rx.Var[bool]) -> rx.Component:
    return rx.el.div(
        rx.el.p(
            visit.when_label,
            custom_attrs=untranslated(),
            class_name=rx.cond(
                first, "text-lg font-semibold tracking-tight sm:text-xl", "text-lg font-semibold"
            ),
        ),
        rx.el.p(visit.in_label, class_name="text-sm font-semibold text-brand first-letter:uppercase"),
    )


def _hold(visit: rx.Var[AppointmentView]) -> rx.Component:
    """The end of an unpaid hold, with its countdown."""
    said = rx.el.span(
        *with_parts(
            _("Held for you until {time}. Pay to keep it."),
            time=rx.el.strong(visit.held_until, custom_attrs=untranslated()),
        )
    )
    return rx.cond(visit.held_until != "", countdown(said, visit, AppointmentsState.hold_seconds))


def _pay(visit: rx.Var[AppointmentView]) -> rx.Component:
    return rx.cond(
        visit.can_pay,
        rx.el.a(
            rx.el.span(*with_parts(_("Pay {fee}"), fee=as_written(visit.fee_label))),
            href=to("/checkout/") + visit.reference.to(str) + "/",
            class_name=f"{theme.PRIMARY}{theme.SMALL}",
        ),
    )


def _let_go(visit: rx.Var[AppointmentView]) -> rx.Component:
    return rx.cond(
        visit.held_until != "",
        rx.el.button(
            _("Let go"),
            type="button",
            on_click=AppointmentsState.let_go(visit.id),
            aria_label=_("Let go of {doctor}, {time}", doctor=visit.doctor_name, time=visit.when_label),
            class_name=f"{theme.QUIET}{theme.SMALL}",
        ),
    )


def _details(visit: rx.Var[AppointmentView]) -> rx.Component:
    return rx.el.a(
        _("Details"),
        href=_status_page(visit),
        class_name=f"{theme.QUIET}{theme.SMALL}",
        aria_label=_("Details of {time}", time=visit.when_label),
    )


def _reschedule(visit: rx.Var[AppointmentView]) -> rx.Component:
    return rx.cond(
        visit.can_reschedule,
        rx.el.a(
            _("Reschedule"),
            href=_status_page(visit) + "reschedule/",
            class_name=f"{theme.QUIET}{theme.SMALL}",
            aria_label=_("Reschedule {time}", time=visit.when_label),
        ),
    )


def _cancel(visit: rx.Var[AppointmentView]) -> rx.Component:
    dialog_id = "cancel-" + visit.reference.to(str)
    return rx.cond(
        visit.can_cancel,
        rx.fragment(
            rx.el.button(
                _("Cancel"),
                type="button",
                on_click=dialogs.opens(dialog_id),
                aria_label=_("Cancel {doctor}, {time}", doctor=visit.doctor_name, time=visit.when_label),
                class_name=f"{theme.PLAIN}{theme.SMALL} text-bad",
            ),
            cancel_dialog(dialog_id, visit, AppointmentsState.cancel(visit.id)),
        ),
    )


def past() -> rx.Component:
    return rx.cond(
        AppointmentsState.past,
        rx.el.section(
            rx.el.h2(_("Past and cancelled"), class_name=theme.HEADING),
            rx.el.ul(
                rx.foreach(AppointmentsState.past, _past_visit),
                class_name=f"{theme.CARD} divide-y divide-line",
            ),
            rx.cond(
                AppointmentsState.more,
                rx.el.button(
                    _("Show earlier visits"),
                    type="button",
                    on_click=AppointmentsState.show_more,
                    class_name=f"{theme.QUIET} self-center",
                ),
                rx.fragment(),
            ),
            class_name="mt-10 flex flex-col gap-3",
        ),
    )


def _past_visit(visit: rx.Var[AppointmentView]) -> rx.Component:
    return rx.el.li(
        avatar(visit.doctor_initials, visit.doctor_tint, "avatar-small"),
        rx.el.div(
            rx.el.a(
                visit.doctor_name,
                custom_attrs=untranslated(),
                href=_status_page(visit),
                class_name=f"font-semibold hover:underline underline-offset-4{theme.TAP}",
            ),
            rx.el.p(
                as_written(visit.when_label),
                " · ",
                as_written(rx.cond(visit.money_label != "", visit.money_label, visit.fee_label)),
                rx.cond(
                    visit.dependent_id != 0,
                    rx.fragment(" · ", *with_parts(_("for {name}"), name=as_written(visit.patient_name))),
                ),
                class_name=f"{theme.MUTED} tabular-nums",
            ),
            class_name="min-w-0",
        ),
        rx.el.div(badge("phase", visit.phase), class_name="max-sm:col-start-2 max-sm:row-start-2"),
        rx.cond(
            visit.paid_paise > 0,
            rx.el.a(
                _("Receipt"),
                href=_status_page(visit),
                class_name=f"{theme.PLAIN}{theme.SMALL} max-sm:col-start-3 max-sm:row-start-1",
                aria_label=_("Receipt of {time}", time=visit.when_label),
            ),
            rx.el.span(class_name="max-sm:hidden"),
        ),
        rx.el.a(
            _("Book again"),
            href=to("/doctor/") + visit.doctor_slug.to(str) + "/",
            class_name=f"{theme.PLAIN}{theme.SMALL} max-sm:col-start-3",
            aria_label=_("Book again with {doctor}", doctor=visit.doctor_name),
        ),
        key=visit.reference,
        class_name="grid grid-cols-[auto_minmax(0,1fr)_auto] items-center gap-x-3 gap-y-1 px-4 py-2.5 sm:grid-cols-[auto_minmax(0,1fr)_auto_auto_auto]",
    )
