"""Rows of a test's database."""

from __future__ import annotations

from typing import TypeVar

from sqlmodel import SQLModel

from booking_ui.db.session import write

Row = TypeVar("Row", bound=SQLModel)


def keep(row: Row) -> Row:
    """Store a row; it has its id afterwards."""
    with write() as tx:
        tx.add(row)
        tx.flush()
    return row
