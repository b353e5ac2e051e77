"""A browser tab without a browser: events go through the real gate to the real handler and the real database."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar

import reflex as rx
from reflex.event import Event, EventHandler
from reflex.state import StateUpdate
from reflex_base.utils.format import format_event_handler

from booking_ui import booking_ui as app_module
from booking_ui.domain.clock import utc_now
from booking_ui.edge.gate import Gate
from booking_ui.services.accounts import authentication, sessions

T = TypeVar("T")
S = TypeVar("S", bound=rx.State)

assert app_module.app  # importing the app registers the pages, and with them the parts of their addresses


def run(story: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(story)


def signed_in(person_id: int) -> str:
    """The token of a new cookie session."""
    return authentication.open_session(person_id=person_id, now=utc_now())


@dataclass
class Went:
    """What an event led to: refused or not, redirects in order, messages told, handlers called next."""

    refused: bool = False
    redirects: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    then: list[str] = field(default_factory=list)

    def note(self, events: Any) -> None:
        for event in Event.from_event_type(events) if events is not None else []:
            if event.name == "_redirect":
                self.redirects.append(str(event.payload["path"]).strip('"'))
            elif event.name.endswith("notice_state.tell"):
                self.told.append(str(event.payload["text"]).strip('"'))
            else:
                self.then.append(event.name.rpartition(".")[2])


class Tab:
    """One tab at one address, with or without a session cookie."""

    def __init__(self, at: str = "/", *, token: str = "", params: dict[str, str] | None = None) -> None:
        self.root = rx.State(_reflex_internal_init=True)  # type: ignore[call-arg]  # Reflex's own door for tests
        self.gate = Gate()
        self.token = token
        self.go(at, params)

    def go(self, at: str, params: dict[str, str] | None = None) -> None:
        data = {
            "pathname": at.partition("?")[0],
            "asPath": at,
            "query": params or {},
            "token": "tab-1",
            "sid": "socket-1",
            "ip": "127.0.0.1",
            "headers": {
                "cookie": f"sid={sessions.digest(self.token)}"
                if self.token
                else "",  # as edge/perimeter.py leaves it
                "origin": "http://localhost:3000",
            },
        }
        self.root.router_data = self.root._update_router_vars(data, self.root.router_data)

    async def state(self, cls: type[S]) -> S:
        return await self.root.get_state(cls)

    async def passes(self, name: str, payload: dict[str, Any]) -> StateUpdate | None:
        """What the gate says to a raw event; None lets it through."""
        event = Event(name=name, payload=payload)
        answer = await self.gate.preprocess(app_module.app, self.root, event)
        self.payload = event.payload
        return answer

    async def send(self, cls: type[rx.State], handler: EventHandler | Any, **payload: Any) -> Went:
        """An event from the page, as the browser sends it."""
        went = Went()
        refusal = await self.passes(format_event_handler(handler), payload)
        if refusal is not None:
            went.refused = True
            went.note(list(refusal.events) or None)
            return went
        outcome = handler.fn(await self.state(cls), **self.payload)
        if inspect.isasyncgen(outcome):
            async for step in outcome:
                went.note(step)
        else:
            went.note(await outcome)
        return went
