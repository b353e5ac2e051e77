"""/admin/webhooks: what Razorpay told us, what became of it, and a second chance for each."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.desk import webhooks as parts
from booking_ui.components.desk.controls import heading
from booking_ui.components.desk.layout import desk
from booking_ui.components.desk.replay import replay_dialog
from booking_ui.pages.desk.script import script
from booking_ui.states.desk.webhooks import WebhooksState


def webhooks() -> rx.Component:
    # On a node of its own: a component's handlers for leaving run when that node goes.
    gone = rx.el.div(on_unmount=WebhooksState.leave, hidden=True)
    return rx.fragment(
        desk(
            heading("Webhooks", WebhooksState.load),
            parts.parked(),
            parts.by_status(),
            rx.el.section(parts.table(), aria_label="Stored webhooks", class_name="mt-3"),
            replay_dialog(),
            current="/admin/webhooks/",
        ),
        gone,
        script(),
    )
