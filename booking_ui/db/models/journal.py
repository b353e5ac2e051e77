"""The journal: audit rows, heartbeats, counts of the promises, and answers to requests that may be repeated."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from booking_ui.db.columns import choice, instant, noted
from booking_ui.domain.causes import Cause


class AuditEntry(SQLModel, table=True):
    """One change of one subject: who, from, to, why. Each subject's rows form a chain of keyed hashes."""

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
    reason: str = noted(400)
    cause: Cause | None = Field(default=None, sa_type=choice(Cause, "cause"))  # the reason as a value
    # What stood in the row of the visit, the bill, the refund or the person after this change: `services/journal/stated.py`.
    facts: str = Field(default="", max_length=600, sa_column_kwargs={"server_default": ""})
    # Of the key that the hash was made with. Empty in a chain that was broken before there were keys.
    key_id: str = Field(default="", max_length=8, sa_column_kwargs={"server_default": ""})
    previous_hash: str = Field(max_length=64)
    hash: str = Field(max_length=64)


class AuditChain(SQLModel, table=True):
    """The length and the last hash of one subject's chain, sealed with a key."""

    __tablename__ = "audit_chain"
    __table_args__ = (
        # For the next root: what changed since the last one.
        sa.Index(
            "ix_audit_chain_unrooted",
            "subject",
            sqlite_where=sa.text("length <> rooted_length"),
            postgresql_where=sa.text("length <> rooted_length"),
        ),
    )

    subject: str = Field(primary_key=True, max_length=60)
    length: int
    head: str = Field(max_length=64)
    broken: str = Field(
        default="", max_length=200
    )  # what was found wrong before it was sealed; never emptied
    key_id: str = Field(max_length=8)
    seal: str = Field(max_length=64)
    rooted_length: int = Field(default=0, sa_column_kwargs={"server_default": "0"})  # in the newest root


class AuditRoot(SQLModel, table=True):
    """One value over everything that the audit said until then: it covers the root before it and its own leaves."""

    __tablename__ = "audit_root"

    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: datetime = instant()
    previous: str = Field(max_length=64)
    key_id: str = Field(max_length=8)
    value: str = Field(max_length=64)


class AuditLeaf(SQLModel, table=True):
    """The length and the last hash of a chain at a root, for each chain that changed since the root before it.

    A length of 0 says that the chain's time was over, and that it was removed.
    """

    __tablename__ = "audit_leaf"
    __table_args__ = (sa.Index("ix_audit_leaf_subject", "subject"),)

    root_number: int = Field(foreign_key="audit_root.number", primary_key=True)
    subject: str = Field(primary_key=True, max_length=60)
    length: int
    head: str = Field(max_length=64)


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
    first_fault: str = noted(300)
    # Nobody could be asked: the numbers are those of the last count that could, at that instant.
    unchecked: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    note: str = noted(200, added=True)
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
