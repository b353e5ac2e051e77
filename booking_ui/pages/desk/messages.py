"""/admin/messages: every mail, what became of it, and a way to send it again."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.desk import messages as parts
from booking_ui.components.desk.controls import heading
from booking_ui.languages import _
from booking_ui.pages.desk.page import desk_page
from booking_ui.states.desk.messages import PATH, MessagesState


def messages() -> rx.Component:
    return desk_page(
        heading(_("Messages"), MessagesState.load),
        parts.meaning(),
        parts.search(),
        parts.by_status(),
        parts.outcome(),
        rx.el.section(parts.messages_table(), aria_label=_("Mails"), class_name="mt-3"),
        current=PATH,
        leave=MessagesState.leave,
        keys=True,
    )
