"""The journal: audit rows, heartbeats, counts of the promises, and answers to requests that may be repeated."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from booking_ui.db.columns import choice, instant
from booking_ui.domain.causes import Cause


class AuditEntry(SQLModel, table=True):
    """One change of one subject: who, from, to, why. Each subject's rows form a chain of hashes."""

    __tablename__ = "audit_entry"
    __table_args__ = (sa.UniqueConstraint("subject", "seq"),)

    id: int | None = Field(default=None, primary_key=True)
    subject: str = Field(max_length=60)
    seq: int
    at: datetime = instant(index=True)
    actor: str = Field(max_length=60)
    action: str = Field(max_length=60)
    before: str = Field(default="", max_length=60)
    after: str = Field(default="", max_length=60)
    reason: str = Field(default="", max_length=400)
    # The reason as a value. Not hashed: it repeats the words, and rows of before 0009 got theirs afterwards.
    cause: Cause | None = Field(default=None, sa_type=choice(Cause, "cause"))
    previous_hash: str = Field(max_length=64)
    hash: str = Field(max_length=64)


class Heartbeat(SQLModel, table=True):
    """The last good end of a periodic job, for `/api/ready`."""

    __tablename__ = "heartbeat"

    job: str = Field(primary_key=True, max_length=40)
    at: datetime = instant()


class PromiseCount(SQLModel, table=True):
    """The last count of one promise over the whole database, for `/api/ready` and the desk."""

    __tablename__ = "promise_count"

    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    promise: str = Field(max_length=160)
    checked: int
    violated: int
    first_fault: str = Field(default="", max_length=300)
    # Nobody could be asked: the numbers are those of the last count that could, at that instant.
    unchecked: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    note: str = Field(default="", max_length=200, sa_column_kwargs={"server_default": ""})
    at: datetime = instant()


class IdempotencyKey(SQLModel, table=True):
    """One request with an Idempotency-Key, and its answer. Of the body only a keyed hash is kept."""

    __tablename__ = "idempotency_key"
    __table_args__ = (
        sa.UniqueConstraint("scope", "route", "key"),
        sa.Index("ix_idempotency_key_created_at", "created_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    scope: str = Field(max_length=60)  # "person:7", or for a stranger a hash of their address
    route: str = Field(max_length=200)  # method and path
    key: str = Field(max_length=200)
    body_digest: str = Field(max_length=64)
    person_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    status: int | None = None  # None: not answered yet, or the process died over it
    answer: bytes = b""
    claimed_at: datetime = instant()
    created_at: datetime = instant()
