"""/admin/audit: every change with its actor and reason, and whether the record still holds."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.desk import audit as parts
from booking_ui.components.ui import theme
from booking_ui.languages import _
from booking_ui.pages.desk.page import desk_page
from booking_ui.states.desk.audit import PATH, AuditState


def audit() -> rx.Component:
    return desk_page(
        rx.el.h1(_("Audit"), class_name=theme.HEADING),
        parts.filters(),
        parts.verdict(),
        rx.el.section(parts.audit_table(), aria_label=_("Audit")),
        current=PATH,
        leave=AuditState.leave,
        keys=True,
    )
