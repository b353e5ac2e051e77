"""Entities, jobs and settings of the sandbox in one SQLite database.

Everything runs on the event loop's thread, so a transaction never waits for another one.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
import string
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Doc = dict[str, Any]

_ALNUM = string.ascii_letters + string.digits
_SCHEMA = """
CREATE TABLE IF NOT EXISTS entity(
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, parent TEXT NOT NULL,
    tag TEXT, created REAL NOT NULL, doc TEXT NOT NULL, private TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS entity_parent ON entity(kind, parent, seq);
CREATE INDEX IF NOT EXISTS entity_tag ON entity(kind, tag);
CREATE TABLE IF NOT EXISTS idempotency(key TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, refund_id TEXT);
CREATE TABLE IF NOT EXISTS job(id INTEGER PRIMARY KEY, due REAL NOT NULL, action TEXT NOT NULL, payment_id TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS job_due ON job(due);
CREATE TABLE IF NOT EXISTS meta(name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS event(
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, subject TEXT NOT NULL,
    created REAL NOT NULL, body BLOB NOT NULL, secret TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS delivery(
    id INTEGER PRIMARY KEY, event_id TEXT NOT NULL, url TEXT NOT NULL, due REAL NOT NULL, state TEXT NOT NULL,
    failures INTEGER NOT NULL DEFAULT 0, first_failed REAL, header_fault TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS delivery_due ON delivery(state, due, id);
CREATE INDEX IF NOT EXISTS delivery_event ON delivery(event_id);
CREATE TABLE IF NOT EXISTS attempt(delivery_id INTEGER NOT NULL, at REAL NOT NULL, outcome TEXT NOT NULL, ms INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS attempt_delivery ON attempt(delivery_id);
CREATE TABLE IF NOT EXISTS endpoint(url TEXT PRIMARY KEY, failing_since REAL, disabled INTEGER NOT NULL DEFAULT 0);
"""


def token(length: int = 14) -> str:
    return "".join(secrets.choice(_ALNUM) for _ in range(length))


@dataclass
class Entity:
    """`doc` is what the API shows, in its key order; `private` is what Razorpay knows besides."""

    doc: Doc
    private: Doc = field(default_factory=dict)

    @property
    def id(self) -> str:
        return str(self.doc["id"])


class Store:
    def __init__(self, path: str) -> None:
        if path:
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        self.db = sqlite3.connect(path or ":memory:", isolation_level=None)
        self.db.row_factory = sqlite3.Row
        # A killed sandbox keeps its state; a power cut may cost the last moments, which is accepted.
        self.db.execute("PRAGMA journal_mode=WAL")
        self.db.execute("PRAGMA synchronous=OFF")
        self.db.executescript(_SCHEMA)
        # A refund that was running when the process ended has not happened: its key is free again.
        self.db.execute("DELETE FROM idempotency WHERE refund_id IS NULL")

    def close(self) -> None:
        self.db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        if self.db.in_transaction:
            yield
            return
        self.db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.db.execute("ROLLBACK")
            raise
        self.db.execute("COMMIT")

    def add(self, entity: Entity, *, parent: str = "", tag: str | None = None, created: float) -> Entity:
        self.db.execute(
            "INSERT INTO entity(id, kind, parent, tag, created, doc, private) VALUES (?,?,?,?,?,?,?)",
            (
                entity.id,
                entity.doc["entity"],
                parent,
                tag,
                created,
                json.dumps(entity.doc),
                json.dumps(entity.private),
            ),
        )
        return entity

    def save(self, entity: Entity) -> None:
        self.db.execute(
            "UPDATE entity SET doc=?, private=? WHERE id=?",
            (json.dumps(entity.doc), json.dumps(entity.private), entity.id),
        )

    def get(self, kind: str, entity_id: str) -> Entity | None:
        found = self.select("kind=? AND id=?", (kind, entity_id))
        return found[0] if found else None

    def select(self, where: str, values: Sequence[object], tail: str = "") -> list[Entity]:
        """Newest first. `where` and `tail` are SQL of ours, never of a caller's caller."""
        sql = f"SELECT doc, private FROM entity WHERE {where} ORDER BY seq DESC {tail}"  # noqa: S608  # see above
        rows = self.db.execute(sql, tuple(values))
        return [Entity(json.loads(row["doc"]), json.loads(row["private"])) for row in rows]

    def meta(self, name: str, default: str) -> str:
        row = self.db.execute("SELECT value FROM meta WHERE name=?", (name,)).fetchone()
        return str(row["value"]) if row else default

    def set_meta(self, name: str, value: str) -> None:
        self.db.execute(
            "INSERT INTO meta VALUES (?,?) ON CONFLICT(name) DO UPDATE SET value=excluded.value",
            (name, value),
        )
