"""What was done and counted: the audit trail, heartbeats, and the promises."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from booking_ui.db.columns import instant


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
    previous_hash: str = Field(max_length=64)
    hash: str = Field(max_length=64)


class Heartbeat(SQLModel, table=True):
    """When a periodic job last ended well, for `/api/ready`."""

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
    at: datetime = instant()
