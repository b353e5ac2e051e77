"""The hold as a thin bar with a countdown. The browser counts; the server only says how long is left."""

from __future__ import annotations

import reflex as rx
from reflex.event import EventType
from reflex_components_core.el.elements.base import BaseHTML

from booking_ui.components.ui import theme
from booking_ui.services.views import AppointmentView
from booking_ui.states.patient.checkout import CheckoutState


class _Timer(BaseHTML):
    """The element that assets/clinic.js defines."""

    tag = "hold-timer"


def hold_timer() -> rx.Component:
    visit = CheckoutState.visit
    said = rx.el.span(visit.time_label, " is held for you")
    return rx.fragment(countdown(said, visit, CheckoutState.hold_seconds), time_up(CheckoutState.time_up))


def countdown(said: rx.Component, visit: rx.Var[AppointmentView], whole_hold: rx.Var[int]) -> rx.Component:
    """What is held, with the time left and how much of the whole hold (seconds) that is."""
    return _Timer.create(
        rx.el.div(
            said,
            rx.el.span("–:––", class_name="hold-clock font-semibold", aria_label="Time left", role="timer"),
            class_name="flex items-baseline justify-between gap-4 text-sm",
        ),
        rx.el.div(rx.el.div(class_name="hold-fill"), class_name="hold-track mt-2", aria_hidden="true"),
        # A child, not an attribute: Reflex names a component after its tag, and this tag has a dash.
        rx.el.span(visit.hold_seconds_left, class_name="hold-left", hidden=True),
        rx.el.span(whole_hold, class_name="hold-total", hidden=True),
    )


def time_up(ask: EventType[()]) -> rx.Component:
    """Once a page: a countdown at zero presses this hidden button, as whether a hold is over is the server's to say."""
    return rx.el.button(type="button", id="time-up", on_click=ask, hidden=True, class_name=theme.PLAIN)
