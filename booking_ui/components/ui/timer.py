"""A countdown that the browser runs; the server only says how long is left."""

from __future__ import annotations

import reflex as rx
from reflex_components_core.el.elements.base import BaseHTML

from booking_ui.components.ui.as_written import untranslated
from booking_ui.languages import _


class _Timer(BaseHTML):
    """The element that assets/clinic.js defines."""

    tag = "hold-timer"


def timer(
    *children: rx.Component, left: rx.Var[int], whole: rx.Var[int] | int, of: rx.Var[str]
) -> rx.Component:
    """Runs the `clock()` among its children. `left` and `whole` are seconds; `of` names what ends, and when."""
    return _Timer.create(
        *children,
        # Children, not attributes: Reflex names a component after its tag, and this tag has a dash.
        rx.el.span(left, class_name="hold-left", hidden=True, custom_attrs=untranslated() | {"data-of": of}),
        rx.el.span(whole, class_name="hold-total", hidden=True, custom_attrs=untranslated()),
    )


def clock() -> rx.Component:
    """The minutes and seconds left."""
    return rx.el.span(
        "–:––",
        class_name="hold-clock font-semibold",
        aria_label=_("Time left"),
        role="timer",
        custom_attrs=untranslated(),
    )
