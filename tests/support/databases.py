"""Databases for tests: each test finds an empty one with the newest schema, without one being made for each."""

from __future__ import annotations

import shutil
from argparse import Namespace
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import psycopg
from alembic.config import Config
from sqlmodel import SQLModel

import booking_ui.db.models  # noqa: F401 - fills SQLModel's metadata
from alembic import command
from tests.support.servers import ROOT, Postgres

MANY_TESTS = 100  # nobody vacuums: after so many the dead rows of all of them go with the database
MANY_ROWS = 2_000  # whoever leaves more leaves bloat and statistics too: the next test gets a new database

# What every CREATE, ALTER and DROP changes, and no DELETE or ANALYZE.
SHAPE = """
    SELECT (SELECT md5(string_agg(oid || ' ' || relname || ' ' || xmin, ',' ORDER BY oid)) FROM pg_class
             WHERE relnamespace = 'public'::regnamespace),
           (SELECT md5(string_agg(c.oid || ' ' || attnum || ' ' || a.xmin, ',' ORDER BY c.oid, attnum))
              FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid WHERE relnamespace = 'public'::regnamespace),
           (SELECT md5(string_agg(oid || ' ' || xmin, ',' ORDER BY oid)) FROM pg_constraint
             WHERE connamespace = 'public'::regnamespace),
           (SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal)
"""
ALONE = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
FROM_ONE = "SELECT setval(oid::regclass, 1, false) FROM pg_class WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace"


@dataclass
class Shelf:
    """One PostgreSQL database that goes from test to test: emptied after each, made anew when its shape was changed."""

    postgres: Postgres
    template: str
    name: str
    shape: object = None
    tests: int = 0

    def take(self) -> str:
        """The address of an empty database."""
        if self.shape is None:
            self.postgres.execute(f"CREATE DATABASE {self.name} TEMPLATE {self.template}")
            with self._inside() as connection:
                self.shape = connection.execute(SHAPE).fetchone()
        self.tests += 1
        return self.postgres.url(self.name)

    def give_back(self) -> None:
        """Whatever a test left is gone when this returns; its connections too."""
        try:
            with self._inside() as connection:
                connection.execute(ALONE)
                kept = connection.execute(SHAPE).fetchone() == self.shape and _emptied(connection)
        except psycopg.Error:
            kept = False
        if not kept or self.tests >= MANY_TESTS:
            self.drop()

    def drop(self) -> None:
        self.postgres.execute(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")
        self.shape, self.tests = None, 0

    def _inside(self) -> psycopg.Connection[tuple[object, ...]]:
        address = self.postgres.url(self.name).replace("+psycopg", "")
        return psycopg.connect(address, autocommit=True, options="-c lock_timeout=5000")


def _emptied(connection: psycopg.Connection[tuple[object, ...]]) -> bool:
    """False when there was too much to delete for the database to be as good as new."""
    with connection.pipeline():
        gone = [
            connection.execute(f'DELETE FROM "{table.name}"'.encode())
            for table in reversed(SQLModel.metadata.sorted_tables)
        ]
        connection.execute(FROM_ONE)
    return sum(one.rowcount for one in gone) <= MANY_ROWS


def lay(template: Path, place: Path) -> None:
    """Put a copy of an SQLite database at `place`, whatever was there before."""
    for old in place.parent.glob(f"{place.name}*"):
        old.unlink()
    # A database in WAL mode keeps its last pages beside it.
    for part in template.parent.glob(f"{template.name}*"):
        shutil.copyfile(part, place.with_name(part.name.replace(template.name, place.name)))


def to_revision(url: str, way: Literal["upgrade", "downgrade"], revision: str) -> None:
    """Bring a database's schema to a revision, in this process."""
    config = Config(str(ROOT / "alembic.ini"), cmd_opts=Namespace(x=[f"url={url}"]))
    {"upgrade": command.upgrade, "downgrade": command.downgrade}[way](config, revision)
