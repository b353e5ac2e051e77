"""Quarters of an hour since 1970, in SQL. Midnight of every time zone begins one, so days are made of whole quarters.

The databases need no zones for it: SQLite has none, and the clinic's is a setting.
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


class quarter_of(FunctionElement[int]):  # noqa: N801  # an SQL function, named as such
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


def start_of(quarter: int) -> datetime:
    return EPOCH + quarter * QUARTER
