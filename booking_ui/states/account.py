"""The account page: it only needs somebody to be signed in."""

from __future__ import annotations

import reflex as rx

from booking_ui.gate import allow


class AccountState(rx.State):
    """Has no vars of its own: SessionState knows who this is."""

    @rx.event
    @allow("patient", "admin", "doctor")
    async def load(self) -> None:
        """The gate has sent strangers to sign in."""
