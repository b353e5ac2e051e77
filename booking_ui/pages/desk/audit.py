"""/admin/audit: who changed what, why, and whether the record still holds."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.desk import audit as parts
from booking_ui.components.desk.layout import desk
from booking_ui.components.ui import theme
from booking_ui.pages.desk.script import script
from booking_ui.states.desk.audit import PATH, AuditState


def audit() -> rx.Component:
    # On a node of its own: a component's handlers for leaving run when that node goes.
    gone = rx.el.div(on_unmount=AuditState.leave, hidden=True)
    return rx.fragment(
        desk(
            rx.el.h1("Audit", class_name=theme.HEADING),
            parts.filters(),
            parts.verdict(),
            rx.el.section(parts.table(), aria_label="Audit trail"),
            current=PATH,
        ),
        gone,
        script(),
    )
