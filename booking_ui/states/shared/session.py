"""The person who is signed in, and the message line: every page loads both first."""

from __future__ import annotations

from dataclasses import dataclass

import reflex as rx

from booking_ui.domain.people.person import spaced_phone
from booking_ui.domain.people.short_name import first_name, initials
from booking_ui.edge.gate import Sentence, allow, visitor
from booking_ui.services.views import Principal
from booking_ui.states.shared.own_hold import watch_own_holds


@dataclass(frozen=True)
class Who:
    """The signed-in person as the header shows them; `role` is empty for a stranger."""

    name: str = ""
    first_name: str = ""
    initials: str = ""
    email: str = ""
    phone: str = ""
    role: str = ""


def who_is(person: Principal | None) -> Who:
    """No more of a person than their own browser may know."""
    if person is None:
        return Who()
    return Who(
        person.name,
        first_name(person.name),
        initials(person.name),
        person.email,
        spaced_phone(person.phone),
        person.role,
    )


class NoticeState(rx.State):
    """The message line of every page. A message stays until it is closed, or until the second page after it."""

    text: str = ""
    _fresh: bool = False

    @rx.event
    @allow()
    async def tell(self, text: Sentence) -> None:
        self.text, self._fresh = text, True

    @rx.event
    @allow()
    async def dismiss(self) -> None:
        self.text = ""

    def _turn_the_page(self) -> None:
        """Keep a message from the page before, which may say why the visitor was sent here; drop an older one."""
        self.text = self.text if self._fresh else ""
        self._fresh = False


class SessionState(rx.State):
    """`known` is False until the server has said who this is, since the prerendered page must not guess."""

    known: bool = False
    who: Who = Who()

    @rx.event
    @allow()
    async def load(self) -> None:
        self.who = who_is(visitor())
        self.known = True
        await watch_own_holds(self, visitor())
        notice = await self.get_state(NoticeState)
        notice._turn_the_page()  # noqa: SLF001 - the same module
