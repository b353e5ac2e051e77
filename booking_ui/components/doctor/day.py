"""A doctor's day on one sheet, ready to be printed: time, patient, reason, and whether the visit is paid."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.shared import status_badge
from booking_ui.components.ui import icons, theme
from booking_ui.components.ui.as_written import as_written, untranslated
from booking_ui.components.ui.fields import notice
from booking_ui.languages import _, to
from booking_ui.states.doctor.day import PATH, DayState

VIEW = DayState.view


def day_heading() -> rx.Component:
    today = rx.cond(
        VIEW.is_today, rx.el.span(_("Today"), class_name=f"{theme.PILL} {theme.tone('good')}"), rx.fragment()
    )
    title = rx.el.div(
        rx.el.h1(_("My day"), class_name=theme.TITLE),
        rx.el.p(
            as_written(VIEW.day_label),
            " ",
            today,
            class_name="mt-1 flex flex-wrap items-center gap-2 text-base",
        ),
        rx.el.p(VIEW.doctor_name, class_name=theme.MUTED, custom_attrs=untranslated()),
    )
    paper = rx.el.button(
        icons.icon("print", "size-4"),
        _("Print"),
        type="button",
        on_click=rx.run_script("window.print()"),
        class_name=f"{theme.QUIET}{theme.SMALL} no-print",
    )
    return rx.el.div(title, paper, class_name="flex items-start justify-between gap-4")  # fmt: skip


def day_links() -> rx.Component:
    """Links to the day before, the day after and today, and a field for any other."""
    small = f"{theme.QUIET}{theme.SMALL}"
    picker = rx.el.form(
        rx.el.input(
            type="date",
            name="on",
            aria_label=_("Another day"),
            class_name=f"{theme.INPUT} min-h-9! w-auto! min-w-0 py-1! text-sm pointer-coarse:min-h-11!",
        ),
        on_submit=DayState.choose,
        custom_attrs={"data-auto": ""},
    )
    return rx.el.nav(
        rx.el.a(
            _("Day before"),
            href=f"{to(PATH)}?on={VIEW.previous}",
            prevent_scroll_reset=True,
            class_name=small,
        ),
        rx.el.a(
            _("Day after"), href=f"{to(PATH)}?on={VIEW.next}", prevent_scroll_reset=True, class_name=small
        ),
        rx.cond(VIEW.is_today, rx.fragment(), rx.el.a(_("Today"), href=to(PATH), class_name=small)),
        picker,
        aria_label=_("Days"),
        class_name="no-print mt-4 flex flex-wrap items-center gap-2",
    )


def day_visits() -> rx.Component:
    """The day's visits; without any, a link to the next day that has some."""
    waiting = rx.el.div(
        *[rx.el.div(class_name=f"{theme.SKELETON} h-16") for _ in range(4)],
        class_name="mt-6 flex flex-col gap-2",
        aria_hidden="true",
    )
    there = rx.fragment(
        _totals(),
        rx.el.ol(rx.foreach(VIEW.visits, _visit), class_name=f"{theme.CARD} mt-3 divide-y divide-line"),
    )
    shown = rx.cond(VIEW.visits.length() > 0, there, _no_visits())
    problem = rx.el.div(notice(DayState.problem), class_name="mt-6")
    return rx.cond(DayState.loaded, rx.cond(DayState.problem != "", problem, shown), waiting)


def _totals() -> rx.Component:
    parts = (
        (VIEW.expected, _("{count} to come", count=VIEW.expected)),
        (VIEW.done, _("{count} completed", count=VIEW.done)),
        (VIEW.missed, _("{count} missed", count=VIEW.missed)),
        (VIEW.unpaid, _("{count} not paid yet", count=VIEW.unpaid)),
        (VIEW.cancelled, _("{count} cancelled", count=VIEW.cancelled)),
    )
    visits = VIEW.visits.length()
    counted = rx.cond(visits == 1, _("1 visit"), _("{count} visits", count=visits))
    return rx.el.p(
        rx.el.span(counted, class_name="font-semibold text-ink"),
        *[rx.cond(count > 0, rx.el.span(f" · {words}"), rx.fragment()) for count, words in parts],
        class_name="mt-6 text-sm text-muted tabular-nums",
        role="status",
    )


def _visit(visit: rx.Var) -> rx.Component:
    paid = rx.cond(
        visit.paid,
        rx.el.span(_("Paid"), class_name="text-sm text-good"),
        rx.el.span(_("Not paid"), class_name="text-sm font-medium text-waiting"),
    )
    return rx.el.li(
        rx.el.p(
            rx.el.span(visit.time_label, class_name="block font-semibold"),
            rx.el.span(_("until {time}", time=visit.until_label), class_name="block text-sm text-muted"),
            custom_attrs=untranslated(),
            class_name="tabular-nums whitespace-nowrap",
        ),
        rx.el.div(
            rx.el.p(visit.patient_name, class_name="font-semibold break-words", custom_attrs=untranslated()),
            rx.cond(
                visit.reason != "",
                rx.el.p(visit.reason, class_name="text-sm break-words"),
                rx.el.p(_("No reason given"), class_name=theme.MUTED),
            ),
            class_name="min-w-0",
        ),
        rx.el.div(
            status_badge.badge("appointment", visit.status),
            paid,
            class_name="flex items-center gap-3 max-sm:col-start-2 sm:flex-col sm:items-end sm:gap-1",
        ),
        key=visit.reference,
        class_name="grid grid-cols-[6.5rem_minmax(0,1fr)] gap-x-3 gap-y-2 px-4 py-3 break-inside-avoid sm:grid-cols-[7.5rem_minmax(0,1fr)_auto] sm:px-6",
    )


def _no_visits() -> rx.Component:
    ahead = rx.el.a(
        _("Next visits: {day}", day=VIEW.next_with_visits_label),
        href=f"{to(PATH)}?on={VIEW.next_with_visits}",
        class_name=theme.PRIMARY,
    )
    none = rx.el.p(_("Nobody has booked a later day yet."), class_name=theme.MUTED)
    off = rx.cond(
        VIEW.cancelled > 0,
        rx.el.p(_("{count} cancelled.", count=VIEW.cancelled), class_name=theme.MUTED),
        rx.fragment(),
    )
    return rx.el.div(
        rx.el.p(_("Nobody is expected on this day."), class_name="font-semibold"),
        off,
        rx.cond(VIEW.next_with_visits != "", ahead, none),
        class_name=f"{theme.PADDED} mt-6 flex flex-col items-start gap-3",
    )
