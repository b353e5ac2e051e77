"""The audit trail: the address says which rows, the database says whether they hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from urllib.parse import urlencode

import reflex as rx
from pydantic import with_config
from reflex.event import EventSpec
from typing_extensions import TypedDict

from booking_ui.domain.errors import BadInput
from booking_ui.edge.gate import STRICT, Short, allow
from booking_ui.edge.threads import call
from booking_ui.services.desk import audit_log
from booking_ui.services.views import AuditPage, AuditRow
from booking_ui.states.desk import filters

PATH = "/admin/audit/"
PAGE_SIZE = 50
ACTORS = {
    "": "Everybody",
    "patient": "Patients",
    "admin": "Front desk",
    "razorpay": "Razorpay",
    "system": "The clinic's system",
    "person": "Accounts",
    "anonymous": "Strangers",
}
ACTIONS = {
    "": "Everything",
    "appointment": "Bookings",
    "payment": "Payments",
    "refund": "Refunds",
    "alarm": "Alarms",
    "replay": "Replays",
    "signed_in": "Sign-ins",
    "signature": "Bad signatures",
}


@dataclass(frozen=True)
class Asked:
    """Texts, as controls show them; `ref` is a booking's reference."""

    ref: str = ""
    actor: str = ""
    action: str = ""
    since: str = ""
    until: str = ""
    page: int = 1

    @property
    def first(self) -> date | None:
        return date.fromisoformat(self.since) if self.since else None

    @property
    def last(self) -> date | None:
        return date.fromisoformat(self.until) if self.until else None


NONE = Asked()


@dataclass(frozen=True)
class Trail:
    """One page of rows; `broken` names the chains on it that do not hold."""

    rows: list[AuditRow] = field(default_factory=list)
    total: int = 0
    first: int = 0
    last: int = 0
    previous: str = ""
    next: str = ""
    broken: str = ""


@with_config(STRICT)
class TrailForm(TypedDict, total=False):
    """The form above the table."""

    ref: Short
    actor: Short
    action: Short
    since: Short
    until: Short


class AuditState(rx.State):
    """`loaded` is False until the first answer."""

    loaded: bool = False
    asked: Asked = NONE
    trail: Trail = Trail()
    filtered: bool = False
    problem: str = ""

    @rx.event
    @allow("admin")
    async def load(self) -> None:
        await self._show()

    @rx.event
    @allow("admin")
    async def narrow(self, form: TrailForm) -> EventSpec:
        """The answer is another address; loading it shows the rows."""
        return rx.redirect(address(read({name: str(value) for name, value in form.items()})))

    @rx.event
    @allow()
    async def leave(self) -> None:
        """Forget what was shown: the tab may be somebody else's next."""
        self.reset()  # type: ignore[no-untyped-call]

    async def _show(self) -> None:
        asked = read(self.router.url.query_parameters)
        try:
            page = await call(
                audit_log.entries,
                reference=asked.ref,
                actor=asked.actor,
                action=asked.action,
                date_from=asked.first,
                date_to=asked.last,
                page=asked.page,
                page_size=PAGE_SIZE,
            )
        except BadInput as wrong:
            self.problem, page = wrong.sentence, AuditPage([], 0, 1, 1, [])
        else:
            self.problem = ""
        self.asked = replace(asked, page=page.page)
        self.filtered = replace(asked, page=1) != NONE
        self.trail = _trail(self.asked, page)
        self.loaded = True


def read(query: Mapping[str, str]) -> Asked:
    """What an address asks for; a value that means nothing counts as not given."""
    days = filters.read({name: query.get(name, "") for name in ("since", "until", "page")})
    actor, action = query.get("actor", ""), query.get("action", "")
    return Asked(
        ref=query.get("ref", "").strip().upper()[:12],
        actor=actor if actor in ACTORS else "",
        action=action if action in ACTIONS else "",
        since=days.date_from,
        until=days.date_to,
        page=days.page,
    )


def address(asked: Asked) -> str:
    """Where a view lives; only what differs from the plain page is written."""
    names = ("ref", "actor", "action", "since", "until", "page")
    given = {name: getattr(asked, name) for name in names if getattr(asked, name) != getattr(NONE, name)}
    return f"{PATH}?{urlencode(given)}" if given else PATH


def _trail(asked: Asked, page: AuditPage) -> Trail:
    before = (page.page - 1) * PAGE_SIZE
    turned = {
        step: address(replace(asked, page=page.page + step))
        for step in (-1, 1)
        if 1 <= page.page + step <= page.pages
    }
    return Trail(
        rows=page.rows,
        total=page.total,
        first=before + 1 if page.rows else 0,
        last=before + len(page.rows),
        previous=turned.get(-1, ""),
        next=turned.get(1, ""),
        broken=", ".join(page.broken),
    )
