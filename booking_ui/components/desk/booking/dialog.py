"""The parts that the dialogs of a booking share."""

from __future__ import annotations

import reflex as rx
from reflex.event import EventHandler

from booking_ui.components.ui import dialogs, theme
from booking_ui.components.ui.fields import notice

QUIET = f"{theme.QUIET}{theme.SMALL}"


def opener(words: str, dialog_id: str | rx.Var, *, name: str = "", look: str = QUIET) -> rx.Component:
    """The button that opens a dialog; `name` is for screen readers, where `words` alone leave open what is meant."""
    return rx.el.button(
        words,
        type="button",
        on_click=dialogs.opens(dialog_id),
        class_name=f"{look} self-start",
        **({"aria_label": name} if name else {}),
    )


def dialog(
    dialog_id: str | rx.Var, title: str, about: str | rx.Var, form: rx.Component, version: str | rx.Var
) -> rx.Component:
    """A dialog with a form. Another `version` renders it anew, empty and closed."""
    return rx.el.div(
        dialogs.sheet(dialog_id, title, rx.el.p(about, class_name=theme.MUTED), form),
        key=version,
    )


def form(submit: EventHandler, problem: rx.Var, *fields: rx.Component) -> rx.Component:
    """The fields under the sentence that says why the last try was refused."""
    return rx.el.form(
        rx.cond(problem != "", notice(problem, "bad"), rx.fragment()),
        *fields,
        on_submit=submit,
        class_name="flex flex-col gap-4",
    )


def question(words: str, *choices: rx.Component) -> rx.Component:
    """Choices under what they decide."""
    return rx.el.fieldset(
        rx.el.legend(words, class_name="mb-1.5 text-sm font-semibold"),
        *choices,
        class_name="flex flex-col gap-2",
    )
