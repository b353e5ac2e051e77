"""Labelled controls and forms. Controls are uncontrolled: a form reads them once, on submit."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.ui import icons, theme
from booking_ui.languages import action


def field(
    label: str, control: rx.Component, *, hint: str | rx.Var = "", problem: rx.Var | None = None
) -> rx.Component:
    """A control under its label, with a hint and, when it is not empty, the sentence `problem` about what to mend."""
    # The label is the name alone. clinic.js gives hint and problem their ids and ties the control to them: a list may draw
    # the same field many times.
    said = (
        rx.el.p(hint, class_name=f"order-2 {theme.MUTED}", custom_attrs={"data-said": ""})
        if isinstance(hint, rx.Var) or hint
        else rx.fragment()
    )
    wrong: rx.Component = rx.fragment()
    if problem is not None:
        control.custom_attrs["aria-invalid"] = rx.cond(problem != "", "true", "false")
        wrong = rx.cond(
            problem != "",
            rx.el.p(
                problem,
                role="alert",
                class_name="order-4 text-sm font-medium text-bad",
                custom_attrs={"data-said": ""},
            ),
        )
    return rx.el.div(
        rx.el.label(
            rx.el.span(label, class_name="order-1 text-sm font-semibold"),
            control,
            class_name="contents [&>:not(span)]:order-3",
        ),
        said,
        wrong,
        class_name="flex min-w-0 flex-col gap-1.5",
        custom_attrs={"data-field": ""},
    )


def text_input(name: str, **props: object) -> rx.Component:
    """Passes on type, default_value, auto_complete, input_mode, placeholder, required, aria_label."""
    return rx.el.input(name=name, class_name=f"{theme.INPUT} {props.pop('class_name', '')}".strip(), **props)


def select(
    name: str, options: list[tuple[str, str]] | rx.Var, everything: str, **props: object
) -> rx.Component:
    """A native select. `options` are (value, text) pairs, or a var of strings; before them stands `everything`, with no value."""
    choices: rx.Component = (
        rx.foreach(options, lambda option: rx.el.option(option, value=option))
        if isinstance(options, rx.Var)
        else rx.fragment(*[rx.el.option(text, value=value) for value, text in options])
    )
    first = rx.el.option(everything, value="")
    return rx.el.select(first, choices, name=name, class_name=theme.INPUT, **props)


def chip_radio(name: str, value: str | rx.Var, text: str | rx.Var) -> rx.Component:
    """One chip of a group: a native radio dressed as a pill."""
    return rx.el.label(rx.el.input(type="radio", name=name, value=value), text, class_name=theme.CHIP)


def notice(text: rx.Var | str, tone: str = "plain", icon: str = "alert", *more: rx.Component) -> rx.Component:
    """A tinted sentence with an icon; screen readers interrupt for a bad one."""
    return rx.el.div(
        icons.icon(icon),
        rx.el.div(rx.el.p(text), *more, class_name="flex min-w-0 flex-col gap-3"),
        class_name=f"{theme.NOTICE} {theme.tone(tone)}",
        role="alert" if tone == "bad" else "status",
    )


def native_form(
    route: str, verb: str | rx.Var, *fields: rx.Component, **attributes: str | rx.Var
) -> rx.Component:
    """A form that the browser POSTs by itself, since only a real answer can set an httpOnly cookie.

    `verb` stands on its button, below the fields; `attributes` are HTML's, such as data-keep for clinic.js.
    """
    return rx.el.form(
        *fields,
        submit(verb),
        action=action(route),
        method="post",
        on_submit=None,
        custom_attrs=attributes,
        class_name="flex flex-col gap-4",
    )


def submit(text: str | rx.Var, **props: object) -> rx.Component:
    """A form's one button."""
    return rx.el.button(text, type="submit", class_name=f"{theme.PRIMARY} w-full", **props)


def hidden(name: str, value: str | rx.Var) -> rx.Component:
    """A value that travels with the form; the server never trusts it."""
    return rx.el.input(type="hidden", name=name, value=value, read_only=True)
