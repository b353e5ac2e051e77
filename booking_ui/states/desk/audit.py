"""Audit: the address says which rows, the database says whether they hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import reflex as rx
from pydantic import with_config
from reflex.event import EventSpec
from typing_extensions import TypedDict

from booking_ui.domain.errors import BadInput
from booking_ui.domain.period import day_of
from booking_ui.edge.gate import STRICT, Short, allow
from booking_ui.edge.threads import call
from booking_ui.languages import N_, to
from booking_ui.services.desk import audit_log
from booking_ui.services.desk.audit_log import AuditFilter
from booking_ui.services.views.desk import AuditPage, AuditRow
from booking_ui.states.desk.lists import Pager, address, number_in, pager
from booking_ui.states.desk.page import DeskPage

PATH = "/admin/audit/"
ACTORS = {
    "": N_("Everybody"),
    "patient": N_("Patients"),
    "admin": N_("Front desk"),
    "razorpay": "Razorpay",
    "system": N_("The clinic's system"),
    "person": N_("Accounts"),
    "anonymous": N_("Strangers"),
}
ACTIONS = {
    "": N_("Everything"),
    "appointment": N_("Bookings"),
    "payment": N_("Payments"),
    "refund": N_("Refunds"),
    "alarm": N_("Alarms"),
    "replay": N_("Replays"),
    "signed_in": N_("Sign-ins"),
    "signature": N_("Bad signatures"),
}


@dataclass(frozen=True)
class Trail:
    """One page of rows; `broken` names the chains on it that do not hold."""

    rows: list[AuditRow] = field(default_factory=list)
    pager: Pager = field(default_factory=Pager)
    broken: str = ""


@with_config(STRICT)
class TrailForm(TypedDict, total=False):
    """The form above the table."""

    ref: Short
    actor: Short
    action: Short
    since: Short
    until: Short


class AuditState(DeskPage, rx.State):
    """`filtered` is True while the address narrows the trail."""

    trail: Trail = Trail()
    filtered: bool = False
    problem: str = ""

    @rx.event
    @allow("admin")
    async def load(self) -> None:
        wanted = filter_of(self.router.url.query_parameters)
        try:
            page = await call(audit_log.entries, wanted)
        except BadInput as wrong:
            self.problem, page = wrong.sentence, AuditPage()
        else:
            self.problem = ""
        self.filtered = replace(wanted, page=1) != AuditFilter()
        turns = pager(page.paging, lambda number: trail_address(replace(wanted, page=number)))
        self.trail = Trail(page.rows, turns, ", ".join(page.broken))
        self.loaded = True

    @rx.event
    @allow("admin")
    async def narrow(self, form: TrailForm) -> EventSpec:
        """Lead to the address of what the form asks for; loading it shows the rows."""
        return rx.redirect(trail_address(filter_of({name: str(value) for name, value in form.items()})))


def filter_of(query: Mapping[str, str]) -> AuditFilter:
    """The filter that an address asks for; a value that means nothing counts as not given."""
    actor, action = query.get("actor", ""), query.get("action", "")
    return AuditFilter(
        reference=query.get("ref", "").strip().upper()[:12],
        actor=actor if actor in ACTORS else "",
        action=action if action in ACTIONS else "",
        date_from=day_of(query.get("since", "")),
        date_to=day_of(query.get("until", "")),
        page=number_in(query.get("page", "")) or 1,
    )


def trail_address(wanted: AuditFilter) -> str:
    """The shortest address that asks for this filter."""
    given = {
        "ref": wanted.reference, "actor": wanted.actor, "action": wanted.action, "since": wanted.date_from,
        "until": wanted.date_to, "page": wanted.page if wanted.page > 1 else "",
    }  # fmt: skip
    return address(to(PATH), given)
