"""The parts that the desk's tables share: heads, cells, rows that are awaited, and the line beneath."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import reflex as rx

from booking_ui.components.ui import theme
from booking_ui.languages import _, to
from booking_ui.states.desk.lists import Pager

HEAD = "h-9 border-b border-line px-2 text-left font-medium whitespace-nowrap text-muted first:pl-3 last:pr-3"
INSTANT = "w-46"  # of a column of instants: "Wed 30 Sep, 10:44 am" is cut off below 184 px
STICKY = "sticky top-16 z-10 bg-surface"  # beneath the page's own head


@dataclass(frozen=True)
class Sheet:
    """The look of one table. Its own width decides: below `stack`, a Tailwind variant, a row stacks its cells."""

    stack: str
    look: str = "truncate"  # of every cell
    shape: str = "table-fixed"

    @property
    def cell_look(self) -> str:
        return f"{self.look} border-b border-line px-2 first:pl-3 last:pr-3 {self.stack}:border-0 {self.stack}:p-0!"

    def table(self, caption: str, heads: Sequence[rx.Component], rows: rx.Component) -> rx.Component:
        return rx.el.table(
            rx.el.caption(caption, class_name="sr-only"),
            rx.el.thead(rx.el.tr(*heads, role="row"), role="rowgroup", class_name=f"{self.stack}:hidden"),
            rx.el.tbody(rows, role="rowgroup", class_name=f"{self.stack}:block"),
            role="table",
            class_name=f"w-full {self.shape} border-separate border-spacing-0 text-sm {self.stack}:block",
        )

    def cell(self, content: rx.Component | rx.Var, more: str = "") -> rx.Component:
        return rx.el.td(content, role="cell", class_name=f"{self.cell_look} {more}")

    def number(self, number: rx.Var | str, words: rx.Var | str) -> rx.Component:
        """A number beneath its column's head; where rows stack, `words` say it with what it counts."""
        return rx.fragment(
            rx.el.span(number, class_name=f"{self.stack}:hidden"),
            rx.el.span(words, class_name=f"hidden {self.stack}:inline"),
        )

    def waiting(self, columns: int, rows: int = 10) -> rx.Component:
        """A skeleton of rows."""
        bar = rx.el.td(
            rx.el.div(class_name=f"{theme.SKELETON} h-4 w-full"),
            col_span=columns,
            class_name=f"{self.cell_look} py-2",
        )
        return rx.fragment(*[rx.el.tr(bar, class_name="h-9") for _row in range(rows)])


def head(content: rx.Component | str, more: str = "", look: str = STICKY, **props: object) -> rx.Component:
    """The head of a column."""
    return rx.el.th(content, scope="col", role="columnheader", class_name=f"{look} {HEAD} {more}", **props)


def unseen(word: str) -> rx.Component:
    """A column's name for screen readers alone."""
    return rx.el.span(word, class_name="sr-only")


def nothing(*words: rx.Component, room: str = "py-16") -> rx.Component:
    """Stands in the place of a table without rows."""
    return rx.el.div(
        *words,
        class_name=f"flex flex-col items-center gap-1 border-y border-line px-4 {room} text-center",
    )


def booking_link(reference: rx.Var) -> rx.Component:
    """A booking's reference that leads to its page."""
    return rx.el.a(
        reference,
        href=to(f"/admin/booking/{reference}/"),
        class_name=f"{theme.LINK} inline-flex items-center font-mono text-[0.8125rem] font-normal! pointer-coarse:min-h-11",
    )


def foot(pager: rx.Var[Pager], loaded: rx.Var, back: str, on: str, *between: rx.Component) -> rx.Component:
    """The line beneath a table: the numbers of its rows, and links `back` and `on` when there are several pages."""
    where = rx.el.p(
        _("{first}–{last} of {total}", first=pager.first, last=pager.last, total=pager.total),
        class_name="tabular-nums",
    )
    turns = rx.el.nav(
        _turn(back, pager.previous), _turn(on, pager.next), aria_label=_("Pages"), class_name="flex gap-2"
    )
    return rx.el.div(
        rx.cond(loaded, where, rx.el.p(_("Loading…"))),
        *between,
        rx.cond(pager.pages > 1, turns, rx.fragment()),
        class_name="flex min-h-14 flex-wrap items-center justify-between gap-x-4 px-3 text-sm text-muted",
    )


def _turn(word: str, href: rx.Var) -> rx.Component:
    look = f"{theme.QUIET}{theme.SMALL}"
    return rx.cond(
        href != "",
        rx.el.a(word, href=href, class_name=look),
        rx.el.span(word, class_name=look, aria_disabled="true"),
    )
