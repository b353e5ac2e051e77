"""The webhook queue: events with the addresses they still have to reach, and when."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from booking_ui.sandbox.box import Box
from booking_ui.sandbox.faults import WebhookFault
from booking_ui.sandbox.store import Doc, token

# Seconds after the first failed delivery, as measured on real traffic; the first rung is only for a 5xx.
LADDER = (0.2, 6, 19, 40, 82, 164, 326, 650, 1293, 2577, 5140, 10267, 20508, 40989, 81953)
DISABLE_AFTER = 24 * 3600.0


@dataclass(frozen=True)
class Delivery:
    """One event on its way to one address. `secret` is the one that was current when the event happened."""

    id: int
    event_id: str
    url: str
    failures: int
    first_failed: float | None
    header_fault: str
    body: bytes
    secret: str


def emit(box: Box, name: str, subject: str, body: bytes, gap: float) -> None:
    """Queue a new event for every address; `gap` is in seconds of the sandbox's pace."""
    event_id, now = token(), box.clock.now()
    box.store.db.execute(
        "INSERT INTO event(id, name, subject, created, body, secret) VALUES (?,?,?,?,?,?)",
        (event_id, name, subject, now, body, box.webhook_secret),
    )
    fault, last = box.webhook_faults.take(name)
    plan = fault or WebhookFault()
    due = box.clock.after(gap + plan.delay)
    state = "dropped" if plan.drop else "held" if plan.reorder else "pending"
    for row in box.store.db.execute("SELECT url, disabled FROM endpoint ORDER BY rowid").fetchall():
        for _ in range(1 + plan.duplicate):
            _queue(
                box, event_id, row["url"], due, "dropped" if row["disabled"] else state, _header_fault(plan)
            )
    if plan.reorder and last:
        release(box)
    box.work.set()


def release(box: Box) -> None:
    """Send what is held back, newest first."""
    held = box.store.db.execute("SELECT id FROM delivery WHERE state='held' ORDER BY id DESC").fetchall()
    now = box.clock.now()
    for place, row in enumerate(held):
        due = now + place * 1e-3
        box.store.db.execute("UPDATE delivery SET state='pending', due=? WHERE id=?", (due, row["id"]))
    box.work.set()


def due(box: Box, limit: int, *, by: float) -> list[tuple[int, str, str]]:
    """Delivery id, address and subject of what must be sent by an instant, oldest first."""
    rows = box.store.db.execute(
        "SELECT d.id, d.url, e.subject FROM delivery d JOIN event e ON e.id = d.event_id "
        "WHERE d.state='pending' AND d.due <= ? ORDER BY d.due, d.id LIMIT ?",
        (by, limit),
    )
    return [(row["id"], row["url"], row["subject"]) for row in rows]


def load(box: Box, delivery_id: int) -> Delivery:
    row = box.store.db.execute(
        "SELECT d.*, e.body, e.secret FROM delivery d JOIN event e ON e.id = d.event_id WHERE d.id=?",
        (delivery_id,),
    ).fetchone()
    return Delivery(**{name: row[name] for name in Delivery.__dataclass_fields__})


def next_due(box: Box, *, after: float) -> float | None:
    """The instant of the first delivery that is due after another instant."""
    row = box.store.db.execute(
        "SELECT min(due) AS due FROM delivery WHERE state='pending' AND due > ?", (after,)
    )
    found = row.fetchone()["due"]
    return None if found is None else float(found)


def note_attempt(box: Box, delivery: Delivery, outcome: str, ms: int) -> None:
    """Write down one attempt and decide what follows. `outcome` is a status or the name of a failure."""
    now = box.clock.now()
    box.store.db.execute("INSERT INTO attempt VALUES (?,?,?,?)", (delivery.id, now, outcome, ms))
    if outcome.startswith("2"):
        box.store.db.execute("UPDATE delivery SET state='acknowledged' WHERE id=?", (delivery.id,))
        box.store.db.execute("UPDATE endpoint SET failing_since=NULL WHERE url=?", (delivery.url,))
        return
    box.store.db.execute(
        "UPDATE endpoint SET failing_since=coalesce(failing_since, ?) WHERE url=?", (now, delivery.url)
    )
    first = delivery.first_failed or now
    rung = delivery.failures if delivery.failures or outcome.startswith("5") else 1
    # header faults spoil one attempt; the retry is what a genuine retry looks like
    box.store.db.execute(
        "UPDATE delivery SET failures=?, first_failed=?, due=?, state=?, header_fault='' WHERE id=? AND state='pending'",
        (
            rung + 1,
            first,
            first + box.clock.scaled(LADDER[min(rung, len(LADDER) - 1)]),
            "pending" if rung < len(LADDER) else "exhausted",
            delivery.id,
        ),
    )


def disable_failing(box: Box) -> None:
    """An address that has failed for 24 hours gets nothing more until it is enabled by hand."""
    limit = box.clock.now() - box.clock.scaled(DISABLE_AFTER)
    rows = box.store.db.execute(
        "SELECT url FROM endpoint WHERE NOT disabled AND failing_since <= ?", (limit,)
    )
    for row in rows.fetchall():
        box.store.db.execute("UPDATE endpoint SET disabled=1 WHERE url=?", (row["url"],))
        box.store.db.execute(
            "UPDATE delivery SET state='dropped' WHERE url=? AND state='pending'", (row["url"],)
        )


def enable(box: Box, url: str) -> None:
    box.store.db.execute("UPDATE endpoint SET disabled=0, failing_since=NULL WHERE url=?", (url,))


def replay(box: Box) -> int:
    """The Dashboard's replay: what was never acknowledged, signed with today's secret; enables the addresses."""
    box.store.db.execute("UPDATE endpoint SET disabled=0, failing_since=NULL")
    lost = box.store.db.execute(
        "SELECT DISTINCT event_id, url FROM delivery WHERE state IN ('exhausted', 'dropped') "
        "AND url IN (SELECT url FROM endpoint) AND NOT EXISTS "
        "(SELECT 1 FROM delivery d WHERE d.event_id=delivery.event_id AND d.url=delivery.url "
        "AND d.state IN ('acknowledged', 'pending')) ORDER BY id"
    ).fetchall()
    for row in lost:
        box.store.db.execute("UPDATE event SET secret=? WHERE id=?", (box.webhook_secret, row["event_id"]))
        _queue(box, row["event_id"], row["url"], box.clock.now(), "pending", "")
    box.work.set()
    return len(lost)


def history(box: Box) -> list[Doc]:
    """Every event with its raw body and the fate of each delivery, oldest first."""
    events = box.store.db.execute("SELECT * FROM event ORDER BY seq").fetchall()
    return [
        {
            "id": event["id"],
            "event": event["name"],
            "subject": event["subject"],
            "created_at": event["created"],
            "body": bytes(event["body"]).decode(),
            "deliveries": [_fate(box, row) for row in _deliveries(box, event["id"])],
        }
        for event in events
    ]


def endpoints(box: Box) -> list[Doc]:
    rows = box.store.db.execute("SELECT * FROM endpoint ORDER BY rowid").fetchall()
    return [
        {"url": r["url"], "disabled": bool(r["disabled"]), "failing_since": r["failing_since"]} for r in rows
    ]


def _queue(box: Box, event_id: str, url: str, due_at: float, state: str, header_fault: str) -> None:
    box.store.db.execute(
        "INSERT INTO delivery(event_id, url, due, state, header_fault) VALUES (?,?,?,?,?)",
        (event_id, url, due_at, state, header_fault),
    )


def _header_fault(plan: WebhookFault) -> str:
    return ",".join(part for part in (plan.signature, "no_event_id" if plan.no_event_id else "") if part)


def _deliveries(box: Box, event_id: str) -> list[sqlite3.Row]:
    return box.store.db.execute("SELECT * FROM delivery WHERE event_id=? ORDER BY id", (event_id,)).fetchall()


def _fate(box: Box, row: sqlite3.Row) -> Doc:
    attempts = box.store.db.execute(
        "SELECT at, outcome, ms FROM attempt WHERE delivery_id=? ORDER BY at", (row["id"],)
    )
    return {
        "url": row["url"],
        "state": row["state"],
        "due": row["due"],
        "attempts": [dict(attempt) for attempt in attempts.fetchall()],
    }
