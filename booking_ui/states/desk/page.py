"""The base of every page of the desk."""

from __future__ import annotations

import reflex as rx

from booking_ui.edge.gate import allow


class DeskPage(rx.State, mixin=True):
    """`loaded` is False until the first answer: until then the prerendered page shows a skeleton."""

    loaded: bool = False

    @rx.event
    @allow()
    async def leave(self) -> None:
        """Forget what was shown: the tab may be another person's next."""
        self.reset()  # type: ignore[no-untyped-call]
