"""The replay of a webhook: one dialog that says what it would do, and then what it did."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.ui import dialogs, theme
from booking_ui.components.ui.fields import notice
from booking_ui.languages import _
from booking_ui.states.desk.webhooks import WebhooksState

REPLAY_DIALOG = "replay-webhook"
REPLAYING = WebhooksState.replaying


def replay_dialog() -> rx.Component:
    """Rendered once an event is selected; opens on mount."""
    event = REPLAYING.event
    dialog = dialogs.sheet(
        REPLAY_DIALOG,
        _("Replay this webhook?"),
        rx.el.p(
            rx.el.span(event.event, class_name="font-mono text-sm font-semibold break-all"),
            rx.el.span(" · ", event.received_label, class_name="text-muted tabular-nums"),
        ),
        rx.cond(REPLAYING.result != "", _result(), _before()),
        _buttons(),
    )
    opener = rx.el.span(on_mount=dialogs.opens(REPLAY_DIALOG), hidden=True)
    return rx.cond(event.id != 0, rx.el.div(dialog, opener), rx.fragment())


def _before() -> rx.Component:
    return rx.fragment(
        rx.el.p(REPLAYING.foreseen, class_name="font-medium"),
        rx.el.p(
            _(
                "The stored message is applied once more, as if it came now. For one that was applied this is harmless. "
                "Your name and the time are kept."
            ),
            class_name=theme.MUTED,
        ),
    )


def _result() -> rx.Component:
    return rx.cond(
        REPLAYING.failed, notice(REPLAYING.result, "bad"), notice(REPLAYING.result, "good", "check")
    )


def _buttons() -> rx.Component:
    done, busy = REPLAYING.result != "", WebhooksState.busy_id != 0
    leave = rx.el.button(
        rx.cond(done, _("Close"), _("Leave it")),
        type="button",
        on_click=[dialogs.closes(REPLAY_DIALOG), WebhooksState.close_replay],
        class_name=theme.QUIET,
    )
    replay = rx.el.button(
        rx.cond(busy, _("Replaying…"), _("Replay")),
        type="button",
        on_click=WebhooksState.replay,
        disabled=busy,
        aria_busy=busy,
        class_name=theme.PRIMARY,
    )
    return rx.el.div(
        leave,
        rx.cond(done, rx.fragment(), replay),
        class_name=dialogs.ENDS,
    )
