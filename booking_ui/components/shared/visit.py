"""A visit's doctor, details and timeline, alike on checkout, status page and list."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.ui import theme
from booking_ui.components.ui.as_written import as_written, untranslated
from booking_ui.components.ui.avatar import avatar
from booking_ui.components.ui.details import detail
from booking_ui.languages import _
from booking_ui.services.views import AppointmentView, TimelineEntry


def visit_head(visit: rx.Var[AppointmentView]) -> rx.Component:
    """The doctor's avatar, name and speciality."""
    return rx.el.div(
        avatar(visit.doctor_initials, visit.doctor_tint),
        rx.el.div(
            rx.el.p(visit.doctor_name, class_name="font-semibold", custom_attrs=untranslated()),
            rx.el.p(visit.speciality, class_name="text-sm text-brand font-medium"),
            class_name="min-w-0",
        ),
        class_name=theme.ROW,
    )


def visit_details(visit: rx.Var[AppointmentView], *more: rx.Component, asked: bool = False) -> rx.Component:
    """Time and place; patient and reason, too, unless the page has fields for them (`asked`)."""
    whose = detail(
        _("For"),
        as_written(visit.patient_name),
        rx.cond(
            visit.relation_label != "",
            rx.el.span(" · ", visit.relation_label, class_name="text-sm text-muted"),
        ),
    )
    return rx.el.dl(
        detail(
            _("When"),
            rx.el.time(
                visit.when_label,
                custom_attrs=untranslated() | {"dateTime": visit.starts_at},
                class_name="font-semibold",
            ),
        ),
        detail(_("Where"), visit.address),
        *([] if asked else [whose, rx.cond(visit.reason != "", detail(_("Reason"), visit.reason))]),
        *more,
        class_name="flex flex-col gap-3",
    )


def timeline(entries: rx.Var[list[TimelineEntry]]) -> rx.Component:
    """Oldest first."""
    return rx.el.ol(
        rx.foreach(entries, _entry),
        class_name="flex flex-col",
        aria_label=_("What happened"),
    )


def _entry(entry: rx.Var[TimelineEntry], at: rx.Var[int]) -> rx.Component:
    colour = rx.match(
        entry.tone, ("good", "bg-good"), ("waiting", "bg-waiting"), ("bad", "bg-bad"), "bg-edge"
    )
    return rx.el.li(
        rx.el.span(
            class_name=f"relative z-1 mt-[0.4375rem] size-2.5 flex-none rounded-full ring-4 ring-surface {colour}"
        ),
        rx.el.div(
            rx.el.p(entry.text),
            rx.el.p(entry.at_label, class_name=f"{theme.MUTED} tabular-nums", custom_attrs=untranslated()),
            class_name="min-w-0 pb-4",
        ),
        key=entry.at_label.to(str) + at.to_string(),
        class_name="relative flex gap-4 before:absolute before:top-3 before:bottom-[-0.75rem] before:left-[0.28125rem] before:w-px before:bg-line last:before:hidden",
    )
