"""Rows that several transactions may write at once: the database decides which is first, in SQLite as in PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel


def unless_known(tx: Session, model: type[SQLModel]) -> sqlite.Insert | postgresql.Insert:
    if tx.get_bind().dialect.name == "sqlite":
        return sqlite.insert(model).on_conflict_do_nothing()
    return postgresql.insert(model).on_conflict_do_nothing()


def insert_once(tx: Session, model: type[SQLModel], values: Mapping[str, Any]) -> int | None:
    """The new row's id; None when its unique key exists. Waits for another transaction that writes the same key."""
    table = model.__table__  # type: ignore[attr-defined]  # SQLModel declares it for tables only
    row = tx.execute(unless_known(tx, model).values(**values).returning(table.c.id)).first()
    return None if row is None else int(row[0])
