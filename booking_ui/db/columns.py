"""Parts of every table: names of constraints, instants, and statuses as text with a CHECK."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Protocol

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from booking_ui.domain import remarks

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
SQLModel.metadata.naming_convention = NAMING


class Instant(sa.TypeDecorator[datetime]):
    """An aware UTC instant; a naive one is refused. SQLite stores no zone, so it is put back on reading."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime is not an instant")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, _dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Words(sa.TypeDecorator[str]):
    """A person's words, or a remark of the clinic: stored as a code with values, read as a `Remark`."""

    impl = sa.String
    cache_ok = True

    def process_bind_param(self, value: str | None, _dialect: sa.Dialect) -> str | None:
        return None if value is None else remarks.stored(value)

    def process_result_value(self, value: str | None, _dialect: sa.Dialect) -> str | None:
        return None if value is None else remarks.read(value)


def choice(values: type[StrEnum], name: str) -> sa.Enum:
    return sa.Enum(
        values,
        native_enum=False,
        create_constraint=True,
        length=24,
        name=name,
        values_callable=lambda e: [m.value for m in e],
    )


def instant(*, null: bool = False, index: bool = False) -> Any:
    return Field(default=None if null else ..., sa_type=Instant, nullable=null, index=index)


def noted(length: int, *, required: bool = False, added: bool = False) -> Any:
    """A column for words or remarks, as the database has them at most so long; `added`: to a table that had rows."""
    return Field(
        default=... if required else "",
        sa_type=Words(length),
        nullable=False,
        sa_column_kwargs={"server_default": ""} if added else {},
    )


class _Stored(Protocol):
    id: int | None


def pk(row: _Stored) -> int:
    """The primary key of a row that is in the database; only a row not yet written has none."""
    assert row.id is not None
    return row.id


class DeliveryStatus(StrEnum):
    """Of a webhook event or a notification: waiting has a next attempt; parked needs a person."""

    WAITING = "waiting"
    DONE = "done"
    IGNORED = "ignored"
    PARKED = "parked"
