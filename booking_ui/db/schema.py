"""The schema of a database, compared with the newest that this code knows."""

from __future__ import annotations

import sqlite3
from argparse import Namespace
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa
from alembic.config import Config
from alembic.script import ScriptDirectory

from alembic import command
from booking_ui.db.session import database

INI = Path(__file__).resolve().parents[2] / "alembic.ini"

UNREACHABLE = "The database can't be reached: is it running, and is DATABASE_URL the clinic's?"
NOT_YET = "There is no clinic in this database yet: start it once (make run), then try again."
# A role is the clinic's own: connections of other roles, such as a monitor's, are none of its processes.
OTHERS = sa.text(
    "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND usename = current_user "
    "AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
)


class SchemaError(Exception):
    """The database can't be used as it is; the text is one sentence for the operator."""


class UnreachableError(SchemaError):
    """The database is away."""


class NewerSchemaError(SchemaError):
    """A newer version of the clinic has migrated the database, or made the backup."""


def version(url: str) -> str | None:
    """The revision of a database, None for one without a clinic. Raises UnreachableError."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    try:
        with engine.connect() as connection:
            if not sa.inspect(connection).has_table("alembic_version"):
                return None
            found = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
            return str(found) if found else None
    except sa.exc.OperationalError as exc:
        raise UnreachableError(UNREACHABLE) from exc
    finally:
        engine.dispose()


def newest() -> str:
    """The revision to which this code migrates a database."""
    return str(_scripts().get_current_head())


def pending(found: str) -> list[str]:
    """The revisions that lie between `found` and the newest, oldest first. Raises NewerSchemaError."""
    return [name for name, _ in _pending(found)]


def pending_alone(found: str) -> list[str]:
    """Those of the pending revisions under which a process of an earlier version can't go on working."""
    return [name for name, alone in _pending(found) if alone]


def _pending(found: str) -> list[tuple[str, bool]]:
    scripts = _scripts()
    known = {one.revision for one in scripts.walk_revisions()}
    if found not in known:
        raise NewerSchemaError(
            f"A newer version of the clinic made this database (schema {found}; this version knows those "
            f"up to {newest()}): update the clinic first."
        )
    steps = [one for one in scripts.iterate_revisions("head", found) if one.revision != found]
    return [(one.revision, getattr(one.module, "ALONE", False)) for one in reversed(steps)]


def is_in_use(url: str) -> bool:
    """True while another connection to the database is open, such as one of a clinic that runs."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(str(sa.make_url(url).database), timeout=0)) as opened:
            try:
                opened.execute(
                    "PRAGMA journal_mode=DELETE"
                )  # a clinic's is WAL, and left by the last one only
            except sqlite3.OperationalError:
                return True
            return False
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    try:
        with engine.connect() as connection:
            return bool(connection.execute(OTHERS).scalar_one())
    finally:
        engine.dispose()


def refuse_newer(url: str) -> None:
    """Raises NewerSchemaError for a database that a newer version has migrated. One that is away, or empty, passes."""
    try:
        found = version(url)
    except SchemaError:
        return
    if found is not None:
        pending(found)


def require_current() -> None:
    """Raises SchemaError unless the database of this process has the newest schema."""
    found = version(database().url)
    if found is None:
        raise SchemaError(NOT_YET)
    if pending(found):
        raise SchemaError(
            f"An earlier version of the clinic made this database (schema {found}, needed is {newest()}): "
            "restart the clinic (make run), which migrates it, then try again."
        )


def upgrade(url: str) -> None:
    """Migrate a database to the newest revision, in this process."""
    command.upgrade(Config(str(INI), cmd_opts=Namespace(x=[f"url={url}"])), "head")


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(Config(str(INI)))
