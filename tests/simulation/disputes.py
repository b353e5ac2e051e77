"""Disputes: banks that take patients' money back, the desk that does not wait for them, and what must hold of both.

Razorpay's own books say what a dispute took. They also say when each of our refunds was made, and so which ones left
although we knew that a bank might return the same money.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from unittest.mock import patch

from sqlmodel import col, func, select

from booking_ui.db.models import AuditEntry, Dispute, ReconciliationCase, Refund, pk
from booking_ui.db.session import read
from booking_ui.domain.payment import RefundStatus
from booking_ui.domain.period import Span
from booking_ui.sandbox.box import Box
from booking_ui.sandbox.rest import disputes, payments
from booking_ui.sandbox.store import Entity
from booking_ui.sandbox.webhooks import events
from booking_ui.services.cases.reconciliation_cases import CaseKind
from booking_ui.services.desk import held_refund, ledger
from booking_ui.services.desk.ledger import Figure
from tests.simulation.account import documents
from tests.simulation.people import NOTHING
from tests.simulation.world import World

UNDECIDED = ("open", "under_review")
ENDINGS = ("won", "lost", "lost", "closed")


def dispute(w: World) -> str:
    """A patient's bank disputes a captured payment, all of it or a part."""
    paid = [one for one in documents(w.account.box, "payment") if one["captured"]]
    if not paid:
        return NOTHING
    chosen = w.pick(paid[-2:] if w.chance.random() < 0.7 else paid)
    free = chosen["amount"] - _disputed_paise(w, chosen["id"])
    if free < 200:
        return NOTHING
    amount = w.pick((free, free, free // 2))
    w.stage.fault("dispute: opened", f"a bank disputes {amount} paise of {chosen['id']}")
    with w.account.box.store.transaction():
        made = disputes.open_one(w.account.box, payments.get(w.account.box, chosen["id"]), {"amount": amount})
    return made.id


def _disputed_paise(w: World, payment_id: str) -> int:
    """Paise of a payment that its disputes may still take or have taken."""
    standing = [d for d in documents(w.account.box, "dispute") if d["status"] in (*UNDECIDED, "lost")]
    return sum(one["amount"] for one in standing if one["payment_id"] == payment_id)


def dispute_moves(w: World) -> str:
    """The bank looks at the clinic's answer, asks for more, or decides; or Razorpay takes what one lost earlier cost."""
    if w.chance.random() < 0.3 and deduct(w):
        return "deducted"
    return _move(w, w.pick(("under_review", "under_review", "action_required", *ENDINGS)))


def dispute_ends(w: World) -> str:
    return _move(w, w.pick(ENDINGS))


def deduct(w: World) -> int:
    """Let Razorpay take what lost disputes cost, which no message tells; returns of how many."""
    box = w.account.box
    due = [d for d in documents(box, "dispute") if d["status"] == "lost" and not d["amount_deducted"]]
    for one in due:
        w.stage.fault("dispute: deducted later", f"Razorpay takes {one['amount']} paise for {one['id']}")
        lost = disputes.get(box, one["id"])
        lost.doc["amount_deducted"] = lost.doc["amount"]
        with box.store.transaction():
            box.store.save(lost)
    return len(due)


def _move(w: World, to: str) -> str:
    waiting = [one for one in documents(w.account.box, "dispute") if one["status"] in UNDECIDED]
    if not waiting:
        return NOTHING
    _let_move(w, w.pick(waiting)["id"], to)
    return to


def _let_move(w: World, dispute_id: str, to: str) -> None:
    box = w.account.box
    w.stage.fault(f"dispute: {to}", f"dispute {dispute_id}: {to}")
    with box.store.transaction(), _taking_later(w, to):
        disputes.move(box, disputes.get(box, dispute_id), {"to": to})
    if to in ENDINGS:
        w.ended[dispute_id] = w.stage.now


@contextmanager
def _taking_later(w: World, to: str) -> Iterator[None]:
    """Of one lost dispute in four Razorpay does not say yet what it takes, neither in its message nor when asked."""
    told = events.dispute

    def nothing_yet(box: Box, name: str, lost: Entity, payment: Entity) -> None:
        lost.doc["amount_deducted"] = 0
        box.store.save(lost)
        told(box, name, lost, payment)

    later = to == "lost" and w.chance.random() < 0.25
    with patch.object(events, "dispute", nothing_yet if later else told):
        yield


def send_held(w: World) -> str:
    """The desk sends a refund although the bank may return the money too."""
    with read() as tx:
        held = tx.exec(
            select(Refund)
            .where(Refund.status == RefundStatus.PENDING, col(Refund.dispute_id).is_not(None))
            .order_by(col(Refund.id))
        ).all()
    if not held:
        return NOTHING
    refund = w.pick(held)
    w.stage.say(f"Devi sends refund {refund.id} all the same")
    reason = f"by phone, {w.stage.tally.steps}"
    try:
        held_refund.send_all_the_same(admin=w.cast.devi, refund_id=pk(refund), reason=reason, now=w.stage.now)
    finally:
        with read() as tx:  # also by a process that died after it
            stored = tx.exec(select(AuditEntry.id).where(AuditEntry.reason == reason)).first()
        if stored:
            w.sent_all_the_same.add(refund.idempotency_key)
    return "released"


def end_all(w: World) -> int:
    """Let every bank decide at last; returns how many disputes ended."""
    waiting = [one for one in documents(w.account.box, "dispute") if one["status"] in UNDECIDED]
    for one in waiting:
        _let_move(w, one["id"], w.pick(ENDINGS))
    return len(waiting)


ACTIONS: dict[str, Callable[[World], str]] = {
    "dispute": dispute, "dispute_moves": dispute_moves, "dispute_ends": dispute_ends, "send_held": send_held,
}  # fmt: skip


@dataclass(frozen=True)
class _Known:
    """A dispute at Razorpay, and the moment when we first heard of it."""

    there: dict[str, Any]
    seen_at: datetime


def faults(w: World) -> list[str]:
    """All that is wrong with disputes at the end of a story."""
    theirs = documents(w.account.box, "dispute")
    if not theirs:
        return []
    with read() as tx:
        ours = {one.gateway_dispute_id: one for one in tx.exec(select(Dispute))}
    known = [_Known(one, ours[one["id"]].seen_at) for one in theirs if one["id"] in ours]
    return [
        *(_unlike(one, ours.get(one["id"])) for one in theirs if _unlike(one, ours.get(one["id"]))),
        *_sent_while_disputed(w, known),
        *_unreported(theirs),
        *_not_in_the_ledger(theirs),
    ]


def _unlike(theirs: dict[str, Any], ours: Dispute | None) -> str:
    """The difference between Razorpay's dispute and ours; empty for none."""
    if ours is None:
        return f"dispute {theirs['id']} is unknown here"
    there = (theirs["status"], theirs["payment_id"], theirs["amount"], theirs["amount_deducted"])
    here = (ours.status.value, ours.gateway_payment_id, ours.amount_paise, ours.deducted_paise)
    return "" if there == here else f"dispute {theirs['id']} is {there} at Razorpay, {here} here"


def _sent_while_disputed(w: World, known: list[_Known]) -> list[str]:
    """Refunds that left although a dispute that we knew of stood, or had taken the money, and that nobody sent by hand."""
    with read() as tx:
        ours = set(tx.exec(select(Refund.idempotency_key)).all()) - w.sent_all_the_same
    made = documents(w.account.box, "refund")
    found = []
    for refund in made:
        heard_of = [
            one
            for one in known
            if one.there["payment_id"] == refund["payment_id"]
            and one.seen_at.timestamp() < refund["created_at"]
        ]
        stood = any(_stood(w, one, refund["created_at"]) for one in heard_of)
        if refund["receipt"] in ours and (stood or _left_over(w, refund, made, heard_of) < 0):
            found.append(f"{refund['id']} left although we knew of a dispute")
    return found


def _stood(w: World, one: _Known, at: int) -> bool:
    """True if the dispute was undecided then, in Razorpay's whole seconds."""
    ended_at = w.ended.get(one.there["id"])
    return ended_at is None or at < ended_at.timestamp() - 1


def _left_over(w: World, refund: dict[str, Any], made: list[dict[str, Any]], heard_of: list[_Known]) -> int:
    """Paise that these disputes, this refund and those before it leave of a payment; a failed one took nothing."""
    if refund["status"] == "failed" or not heard_of:
        return 0
    before = [
        int(one["amount"])
        for one in made
        if one["payment_id"] == refund["payment_id"]
        and one["status"] != "failed"
        and one["created_at"] <= refund["created_at"]
    ]
    paid = int(payments.get(w.account.box, refund["payment_id"]).doc["amount"])
    return paid - sum(before) - sum(int(one.there["amount_deducted"]) for one in heard_of)


def _unreported(theirs: list[dict[str, Any]]) -> list[str]:
    """Lost disputes of which the desk was not told."""
    with read() as tx:
        told = set(
            tx.exec(
                select(ReconciliationCase.subject).where(ReconciliationCase.kind == CaseKind.DISPUTE_LOST)
            ).all()
        )
    lost = [one["id"] for one in theirs if one["status"] == "lost"]
    return [f"dispute {one} was lost, and no case says so" for one in lost if one not in told]


def _not_in_the_ledger(theirs: list[dict[str, Any]]) -> list[str]:
    """The difference between what disputes took and what the desk's payouts show."""
    taken = sum(one["amount_deducted"] for one in theirs)
    entries = ledger.entries(Figure.DEDUCTED, Span())
    with read() as tx:
        shown = tx.exec(select(func.coalesce(func.sum(entries.c.paise), 0))).one()
    return [] if shown == taken else [f"disputes took {taken} paise, the payouts show {shown}"]
