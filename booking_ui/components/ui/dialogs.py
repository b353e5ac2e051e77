"""Native dialogs: the browser traps focus, closes on Escape and gives focus back."""

from __future__ import annotations

import reflex as rx
from reflex.event import EventHandler, EventSpec
from reflex.vars.function import FunctionStringVar

from booking_ui.components.ui import icons, theme
from booking_ui.languages import _

CHOICE = "flex gap-3 rounded-control border border-line p-3 hover:border-edge has-checked:border-brand has-checked:bg-brand-soft"
"""The class of a radio button that is shown as a card."""


def opens(dialog_id: str | rx.Var) -> EventSpec:
    """A click handler that shows the dialog; runs in the browser."""
    return rx.run_script(FunctionStringVar.create("window.clinic.open").call(dialog_id))


def closes(dialog_id: str | rx.Var) -> EventSpec:
    """A click handler that closes it."""
    return rx.run_script(FunctionStringVar.create("window.clinic.close").call(dialog_id))


def choice(
    name: str,
    value: str | rx.Var,
    word: str | rx.Var | rx.Component,
    effect: str | rx.Var,
    *,
    required: bool = True,
) -> rx.Component:
    """A radio button of a group: its `word`, and the `effect` that choosing it has."""
    return rx.el.label(
        rx.el.input(
            type="radio", name=name, value=value, required=required, class_name="mt-1 size-4 flex-none"
        ),
        rx.el.span(
            rx.el.span(word, class_name="block font-semibold"),
            rx.el.span(effect, class_name="block text-sm text-muted"),
        ),
        class_name=CHOICE,
    )


ENDS = "flex flex-col gap-2 sm:flex-row sm:justify-end"
"""The class of a dialog's last row."""


def ends(dialog_id: str | rx.Var, leave: str, do: str, look: str = theme.PRIMARY) -> rx.Component:
    """The last row of a form in a dialog: `leave` closes it, `do` submits."""
    return rx.el.div(
        rx.el.button(leave, type="button", on_click=closes(dialog_id), class_name=theme.QUIET),
        rx.el.button(do, type="submit", class_name=look),
        class_name=ENDS,
    )


def asks(
    dialog_id: str | rx.Var, leave: str, do: str, act: EventSpec | EventHandler, look: str = theme.DANGER
) -> rx.Component:
    """The last row of a question: `leave` has the focus, `do` closes the dialog and then acts."""
    return rx.el.div(
        rx.el.button(
            leave, type="button", on_click=closes(dialog_id), auto_focus=True, class_name=theme.QUIET
        ),
        rx.el.button(do, type="button", on_click=[closes(dialog_id), act], class_name=look),
        class_name=ENDS,
    )


def sheet(dialog_id: str | rx.Var, title: str | rx.Var, *children: rx.Component) -> rx.Component:
    """A dialog with a title and a close button; on a phone it rises from the bottom."""
    return rx.el.dialog(
        rx.el.div(
            rx.el.h2(title, class_name=theme.HEADING),
            rx.el.button(
                icons.icon("close"),
                rx.el.span(_("Close"), class_name="sr-only"),
                type="button",
                on_click=closes(dialog_id),
                class_name="grid size-11 flex-none place-items-center rounded-control hover:bg-sunken",
            ),
            class_name="flex items-center justify-between gap-4 py-2 pr-2 pl-4 sm:pl-6",
        ),
        rx.el.div(*children, class_name="flex flex-col gap-4 px-4 pb-6 sm:px-6"),
        id=dialog_id,
        aria_label=title,
        class_name="sheet",
    )
