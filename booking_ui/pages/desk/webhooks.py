"""/admin/webhooks: every message from Razorpay, what became of it, and a way to replay it."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.desk import webhooks as parts
from booking_ui.components.desk.controls import heading
from booking_ui.components.desk.replay import replay_dialog
from booking_ui.languages import _
from booking_ui.pages.desk.page import desk_page
from booking_ui.states.desk.webhooks import PATH, WebhooksState


def webhooks() -> rx.Component:
    return desk_page(
        heading(_("Webhooks"), WebhooksState.load),
        parts.meaning(),
        parts.parked(),
        parts.by_status(),
        rx.el.section(parts.webhooks_table(), aria_label=_("Stored webhooks"), class_name="mt-3"),
        replay_dialog(),
        current=PATH,
        leave=WebhooksState.leave,
        keys=True,
    )
