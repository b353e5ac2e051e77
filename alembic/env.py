"""Migrations run against DATABASE_URL, or the one given with `-x url=…`."""

from __future__ import annotations

from typing import Literal

from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection, create_engine, pool
from sqlmodel import SQLModel

from alembic import context
from booking_ui.config.settings import settings
from booking_ui.db import models


def render_item(kind: str, item: object, _autogen: AutogenContext) -> str | Literal[False]:
    """Migrations stand alone: our Instant is written as the plain column type it is in the database."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, models.Instant) else False


url = context.get_x_argument(as_dictionary=True).get("url") or settings().database


def migrate(connection: Connection | None = None) -> None:
    context.configure(
        connection=connection,
        url=None if connection else url,
        target_metadata=SQLModel.metadata,
        compare_type=True,
        render_item=render_item,
        render_as_batch=True,
        literal_binds=connection is None,
    )
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    migrate()
else:
    with create_engine(url, poolclass=pool.NullPool).connect() as connection:
        migrate(connection)
        connection.commit()
