"""The number of open cases, which every page of the desk shows."""

from __future__ import annotations

import reflex as rx

from booking_ui.edge.gate import allow
from booking_ui.edge.threads import call
from booking_ui.services.cases import reconciliation_cases
from booking_ui.states.desk.page import DeskPage


class OpenCasesState(DeskPage, rx.State):
    count: int = 0

    @rx.event
    @allow("admin")
    async def load(self) -> None:
        self.count = await call(reconciliation_cases.count_open)
        self.loaded = True
