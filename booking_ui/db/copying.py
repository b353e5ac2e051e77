"""The contents by which a copy of a database is compared with it."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa


class CopyError(Exception):
    """A backup or a restore did not happen; the text is one sentence for the operator."""


@dataclass(frozen=True)
class Contents:
    version: str
    rows: dict[str, int]


def contents(connection: sa.Connection) -> Contents:
    names = sorted(sa.inspect(connection).get_table_names())
    rows = {
        name: int(connection.execute(sa.select(sa.func.count()).select_from(sa.table(name))).scalar_one())
        for name in names
    }
    if "alembic_version" not in rows:
        return Contents("none", rows)
    version = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
    return Contents(str(version or "none"), rows)


def inhabited(url: str) -> bool:
    engine = sa.create_engine(url)
    try:
        with engine.connect() as connection:
            found = contents(connection).rows
    finally:
        engine.dispose()
    return any(count for name, count in found.items() if name != "alembic_version")
