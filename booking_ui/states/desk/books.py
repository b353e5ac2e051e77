"""The clinic's promises as last counted, and the differences between Razorpay's books and ours."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import reflex as rx
from pydantic import with_config
from typing_extensions import TypedDict

from booking_ui.domain.clock import utc_now
from booking_ui.domain.errors import BookingError, GatewayError
from booking_ui.edge.gate import STRICT, Id, Sentence, allow, principal, tab_principal
from booking_ui.edge.threads import call, call_job
from booking_ui.languages import N_, _, ngettext
from booking_ui.services.cases import reconciliation_cases
from booking_ui.services.desk import marked_and_paid
from booking_ui.services.payments import reconciliation
from booking_ui.services.upkeep import invariants
from booking_ui.services.views.desk import CaseView, PromiseView
from booking_ui.states.desk.open_cases import OpenCasesState
from booking_ui.states.desk.page import DeskPage

AWAY = N_("Razorpay can't be reached right now, so nothing was compared. Please try again in a moment.")
CLOSED = N_("The case is closed, with your note.")
DECIDED = {
    "same": N_("This is the payment that was marked, and the case is closed."),
    "second": N_("The second payment goes back, and the case is closed."),
    "cancel": N_("The visit is cancelled and the case is closed."),
    "keep": N_("The visit stays confirmed and the case is closed."),
}


@dataclass(frozen=True)
class Promises:
    """The last count of every promise; no rows before the first."""

    rows: list[PromiseView] = field(default_factory=list)
    held: int = 0
    broken: int = 0
    unchecked: int = 0
    at_label: str = ""


@dataclass(frozen=True)
class Refusal:
    """The sentence that says why a case stays open, for its own dialog."""

    case_id: int = 0
    sentence: str = ""


@with_config(STRICT)
class CloseForm(TypedDict):
    case_id: Id
    note: Sentence


@with_config(STRICT)
class DecideForm(TypedDict):
    case_id: Id
    decision: Literal["cancel", "keep", "same", "second"]
    note: Sentence


class BooksState(DeskPage, rx.State):
    """Counting and comparing may take long, so each has its own flag."""

    promises: Promises = Promises()
    counting: bool = False
    cases: list[CaseView] = []
    comparing: bool = False
    closing_id: int = 0
    refusal: Refusal = Refusal()
    said: str = ""
    trouble: str = ""

    @rx.event
    @allow("admin")
    async def load(self) -> None:
        self.reset()  # type: ignore[no-untyped-call]
        await self._show()

    @rx.event(background=True)
    @allow("admin")
    async def count(self) -> None:
        """Count every promise over the whole database now."""
        async with self:
            if self.counting:
                return
            self.counting = True
        try:
            await call(invariants.keep, now=utc_now())
        finally:
            async with self:
                self.counting = False
                await self._show_if_still_an_admins()

    @rx.event(background=True)
    @allow("admin")
    async def compare(self) -> None:
        """Compare with Razorpay's books now; when Razorpay can't be reached, a sentence says so."""
        async with self:
            if self.comparing:
                return
            self.comparing, self.said, self.trouble = True, "", ""
        said = trouble = ""
        try:
            said = compared_in_words(await call_job(reconciliation.compare_now, now=utc_now()))
        except GatewayError:
            trouble = _(AWAY)
        finally:
            async with self:
                self.comparing, self.said, self.trouble = False, said, trouble
                await self._show_if_still_an_admins()

    @rx.event
    @allow("admin")
    async def close(self, form: CloseForm) -> AsyncIterator[None]:
        """Close a case with a note; without one it stays open and says why."""
        self._start_closing(form["case_id"])
        yield
        closing = {"admin": principal(), "case_id": form["case_id"], "note": form["note"]}
        await self._finish_closing(form["case_id"], CLOSED, reconciliation_cases.close, closing)

    @rx.event
    @allow("admin")
    async def decide(self, form: DecideForm) -> AsyncIterator[None]:
        """Cancel or keep a visit whose money went back; or say whose money a payment is that the desk had marked."""
        self._start_closing(form["case_id"])
        yield
        about_payment = form["decision"] in ("same", "second")
        service = marked_and_paid.decide if about_payment else reconciliation_cases.decide
        deciding = {"admin": principal(), **form}
        await self._finish_closing(form["case_id"], DECIDED[form["decision"]], service, deciding)

    def _start_closing(self, case_id: int) -> None:
        self.closing_id, self.refusal, self.said, self.trouble = case_id, Refusal(), "", ""

    async def _finish_closing(
        self, case_id: int, said: str, service: Callable[..., None], given: dict[str, Any]
    ) -> None:
        try:
            await call(service, **given, now=utc_now())
        except BookingError as refusal:
            self.refusal = Refusal(case_id, refusal.sentence)
        else:
            self.said = _(said)
        finally:
            self.closing_id = 0
        await self._show_cases()

    async def _show(self) -> None:
        self.promises = summed(await call(invariants.shown))
        await self._show_cases()
        self.loaded = True

    async def _show_cases(self) -> None:
        self.cases = await call(reconciliation_cases.open_cases)
        (await self.get_state(OpenCasesState)).count = len(self.cases)

    async def _show_if_still_an_admins(self) -> None:
        """A long task passed the gate when it began, so the holder of the tab is asked for again."""
        who = await tab_principal(self)
        if who is None or who.role != "admin":
            self.reset()  # type: ignore[no-untyped-call]
            return
        await self._show()


def summed(rows: list[PromiseView]) -> Promises:
    """The counts with how many promises hold."""
    held, broken, unchecked = (
        sum(1 for row in rows if row.state == state) for state in ("holds", "broken", "unchecked")
    )
    return Promises(rows, held, broken, unchecked, rows[0].at_label if rows else "")


def compared_in_words(still_open: int) -> str:
    if not still_open:
        return _("Compared just now.")
    return ngettext(
        "Compared just now: {count} case is open.",
        "Compared just now: {count} cases are open.",
        still_open,
    )
