"""Quarters of an hour since 1970, in SQL: every time zone's midnight begins one, so whole days are made of them.

Neither database is asked about zones: SQLite knows none, and the clinic's is a setting.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

QUARTER = timedelta(minutes=15)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class quarter_of(FunctionElement[int]):  # noqa: N801  # a function of SQL, written as one
    """The number of the quarter that an instant lies in."""

    type = sa.BigInteger()
    inherit_cache = True


@compiles(quarter_of, "sqlite")
def _sqlite(element: quarter_of, compiler: SQLCompiler, **options: Any) -> str:
    # Whole seconds only: strftime rounds a fraction of .9995 up, over midnight.
    second = f"substr({compiler.process(element.clauses, **options)}, 1, 19)"
    return f"(CAST(strftime('%s', {second}) AS INTEGER) / 900)"


@compiles(quarter_of, "postgresql")
def _postgresql(element: quarter_of, compiler: SQLCompiler, **options: Any) -> str:
    return f"CAST(FLOOR(EXTRACT(EPOCH FROM {compiler.process(element.clauses, **options)}) / 900) AS BIGINT)"


def begins(quarter: int) -> datetime:
    """When a quarter begins."""
    return EPOCH + quarter * QUARTER
