"""Choosing for whom the visit is, before it is paid."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.ui import theme
from booking_ui.components.ui.fields import field
from booking_ui.services.views import DependentView
from booking_ui.states.patient.checkout import CheckoutState
from booking_ui.states.patient.for_whom import ForWhomState


def for_whom() -> rx.Component:
    """A native select of the patient and her family; each choice is kept at once."""
    choice = rx.el.select(
        rx.el.option(ForWhomState.me, " (me)", value="0"),
        rx.foreach(ForWhomState.people, _option),
        value=CheckoutState.visit.dependent_id.to(str),
        on_change=ForWhomState.choose,
        class_name=theme.INPUT,
    )
    return rx.el.div(
        field("Who is the visit for?", choice),
        rx.el.a(
            rx.cond(ForWhomState.people, "Add or change family members", "Add a family member"),
            href="/family/?paying=" + CheckoutState.visit.reference.to(str),
            class_name=f"{theme.LINK} inline-flex min-h-11 items-center self-start text-sm",
        ),
        class_name="flex flex-col gap-1",
    )


def _option(person: rx.Var[DependentView]) -> rx.Component:
    return rx.el.option(
        person.name, " (", person.relation_label.to(str).lower(), ")", value=person.id.to(str)
    )
