"""Settlements: what was captured is paid out two days later, and what was refunded is held back. Nothing is stored."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from booking_ui.sandbox.box import Box
from booking_ui.sandbox.store import Doc, Entity

_IST = timedelta(hours=5, minutes=30)
_CYCLE = timedelta(days=2).total_seconds()


def of_day(box: Box, day: date) -> list[Doc]:
    """The lines of the one settlement of a day in India, oldest first; empty until its money has gone out."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC) - _IST
    first = midnight.timestamp() - _CYCLE
    last = min(first + 86_400, box.clock.now() - _CYCLE)
    moved = box.store.select("kind IN ('payment', 'refund') AND created >= ? AND created < ?", (first, last))
    docs = [entity.doc for entity in moved if entity.doc.get("captured", True)]
    settlement_id = f"setl_Sandbox{day:%y%m%d}A"
    lines = [_line(doc, settlement_id) for doc in docs]
    lost = [one.doc | {"created_at": one.private["lost_at"]} for one in _lost(box, first, last)]
    lines += [_adjustment(doc, settlement_id) for doc in lost]
    return sorted(lines, key=lambda line: (line["created_at"], line["entity_id"]))


def _lost(box: Box, first: float, last: float) -> list[Entity]:
    taken = "json_extract(private, '$.lost_at')"
    return box.store.select(f"kind='dispute' AND {taken} >= ? AND {taken} < ?", (first, last))


def _adjustment(doc: Doc, settlement_id: str) -> Doc:
    """The sum that a lost dispute takes out of a settlement."""
    line = _line(doc | {"entity": "refund", "amount": doc["amount_deducted"]}, settlement_id)
    own = {
        "entity_id": f"adj_{doc['id'].removeprefix('disp_')}",
        "type": "adjustment",
        "dispute_id": doc["id"],
    }
    return line | own | {"description": "Debit disputed amount"}


def _line(doc: Doc, settlement_id: str) -> Doc:
    refund = doc["entity"] == "refund"
    fee = 0 if refund else doc["fee"] or 0
    return {
        "entity_id": doc["id"],
        "type": doc["entity"],
        "debit": doc["amount"] if refund else 0,
        "credit": 0 if refund else doc["amount"] - fee,
        "amount": doc["amount"],
        "currency": doc["currency"],
        "fee": fee,
        "tax": 0 if refund else doc["tax"] or 0,
        "on_hold": False,
        "settled": True,
        "created_at": doc["created_at"],
        "settled_at": int(doc["created_at"] + _CYCLE),
        "settlement_id": settlement_id,
        "posted_at": None,
        "credit_type": "default",
        "description": None,
        "notes": "{}",
        "payment_id": doc["payment_id"] if refund else None,
        "settlement_utr": settlement_id.removeprefix("setl_"),
        "order_id": doc.get("order_id"),
        "order_receipt": None,
        "method": doc.get("method"),
        "card_network": None,
        "card_issuer": None,
        "card_type": None,
        "dispute_id": None,
    }
