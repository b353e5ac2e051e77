"""The ledger of messages: the address says which, and each can be sent again."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated

import reflex as rx
from pydantic import Field, with_config
from reflex.event import EventSpec
from typing_extensions import TypedDict

from booking_ui.domain.clock import utc_now
from booking_ui.domain.errors import BookingError
from booking_ui.edge.gate import STRICT, Id, Short, allow, principal
from booking_ui.edge.threads import call
from booking_ui.languages import _, to
from booking_ui.services.desk import messages
from booking_ui.services.desk.messages import MessageFilter
from booking_ui.services.views.desk import MessagePage, MessageRow
from booking_ui.states.desk.lists import Pager, StatusChoice, address, number_in, pager
from booking_ui.states.desk.page import DeskPage

PATH = "/admin/messages/"
Times = Annotated[int, Field(ge=0, lt=2**31)]


@dataclass(frozen=True)
class Listing:
    """One page of the table. `parked` counts the messages that were given up, under the search."""

    rows: list[MessageRow] = field(default_factory=list)
    pager: Pager = field(default_factory=Pager)
    parked: int = 0


@with_config(STRICT)
class SearchForm(TypedDict, total=False):
    """The form above the table."""

    q: Short
    status: Short


class MessagesState(DeskPage, rx.State):
    """`busy_id` is the message that is being sent again; `said` is about the last one."""

    status: str = ""
    q: str = ""
    choices: list[StatusChoice] = []
    listing: Listing = Listing()
    busy_id: int = 0
    said: str = ""
    trouble: str = ""

    @rx.event
    @allow("admin")
    async def load(self) -> None:
        """Show the page of the address; nothing that was said before is left."""
        self.reset()  # type: ignore[no-untyped-call]
        await self._show()

    @rx.event
    @allow("admin")
    async def narrow(self, form: SearchForm) -> EventSpec:
        """Lead to the address of the search; loading it shows the rows."""
        wanted = filter_of({name: str(value) for name, value in form.items()})
        return rx.redirect(messages_address(wanted))

    @rx.event
    @allow("admin")
    async def send_again(self, message_id: Id, seen: Times) -> AsyncIterator[None]:
        """Make a message due now. `seen` is how often the row said that it was sent again: a click counts once."""
        self.busy_id, self.said, self.trouble = message_id, "", ""
        yield
        try:
            row = await call(
                messages.send_again, admin=principal(), message_id=message_id, now=utc_now(), seen=seen
            )
            self.said = _(
                "{message}, to {recipient}: it leaves within seconds, if it is still true then.",
                message=row.label,
                recipient=row.recipient,
            )
        except BookingError as refusal:
            self.trouble = refusal.sentence
        finally:
            self.busy_id = 0
        await self._show()

    async def _show(self) -> None:
        wanted = filter_of(self.router.url.query_parameters)
        found = await call(messages.listed, wanted)
        self.status, self.q = wanted.status, wanted.q
        self.listing, self.choices = listing(wanted, found), choices(wanted, dict(found.status_counts))
        self.loaded = True


def filter_of(query: Mapping[str, str]) -> MessageFilter:
    """The filter that an address asks for; a value that means nothing counts as not given."""
    status = query.get("status", "")
    return MessageFilter(
        status=status if status in messages.STATUSES else "",
        q=query.get("q", ""),
        page=number_in(query.get("page", "")) or 1,
    )


def messages_address(wanted: MessageFilter) -> str:
    """The shortest address that asks for this filter."""
    page = wanted.page if wanted.page > 1 else ""
    return address(to(PATH), {"status": wanted.status, "q": wanted.q, "page": page})


def choices(wanted: MessageFilter, counts: Mapping[str, int]) -> list[StatusChoice]:
    """All, then every status with its count under the search."""
    every = {"": sum(counts.values()), **counts}
    return [
        StatusChoice(
            one,
            every.get(one, 0),
            messages_address(replace(wanted, status=one, page=1)),
            one == wanted.status,
        )
        for one in messages.STATUSES
    ]


def listing(wanted: MessageFilter, page: MessagePage) -> Listing:
    """The page as the table shows it."""
    turns = pager(page.paging, lambda number: messages_address(replace(wanted, page=number)))
    return Listing(page.rows, turns, dict(page.status_counts).get("parked", 0))
