"""The desk's look at mails that were written to files: the list, and one of them."""

from __future__ import annotations

from urllib.parse import quote

import reflex as rx

from booking_ui.domain.errors import NotFound
from booking_ui.edge.gate import Short, allow
from booking_ui.edge.threads import call
from booking_ui.services.mail import mailbox
from booking_ui.services.views import MailPage, MailRow, MailView

NO_MAIL = MailView(row=MailRow("", "", "", ""), text="", calendar="", calendar_name="")


class MailState(rx.State):
    """`loaded` is False until the first answer; `opened.row.name` is empty while no mail is open."""

    loaded: bool = False
    page: MailPage = MailPage(rows=[], total=0, server=False)
    opened: MailView = NO_MAIL
    calendar: str = ""
    missing: bool = False

    @rx.event
    @allow("admin")
    async def load(self) -> None:
        """Show the list, and the mail that the address names."""
        self.reset()  # type: ignore[no-untyped-call]
        self.page = await call(mailbox.listed)
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
        self.opened, self.calendar, self.missing = NO_MAIL, "", False

    @rx.event
    @allow()
    async def leave(self) -> None:
        """Forget what was shown: the tab may be somebody else's next."""
        self.reset()  # type: ignore[no-untyped-call]

    async def _open(self, name: str) -> None:
        self.opened, self.calendar, self.missing = NO_MAIL, "", False
        try:
            self.opened = await call(mailbox.opened, name=name)
        except NotFound:
            self.missing = True
            return
        if self.opened.calendar:
            self.calendar = f"data:text/calendar;charset=utf-8,{quote(self.opened.calendar)}"
