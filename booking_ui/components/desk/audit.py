"""Audit: dense rows, newest first. Each says whether its chain still holds."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.desk.controls import CONTROL, day, search_field
from booking_ui.components.desk.table import INSTANT, Sheet, booking_link, foot, head, nothing
from booking_ui.components.ui import icons, theme
from booking_ui.components.ui.fields import notice
from booking_ui.languages import N_, _, pgettext, to
from booking_ui.states.desk.audit import ACTIONS, ACTORS, PATH, AuditState

TRAIL = AuditState.trail
STACK = "@max-3xl"
HEADS = [
    (N_("When"), INSTANT),
    (N_("About"), "w-48"),
    (N_("Who"), "w-64"),
    (N_("What"), ""),
    (N_("Chain"), "w-20"),
]
SHEET = Sheet(STACK, f"truncate {STACK}:whitespace-normal")
WHOLE = "whitespace-normal py-1"  # nothing is cut off: it takes a second line


def filters() -> rx.Component:
    return rx.el.div(
        rx.el.form(
            search_field(_("Booking reference"), _("Booking reference"), "ref", "max-sm:col-span-2 sm:w-52!"),
            _select("actor", _("Who"), ACTORS),
            _select("action", _("What"), ACTIONS),
            day("since", _("From")),
            day("until", pgettext("of a period", "To")),
            role="search",
            on_submit=AuditState.narrow,
            custom_attrs={"data-auto": ""},
            class_name="mt-3 grid grid-cols-2 items-end gap-2 sm:flex sm:flex-wrap sm:items-center",
        ),
        rx.cond(
            AuditState.problem != "",
            rx.el.div(notice(AuditState.problem), class_name="mt-3"),
            rx.fragment(),
        ),
    )


def _select(name: str, label: str, words: dict[str, str]) -> rx.Component:
    return rx.el.select(
        *[rx.el.option(_(word), value=value) for value, word in words.items()],
        name=name,
        aria_label=label,
        class_name=f"{CONTROL} sm:w-auto!",
    )


def verdict() -> rx.Component:
    """One line above the table: every chain on this page holds, or the names of those that do not."""
    good = rx.el.p(
        icons.icon("shield", "size-4"),
        _(
            "Every chain on this page holds: no row was changed, none is missing, and each ends where its booking stands."
        ),
        class_name="flex items-start gap-2 text-sm text-good [&>svg]:mt-0.5 [&>svg]:flex-none",
    )
    bad = notice(
        _(
            "These records do not hold: {records}. A row was changed or removed by hand.",
            records=TRAIL.broken,
        ),
        "bad",
    )
    shown = rx.cond(TRAIL.broken == "", good, bad)
    return rx.el.div(
        rx.cond(AuditState.loaded & (TRAIL.pager.total > 0), shown, rx.fragment()), class_name="mt-3 min-h-6"
    )


def audit_table() -> rx.Component:
    rows = SHEET.table(
        _("Audit, newest first"),
        [head(_(word), look) for word, look in HEADS],
        rx.cond(AuditState.loaded, rx.foreach(TRAIL.rows, _audit_row), SHEET.waiting(len(HEADS))),
    )
    return rx.el.div(
        rx.cond(
            AuditState.loaded & (TRAIL.pager.total == 0),
            _none_found(),
            rx.fragment(rows, foot(TRAIL.pager, AuditState.loaded, _("Newer"), _("Older"))),
        ),
        class_name="@container mt-2",
    )


def _audit_row(row: rx.Var) -> rx.Component:
    about = rx.cond(row.reference != "", booking_link(row.reference), row.subject_label)
    chain = rx.cond(
        row.verified,
        rx.el.span(_("Holds"), class_name="text-good"),
        rx.el.span(_("Broken"), class_name="font-semibold text-bad"),
    )
    what = rx.el.span(
        row.text, title=row.text, class_name=rx.match(row.tone, ("bad", "text-bad"), "text-ink")
    )
    return rx.el.tr(
        SHEET.cell(rx.el.span(row.at_label, class_name="tabular-nums text-muted"), f"{STACK}:order-2"),
        SHEET.cell(about, f"{WHOLE} {STACK}:order-1"),
        SHEET.cell(row.actor_label, f"{WHOLE} text-muted {STACK}:order-4"),
        SHEET.cell(what, f"{WHOLE} {STACK}:order-3 {STACK}:col-span-2 {STACK}:break-words"),
        SHEET.cell(chain, f"{STACK}:order-5 {STACK}:justify-self-end"),
        role="row",
        key=row.id,
        class_name=f"h-9 hover:bg-raised {STACK}:grid {STACK}:h-auto {STACK}:grid-cols-[minmax(0,1fr)_auto] {STACK}:gap-x-3 {STACK}:gap-y-0.5 {STACK}:border-b {STACK}:border-line {STACK}:px-1 {STACK}:py-2.5",
    )


def _none_found() -> rx.Component:
    plain = rx.el.p(_("Nothing was recorded yet."), class_name="font-semibold")
    filtered = rx.fragment(
        rx.el.p(_("Nothing matches."), class_name="font-semibold"),
        rx.el.a(_("Clear filters"), href=to(PATH), class_name=f"{theme.QUIET}{theme.SMALL} mt-2"),
    )
    return nothing(rx.cond(AuditState.filtered, filtered, plain))
