"""Razorpay's stored webhooks: what became of each, and what a replay would do."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace

import reflex as rx

from booking_ui.config.settings import settings
from booking_ui.domain.clock import utc_now
from booking_ui.domain.errors import NotFound
from booking_ui.domain.webhook_outcome import Group
from booking_ui.edge.gate import Id, allow, principal
from booking_ui.edge.threads import call, call_gateway
from booking_ui.languages import to
from booking_ui.services.desk import webhook_log, webhook_words
from booking_ui.services.payments import webhook_inbox
from booking_ui.services.views.desk import EventPage, EventView
from booking_ui.states.desk.lists import Pager, StatusChoice, address, number_in, pager
from booking_ui.states.desk.page import DeskPage

PATH = "/admin/webhooks/"
DOOR = "/api/appointments/razorpay-webhook"
PAGE_SIZE = 25


@dataclass(frozen=True)
class Listing:
    """One page of the table. `parked` counts the events that wait for a person, under any filter."""

    rows: list[EventView] = field(default_factory=list)
    pager: Pager = field(default_factory=Pager)
    stored: int = 0
    parked: int = 0


@dataclass(frozen=True)
class Door:
    """The address to which Razorpay sends its webhooks; the sandbox needs not be told."""

    address: str = ""
    sandbox: bool = False


@dataclass(frozen=True)
class Answer:
    """The sentence about a replay of that event now; empty while it is looked up."""

    event_id: int = 0
    sentence: str = ""


@dataclass(frozen=True)
class Replay:
    """The event in the dialog, what its replay would do, and afterwards what it did."""

    event: EventView = field(default_factory=EventView)
    foreseen: str = ""
    result: str = ""
    failed: bool = False


class WebhooksState(DeskPage, rx.State):
    """`busy_id` is the event that is being worked on."""

    status: str = ""
    choices: list[StatusChoice] = []
    listing: Listing = Listing()
    door: Door = Door()
    answer: Answer = Answer()
    replaying: Replay = Replay()
    busy_id: int = 0

    @rx.event
    @allow("admin")
    async def load(self) -> None:
        """Show the page of the address; nothing that was said before is left."""
        self.reset()  # type: ignore[no-untyped-call]
        self.door = Door(f"{settings().base_url}{DOOR}", settings().sandbox)
        await self._show()

    @rx.event
    @allow("admin")
    async def foresee(self, event_id: Id) -> AsyncIterator[None]:
        """Say beside the row what a replay would do now; changes nothing."""
        self.answer, self.busy_id = Answer(event_id), event_id
        yield
        try:
            self.answer = Answer(event_id, await _foreseen(event_id))
        finally:
            self.busy_id = 0

    @rx.event
    @allow("admin")
    async def open_replay(self, event_id: Id) -> AsyncIterator[None]:
        """Open the dialog of a replay with what it would do. It opens when it is rendered, so an earlier one goes first."""
        self.replaying, self.busy_id = Replay(), event_id
        yield
        try:
            event = next((row for row in self.listing.rows if row.id == event_id), None)
            if event is None:
                raise NotFound
            self.replaying = Replay(event, await _foreseen(event_id))
        finally:
            self.busy_id = 0

    @rx.event
    @allow("admin")
    async def replay(self) -> AsyncIterator[None]:
        """Apply the chosen event again and say what came of it."""
        admin, event_id = principal(), self.replaying.event.id
        self.busy_id = event_id
        yield
        try:
            outcome = await call_gateway(
                "", webhook_inbox.replay, admin=admin, event_row_id=event_id, now=utc_now()
            )
            failed = outcome.code.group not in (Group.APPLIED, Group.IGNORED)
            result = webhook_words.replay_did(outcome)
            self.replaying = replace(self.replaying, result=result, failed=failed)
            await self._show()
        finally:
            self.busy_id = 0

    @rx.event
    @allow("admin")
    async def close_replay(self) -> None:
        self.replaying = Replay()

    async def _show(self) -> None:
        self.status, page = status_and_page(self.router.url.query_parameters)
        found = await call(webhook_log.stored, status=self.status, page=page, page_size=PAGE_SIZE)
        self.listing = listing(self.status, found)
        self.choices = choices(self.status, dict(found.status_counts))
        self.loaded = True


async def _foreseen(event_id: int) -> str:
    return webhook_words.replay_would(await call(webhook_inbox.dry_run, event_row_id=event_id, now=utc_now()))


def status_and_page(query: Mapping[str, str]) -> tuple[str, int]:
    """Status and page of an address; a value that means nothing counts as not given."""
    status = query.get("status", "")
    return (status if status in webhook_log.STATUSES else ""), number_in(query.get("page", "")) or 1


def webhooks_address(status: str, page: int = 1) -> str:
    """The shortest address that asks for this page of this status."""
    return address(to(PATH), {"status": status, "page": page if page > 1 else ""})


def choices(status: str, counts: Mapping[str, int]) -> list[StatusChoice]:
    """All, then every status with its count."""
    every = {"": sum(counts.values()), **counts}
    return [
        StatusChoice(one, every.get(one, 0), webhooks_address(one), one == status)
        for one in webhook_log.STATUSES
    ]


def listing(status: str, page: EventPage) -> Listing:
    """The page as the table shows it."""
    counts = dict(page.status_counts)
    return Listing(
        rows=page.rows,
        pager=pager(page.paging, lambda number: webhooks_address(status, number)),
        stored=sum(counts.values()),
        parked=counts.get("parked", 0),
    )
