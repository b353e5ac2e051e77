"""Plays a plan from its first step to the last quiet day; a broken promise ends it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from sqlmodel import select

from booking_ui.db.models import Refund, pk
from booking_ui.db.session import read
from booking_ui.domain.errors import BookingError, WrongState
from booking_ui.domain.payment import RefundStatus
from booking_ui.sandbox.rest import payments, refunds
from booking_ui.sandbox.webhooks import queue
from booking_ui.services.cases import reconciliation_cases
from booking_ui.services.cases.reconciliation_cases import CaseKind
from booking_ui.services.desk import mark_payment, marked_and_paid, settle_refund
from booking_ui.services.payments import reconciliation
from tests.simulation import checks, disputes, ledger, machinery, people
from tests.simulation.account import documents
from tests.simulation.plan import Plan
from tests.simulation.planting import Bug
from tests.simulation.stage import Broken, Crash, Step, Tally, Turn
from tests.simulation.storage import Storage
from tests.simulation.world import World, forget, opened

ACTIONS = people.ACTIONS | machinery.ACTIONS | disputes.ACTIONS
LONG = machinery.DAY + 1
SETTLING = (0, 10, 61, 301, 1200, 3700, 7300, 43_200, LONG, machinery.DAY, machinery.DAY, LONG, machinery.DAY)
"""Seconds between checks of a clinic that has gone quiet, over more than five days; the books are compared after a LONG one."""


@dataclass(frozen=True)
class Ending:
    """The result of a story. `fault` is empty when every promise was kept."""

    plan: Plan
    lines: tuple[str, ...]
    tally: Tally
    fault: str = ""

    @property
    def kind(self) -> str:
        """The fault without its numbers, so that two stories can be compared."""
        return "".join(c for c in self.fault if not c.isdigit())[:60]


def play(plan: Plan, storage: Storage, bug: Bug | None = None) -> Ending:
    """Perform every step, checking the promises after each, then let everything settle and do the accounts."""
    with opened(plan, storage, perform) as world, (bug or Bug()).planted(storage, world.stage):
        fault = ""
        try:
            for step in plan.steps:
                perform(world, step)
            with _defects("settling"):
                _settle(world)
        except Broken as broken:
            fault = str(broken)
            world.stage.turns.clear()
            world.stage.turns.append(Turn(Step("end", 0), random.Random(0)))
            world.stage.say(f"BROKEN: {fault}")
        return Ending(plan, tuple(world.stage.lines), world.stage.tally, fault)


@contextmanager
def _defects(doing: str) -> Iterator[None]:
    """An exception that services do not promise to raise is a broken promise. Raises Broken."""
    try:
        yield
    except (BookingError, Broken):
        raise
    except Exception as defect:
        said = str(getattr(defect, "orig", defect)) or "nothing"  # a constraint by its name, without the SQL
        words = said.splitlines()[0]
        raise Broken(f"{doing} raised {type(defect).__name__}: {words}"[:300]) from defect


def perform(w: World, step: Step) -> None:
    """Perform one step, until its end or its process's death. Raises Broken."""
    stage = w.stage
    stage.turns.append(Turn(step, random.Random(step.seed)))
    stage.tally.steps += 1
    try:
        with _defects(step.action):
            outcome = ACTIONS[step.action](w)
    except Crash as crash:
        stage.tally.faults["crash"] += 1
        outcome = f"the process dies: {crash}"
        forget()
    except BookingError as refusal:
        stage.tally.refusals[refusal.code] += 1
        outcome = f"refused: {refusal.code}"
    if outcome != people.NOTHING:
        stage.tally.actions[step.action] += 1
        if outcome:
            stage.say(f"  → {outcome}")
        _check(w)
    stage.turns.pop()


def _check(w: World, *, swept: bool = False, thorough: bool = False) -> None:
    if found := checks.faults(w, swept=swept, thorough=thorough):
        raise Broken(found[0])


def _settle(w: World) -> None:
    """Let time pass without faults, and the desk do what only people can. Raises Broken."""
    w.stage.turns.append(Turn(Step("settle", 0), random.Random(w.plan.seed)))
    w.stage.say("from here on nothing goes wrong any more")
    w.calm()
    _quiet_days(w)
    for remedy in (
        _replay,
        disputes.end_all,
        disputes.deduct,
        _decide_payments,
        _settle_failed,
        _pay_out,
        _decide,
        _close_rest,
    ):
        if remedy(w):
            _quiet_days(w)
    if found := ledger.faults(w):
        raise Broken(found[0])
    w.stage.say("every promise is kept")


def _quiet_days(w: World) -> None:
    for seconds in SETTLING:
        w.advance(seconds)
        _finish_refunds(w)
        if seconds in (0, LONG):
            reconciliation.compare(now=w.stage.now)
        _work_off(w)
        _check(w, swept=True)
    if any(run(w.stage.now) for _, run in machinery.JOBS.values()):
        raise Broken("the worker finds work after five quiet days")
    _check(w, swept=True, thorough=True)


def _work_off(w: World) -> None:
    """Run post and worker until neither finds more to do. Raises Broken."""
    machinery.release_held(w)
    for _ in range(20):
        letters = w.post.due()
        for delivery_id in letters:
            w.post.deliver(delivery_id)
        due = w.storage.due(w.stage.now)
        for name, (_, run) in machinery.JOBS.items():
            if name in due:
                run(w.stage.now)
        if not letters and (not due or not w.storage.database.sqlite):
            return
    raise Broken("the worker never comes to rest")


def _finish_refunds(w: World) -> None:
    """Let Razorpay process all pending refunds."""
    box = w.account.box
    for refund in documents(box, "refund"):
        if refund["status"] == "pending":
            with box.store.transaction():
                refunds.resolve(box, refunds.get(box, refund["id"]), "processed")


def _replay(w: World) -> int:
    """The desk replays webhooks at Razorpay's dashboard, if something happened there past us; returns how many."""
    if not w.past_us or not w.plan.conditions.webhooks:
        return 0
    with w.account.box.store.transaction():
        sent = queue.replay(w.account.box)
    w.stage.say(f"Devi replays {sent} webhooks from Razorpay's dashboard")
    return sent


def _decide_payments(w: World) -> int:
    """The desk says of every payment that met a mark whose money it is; returns how many."""
    waiting = [case for case in reconciliation_cases.open_cases() if case.decision == "payment"]
    for case in waiting:
        decision = people.whose_money(w, case.subject)
        w.stage.say(f"Devi decides about {case.subject}: {decision}")
        marked_and_paid.decide(
            admin=w.cast.devi, case_id=case.id, decision=decision, note="at last", now=w.stage.now
        )
    return len(waiting)


def _pay_out(w: World) -> int:
    """The desk pays out every refund that waits for its hand; returns how many."""
    with read() as tx:
        waits = select(Refund.payment_id).where(
            Refund.status == RefundStatus.PENDING, Refund.gateway_payment_id == ""
        )
        bills = sorted(set(tx.exec(waits).all()))
    for payment_id in bills:
        w.stage.say(f"Devi pays out what is due of payment {payment_id}")
        mark_payment.mark(
            admin=w.cast.devi, payment_id=payment_id, status="refunded", reason="at last", now=w.stage.now
        )
    return len(bills)


def _close_rest(w: World) -> int:
    """The desk closes the cases that only ask it to look; returns how many."""
    seen = {reconciliation_cases.TITLES[kind] for kind in LOOKED_AT}
    twice = ledger.gone_twice(w) | ledger.marked_by_another_amount()
    waiting = [
        case for case in reconciliation_cases.open_cases() if case.title in seen or case.subject in twice
    ]
    for case in waiting:
        reconciliation_cases.close(admin=w.cast.devi, case_id=case.id, note="looked at it", now=w.stage.now)
    return len(waiting)


LOOKED_AT = (
    CaseKind.OTHER_AMOUNT,
    CaseKind.EVERY_AMOUNT_DIFFERS,
    CaseKind.MARKED_ELSEWHERE,
    CaseKind.MARKED_UNPAID,
    CaseKind.DISPUTE_LOST,
)


def _settle_failed(w: World) -> int:
    """The desk settles every refund that failed for good, in one of its ways; returns how many."""
    failed = people.failed_refunds()
    for refund in failed:
        way = w.pick((*people.WAYS, None))
        w.stage.say(f"Devi settles failed refund {refund.id}: {way or 'at the dashboard'}")
        if way is None and not _all_gone(w, refund):
            _send_at_dashboard(w, refund)
        elif way is None or (not _settled(w, refund, way) and _all_gone(w, refund)):
            w.stage.say(f"Devi writes down that refund {refund.id} is back already")
            _settled(w, refund, "by_hand")
    return len(failed)


def _settled(w: World, refund: Refund, way: settle_refund.Way) -> bool:
    """False when it was refused: the money went back at the dashboard, of which we hear later, or went back twice."""
    try:
        settle_refund.settle(
            admin=w.cast.devi, refund_id=pk(refund), way=way, reason="at last", now=w.stage.now
        )
    except WrongState:
        return False
    return True


def _all_gone(w: World, refund: Refund) -> bool:
    """True when refunds and lost disputes have taken all of its payment at Razorpay, where the desk looks."""
    payment = payments.get(w.account.box, refund.gateway_payment_id)
    return people.left_there(w, payment.doc) < settle_refund.SMALLEST


def _send_at_dashboard(w: World, refund: Refund) -> None:
    box = w.account.box
    payment = payments.get(box, refund.gateway_payment_id)
    left = people.left_there(w, payment.doc)
    if min(left, refund.amount_paise) >= 100:
        with box.store.transaction():
            refunds.create(box, payment, {"amount": min(left, refund.amount_paise)})


def _decide(w: World) -> int:
    """The desk keeps or cancels every visit that was refunded in full; returns how many."""
    waiting = [case for case in reconciliation_cases.open_cases() if case.decision == "visit"]
    for case in waiting:
        decision = w.pick(people.DECISIONS)
        w.stage.say(f"Devi decides about the refunded visit {case.subject}: {decision}")
        with suppress(WrongState):  # it has begun: keep it
            reconciliation_cases.decide(
                admin=w.cast.devi, case_id=case.id, decision=decision, note="at last", now=w.stage.now
            )
            continue
        reconciliation_cases.decide(
            admin=w.cast.devi, case_id=case.id, decision="keep", note="it has begun", now=w.stage.now
        )
    return len(waiting)
