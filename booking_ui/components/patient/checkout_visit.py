"""Two fields of checkout about the visit itself: for whom it is, and its reason. Each is kept as soon as it changes."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.ui import theme
from booking_ui.components.ui.as_written import untranslated
from booking_ui.components.ui.fields import field
from booking_ui.languages import _, to
from booking_ui.services.views import DependentView
from booking_ui.states.patient.checkout import CheckoutState
from booking_ui.states.patient.checkout_visit import ForWhomState, ReasonState


def for_whom() -> rx.Component:
    """A native select of the patient and their family."""
    choice = rx.el.select(
        rx.el.option(_("{name} (me)", name=ForWhomState.me), value="0"),
        rx.foreach(ForWhomState.people, _person),
        value=CheckoutState.visit.dependent_id.to(str),
        on_change=ForWhomState.choose,
        class_name=theme.INPUT,
    )
    return rx.el.div(
        field(_("Who is the visit for?"), choice),
        rx.el.a(
            rx.cond(ForWhomState.people, _("Add or change family members"), _("Add a family member")),
            href=to("/family/?paying=") + CheckoutState.visit.reference.to(str),
            class_name=f"{theme.LINK} inline-flex min-h-11 items-center self-start text-sm",
        ),
        class_name="flex flex-col gap-1",
    )


def _person(person: rx.Var[DependentView]) -> rx.Component:
    return rx.el.option(
        person.name,
        " (",
        person.relation_label.to(str).lower(),
        ")",
        value=person.id.to(str),
        key=person.id,
        custom_attrs=untranslated(),
    )


def visit_reason() -> rx.Component:
    """A text that is kept when its field loses the focus; a line below says that it was."""
    written = rx.el.textarea(
        name="reason",
        rows="2",
        default_value=CheckoutState.visit.reason,
        on_blur=ReasonState.save,
        placeholder=_("For example: cough for a week"),
        class_name=f"{theme.INPUT} resize-y",
    )
    return rx.el.div(
        field(
            _("Reason for the visit (optional)"),
            written,
            hint=_("The doctor and the front desk see it."),
            problem=ReasonState.problem,
        ),
        rx.el.p(ReasonState.progress, role="status", class_name=f"min-h-6 {theme.MUTED}"),
        key=CheckoutState.visit.reference,
        class_name="flex flex-col gap-1",
    )
