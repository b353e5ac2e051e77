"""My family: the people a patient books for."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.patient.family import family_skeleton, members, new_member
from booking_ui.components.shared.layout import page
from booking_ui.components.ui import theme
from booking_ui.languages import _, to
from booking_ui.states.patient.family import FamilyState


def family() -> rx.Component:
    look = f"{theme.LINK} inline-flex min-h-11 items-center text-sm"
    back = rx.cond(
        FamilyState.paying != "",
        rx.el.a(_("Back to your booking"), href=to(f"/checkout/{FamilyState.paying}/"), class_name=look),
        rx.el.a(_("Account"), href=to("/account/"), class_name=look),
    )
    return page(
        back,
        rx.el.h1(_("My family"), class_name=theme.TITLE),
        rx.el.p(
            _("You can choose these people at checkout. Confirmations still go to you."),
            class_name="mt-1 mb-6 max-w-text text-muted",
        ),
        rx.cond(
            FamilyState.loaded,
            rx.el.div(members(), new_member(), class_name="flex flex-col gap-6"),
            family_skeleton(),
        ),
        width="max-w-2xl!",
    )
