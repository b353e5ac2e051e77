"""The emails that were written to files: the list, and one of them beside it."""

from __future__ import annotations

from urllib.parse import quote

import reflex as rx

from booking_ui.domain.errors import NotFound
from booking_ui.edge.gate import Short, allow
from booking_ui.edge.threads import call
from booking_ui.services.mail import mailbox
from booking_ui.services.views.desk import MailPage, MailView
from booking_ui.states.desk.page import DeskPage


class MailState(DeskPage, rx.State):
    """`opened.row.name` is empty while no mail is open."""

    page: MailPage = MailPage()
    opened: MailView = MailView()
    calendar: str = ""
    missing: bool = False

    @rx.event
    @allow("admin")
    async def load(self) -> None:
        """Show the list, and the mail that the address names."""
        self.reset()  # type: ignore[no-untyped-call]
        self.page = await call(mailbox.list_mails)
        if name := self.router.url.query_parameters.get("open", "")[:80]:
            await self._open(name)
        self.loaded = True

    @rx.event
    @allow("admin")
    async def open(self, name: Short) -> None:
        """Show one mail beside the list."""
        await self._open(name)

    @rx.event
    @allow("admin")
    async def close(self) -> None:
        self.opened, self.calendar, self.missing = MailView(), "", False

    async def _open(self, name: str) -> None:
        self.opened, self.calendar, self.missing = MailView(), "", False
        try:
            self.opened = await call(mailbox.open_mail, name=name)
        except NotFound:
            self.missing = True
            return
        if self.opened.calendar:
            self.calendar = f"data:text/calendar;charset=utf-8,{quote(self.opened.calendar)}"
