"""The pages of signing in, registering and mailed links. Their forms post natively to /api/session/…"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

import reflex as rx

from booking_ui.config.settings import settings
from booking_ui.domain.clock import utc_now
from booking_ui.domain.errors import NotFound
from booking_ui.edge.gate import allow
from booking_ui.edge.threads import call
from booking_ui.languages import N_, _
from booking_ui.services.schedule import doctor_search
from booking_ui.services.views import SlotView
from booking_ui.states.patient.booking import slot_in_address
from booking_ui.states.shared.url_messages import NO_PROBLEMS, done_message, field_problems, problem_message

DEMO_PASSWORD = "demo-clinic"  # noqa: S105 - public on purpose; live mode refuses to start with it


@dataclass(frozen=True)
class DemoLogin:
    """A login of the demo clinic, offered only where the demo was loaded."""

    email: str
    role: str
    password: str = DEMO_PASSWORD


DEMO_LOGINS = [
    DemoLogin("asha@example.com", N_("Patient")),
    DemoLogin("bilal@example.com", N_("Another patient")),
    DemoLogin("devi@example.com", N_("Front desk")),
    DemoLogin("chandra@example.com", N_("Doctor")),
]


class SignInState(rx.State):
    """The query of these pages' addresses. `next` and the slot go on as hidden fields, which the server checks."""

    ready: bool = False
    problem: str = ""
    problems: dict[str, str] = NO_PROBLEMS
    done: str = ""
    sent: bool = False  # a message is on its way, if there is an account with the address
    new: bool = False  # the code was right, and the number is new: the name is missing
    by_phone: bool = True  # texts leave this clinic
    code_in_file: bool = False  # a demo: no text leaves the clinic
    by_mail: bool = False  # the form for email and password is to be open
    next: str = ""
    slot: SlotView = SlotView()
    doctor_name: str = ""
    kept_query: str = ""  # carries slot and way back to the other forms
    demo: list[DemoLogin] = []

    @rx.event
    @allow()
    async def load(self) -> None:
        url = self.router.url
        asked = url.query_parameters
        self.problem = problem_message(asked.get("problem", ""))
        self.problems = field_problems(asked.get("fields", ""))
        self.done = done_message(asked.get("done", ""))
        self.sent, self.new = asked.get("sent", "") == "1", asked.get("new", "") == "1"
        self.by_phone, self.code_in_file = settings().phone_sign_in, settings().texts_in_files
        self.by_mail = _by_mail(asked)
        self.next = asked.get("next", "")[:400]
        self.demo = [replace(one, role=_(one.role)) for one in DEMO_LOGINS] if settings().demo_mode else []
        await self._keep_slot(asked.get("slot_id", ""))
        self.kept_query = _query(self.next, self.slot.id)
        self.ready = True

    async def _keep_slot(self, slot_id: str) -> None:
        self.slot, self.doctor_name = SlotView(), ""
        slot = await slot_in_address(slot_id)
        if slot is None:
            return
        try:
            doctor = await call(doctor_search.bookable_doctor, doctor_id=slot.doctor_id, now=utc_now())
        except NotFound:
            return
        self.slot, self.doctor_name = slot, doctor.name


def _by_mail(asked: Mapping[str, str]) -> bool:
    """True when the address answers the form for email and password, or a password was chosen just now."""
    refused = asked.get("problem", "") not in ("", "forbidden") and asked.get("by", "") != "phone"
    return refused or asked.get("done", "") == "password"


def _query(way_back: str, slot_id: int) -> str:
    given = {"next": way_back, "slot_id": str(slot_id) if slot_id else ""}
    kept = {name: value for name, value in given.items() if value}
    return f"?{urlencode(kept)}" if kept else ""
