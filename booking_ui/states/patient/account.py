"""The account page. Its forms post natively to /api/session/…, since only an HTTP answer can move the cookie."""

from __future__ import annotations

import reflex as rx
from reflex.event import EventSpec

from booking_ui.domain.clock import utc_now
from booking_ui.domain.errors import RateLimited
from booking_ui.edge.gate import allow, principal, session_digest
from booking_ui.edge.threads import call
from booking_ui.languages import _
from booking_ui.services.accounts import profile, recovery
from booking_ui.services.views import AccountView
from booking_ui.states.shared.session import NoticeState
from booking_ui.states.shared.url_messages import NO_PROBLEMS, done_message, field_problems, problem_message

CODES_FOR = ("phone", "email", "erase")


class AccountState(rx.State):
    """The part of an account that only its own page shows; name and role are in SessionState."""

    loaded: bool = False
    account: AccountView = AccountView()
    problem: str = ""
    problems: dict[str, str] = NO_PROBLEMS
    done: str = ""
    asked: str = ""  # the code that was sent is to prove this: phone, email or erase
    way: str = ""  # the refused form asked for such a code; empty: it was another form

    @rx.event
    @allow("patient", "admin", "doctor")
    async def load(self) -> None:
        asked = self.router.url.query_parameters
        self.problem = problem_message(asked.get("problem", ""))
        self.problems = field_problems(asked.get("fields", ""))
        self.done = done_message(asked.get("done", ""))
        self.asked, self.way = (
            name if (name := asked.get(part, "")) in CODES_FOR else "" for part in ("asked", "way")
        )
        self.account = await call(
            profile.account, person_id=principal().person_id, session=session_digest(self), now=utc_now()
        )
        self.loaded = True

    @rx.event
    @allow("patient", "admin", "doctor")
    async def send_verification(self) -> EventSpec:
        """Mail the confirming link once more."""
        try:
            sent = await call(
                recovery.request_verification_link, person_id=principal().person_id, now=utc_now()
            )
        except RateLimited:
            return NoticeState.tell(_("We've just sent you several. Look in your spam folder, too."))
        return NoticeState.tell(
            _("An email is on its way.") if sent else _("Your email is confirmed already.")
        )
