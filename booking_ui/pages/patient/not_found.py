"""An address that leads nowhere."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.shared.layout import page
from booking_ui.components.shared.not_found import not_found_section
from booking_ui.languages import _


def not_found() -> rx.Component:
    return page(
        not_found_section(
            _("There's nothing at this address"), _("It may be mistyped, or what was here has moved.")
        )
    )
