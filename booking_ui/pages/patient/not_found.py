"""An address that leads nowhere."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.shared.layout import page
from booking_ui.components.shared.not_found import missing


def not_found() -> rx.Component:
    return page(missing("There's nothing at this address", "It may be mistyped, or what was here has moved."))
