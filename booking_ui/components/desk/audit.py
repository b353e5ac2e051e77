"""The audit trail: dense lines, newest first, each saying whether its chain still holds."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.desk.controls import CONTROL, day, turns
from booking_ui.components.ui import icons, theme
from booking_ui.components.ui.fields import notice
from booking_ui.states.desk.audit import ACTIONS, ACTORS, AuditState

TRAIL = AuditState.trail
STACK = "@max-3xl"
HEADS = [("When", "w-42"), ("About", "w-52"), ("Who", "w-44"), ("What", ""), ("Chain", "w-24")]
CELL = f"truncate border-b border-line px-2 first:pl-3 last:pr-3 {STACK}:border-0 {STACK}:p-0! {STACK}:whitespace-normal"


def filters() -> rx.Component:
    return rx.el.div(
        rx.el.form(
            rx.el.input(
                type="search",
                name="ref",
                custom_attrs={"data-desk-search": ""},
                placeholder="Booking reference",
                aria_label="Booking reference",
                auto_complete="off",
                spell_check=False,
                class_name=f"{CONTROL} max-sm:col-span-2 sm:w-52!",
            ),
            _select("actor", "Who", ACTORS),
            _select("action", "What", ACTIONS),
            day("since", "From"),
            day("until", "To"),
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
        *[rx.el.option(word, value=value) for value, word in words.items()],
        name=name,
        aria_label=label,
        class_name=f"{CONTROL} sm:w-auto!",
    )


def verdict() -> rx.Component:
    """Whether the record on this page can be trusted."""
    good = rx.el.p(
        icons.icon("shield", "size-4"),
        "Every chain on this page holds: no row was changed, none is missing, and each ends where its booking stands.",
        class_name="flex items-start gap-2 text-sm text-good [&>svg]:mt-0.5 [&>svg]:flex-none",
    )
    bad = notice(
        "These records do not hold: " + TRAIL.broken.to(str) + ". A row was changed or removed by hand.",
        "bad",
    )
    shown = rx.cond(TRAIL.broken == "", good, bad)
    return rx.el.div(
        rx.cond(AuditState.loaded & (TRAIL.total > 0), shown, rx.fragment()), class_name="mt-3 min-h-6"
    )


def table() -> rx.Component:
    heads = rx.el.tr(*[_head(*one) for one in HEADS], role="row")
    rows = rx.el.table(
        rx.el.caption("Audit trail, newest first", class_name="sr-only"),
        rx.el.thead(heads, role="rowgroup", class_name=f"{STACK}:hidden"),
        rx.el.tbody(
            rx.cond(AuditState.loaded, rx.foreach(TRAIL.rows, _row), _waiting()),
            role="rowgroup",
            class_name=f"{STACK}:block",
        ),
        role="table",
        class_name=f"w-full table-fixed border-separate border-spacing-0 text-sm {STACK}:block",
    )
    return rx.el.div(
        rx.cond(AuditState.loaded & (TRAIL.total == 0), _nothing(), rx.fragment(rows, _pages())),
        class_name="@container mt-2",
    )


def _head(word: str, more: str) -> rx.Component:
    return rx.el.th(
        word,
        scope="col",
        role="columnheader",
        class_name=f"sticky top-16 z-10 h-9 border-b border-line bg-surface px-2 text-left font-medium whitespace-nowrap text-muted first:pl-3 last:pr-3 {more}",
    )


def _row(row: rx.Var) -> rx.Component:
    about = rx.cond(
        row.reference != "",
        rx.el.a(
            row.reference,
            href=f"/admin/booking/{row.reference}/",
            class_name=f"{theme.LINK} inline-flex items-center font-mono text-[0.8125rem] font-normal! pointer-coarse:min-h-11",
        ),
        row.subject_label,
    )
    chain = rx.cond(
        row.verified,
        rx.el.span("Holds", class_name="text-good"),
        rx.el.span("Broken", class_name="font-semibold text-bad"),
    )
    what = rx.el.span(
        row.text, title=row.text, class_name=rx.match(row.tone, ("bad", "text-bad"), "text-ink")
    )
    return rx.el.tr(
        _cell(rx.el.span(row.at_label, class_name="tabular-nums text-muted"), f"{STACK}:order-2"),
        _cell(about, f"{STACK}:order-1"),
        _cell(row.actor_label, f"text-muted {STACK}:order-4"),
        _cell(what, f"{STACK}:order-3 {STACK}:col-span-2 {STACK}:break-words"),
        _cell(chain, f"{STACK}:order-5 {STACK}:justify-self-end"),
        role="row",
        key=row.id,
        class_name=f"h-9 hover:bg-raised {STACK}:grid {STACK}:h-auto {STACK}:grid-cols-[minmax(0,1fr)_auto] {STACK}:gap-x-3 {STACK}:gap-y-0.5 {STACK}:border-b {STACK}:border-line {STACK}:px-1 {STACK}:py-2.5",
    )


def _cell(content: rx.Component | rx.Var, more: str = "") -> rx.Component:
    return rx.el.td(content, role="cell", class_name=f"{CELL} {more}")


def _waiting() -> rx.Component:
    bar = rx.el.td(
        rx.el.div(class_name=f"{theme.SKELETON} h-4 w-full"), col_span=len(HEADS), class_name=f"{CELL} py-2"
    )
    return rx.fragment(*[rx.el.tr(bar, class_name="h-9") for _ in range(10)])


def _nothing() -> rx.Component:
    plain = rx.el.p("Nothing was recorded yet.", class_name="font-semibold")
    filtered = rx.fragment(
        rx.el.p("Nothing matches.", class_name="font-semibold"),
        rx.el.a("Clear filters", href="/admin/audit/", class_name=f"{theme.QUIET}{theme.SMALL} mt-2"),
    )
    return rx.el.div(
        rx.cond(AuditState.filtered, filtered, plain),
        class_name="flex flex-col items-center gap-1 border-y border-line px-4 py-16 text-center",
    )


def _pages() -> rx.Component:
    turn = turns("Newer", TRAIL.previous, "Older", TRAIL.next)
    where = rx.el.p(f"{TRAIL.first}–{TRAIL.last} of {TRAIL.total}", class_name="tabular-nums")
    return rx.el.div(
        rx.cond(AuditState.loaded, where, rx.el.p("Loading…")),
        rx.cond((TRAIL.previous != "") | (TRAIL.next != ""), turn, rx.fragment()),
        class_name="flex min-h-14 items-center justify-between gap-4 px-3 text-sm text-muted",
    )
