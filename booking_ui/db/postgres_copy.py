"""PostgreSQL: copied by pg_dump from an exported snapshot, restored by psql in one transaction."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import sqlalchemy as sa

from booking_ui.db import copying
from booking_ui.db.copying import Contents, CopyError
from booking_ui.db.schema import UNREACHABLE


class PostgresCopy:
    SUFFIX: ClassVar[str] = "pgdump"

    @staticmethod
    def recognizes(file: Path) -> bool:
        with file.open("rb") as read:
            return read.read(5) == b"PGDMP"

    @staticmethod
    def save(url: str, to: Path) -> Contents:
        """Everything as of one instant: pg_dump reads the very snapshot in which the rows are counted."""
        program = _program("pg_dump")
        with _engine(url, isolation_level="REPEATABLE READ") as engine, engine.connect() as connection:
            snapshot = connection.execute(sa.text("SELECT pg_export_snapshot()")).scalar_one()
            found = copying.contents(connection)
            options = ["--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}"]
            _run([program, *options, f"--file={to}"], url)
        return found

    @staticmethod
    @contextmanager
    def scratch(url: str, file: Path) -> Iterator[str]:
        """Restore the backup into a scratch database on the same server, which is dropped at the end; yields its URL."""
        name = f"restored_{secrets.token_hex(6)}"
        there = sa.make_url(url).set(database=name).render_as_string(hide_password=False)
        with _engine(url, isolation_level="AUTOCOMMIT") as engine:
            try:
                with engine.connect() as connection:
                    connection.execute(sa.text(f"CREATE DATABASE {name} TEMPLATE template0"))
            except sa.exc.ProgrammingError as exc:
                raise CopyError(
                    "The role of DATABASE_URL may not create the scratch database that proves a backup: "
                    "ALTER ROLE … CREATEDB, or use one that may."
                ) from exc
            try:
                _run(
                    [_program("pg_restore"), "--no-owner", "--exit-on-error", f"--dbname={name}", str(file)],
                    there,
                )
                yield there
            finally:
                with engine.connect() as connection:
                    connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))

    @staticmethod
    def contents(url: str) -> Contents:
        with _engine(url, isolation_level="REPEATABLE READ") as engine, engine.connect() as connection:
            return copying.contents(connection)

    @staticmethod
    def inhabited(url: str) -> bool:
        with _engine(url):
            return copying.inhabited(url)

    @staticmethod
    def restore(url: str, file: Path) -> None:
        """All or nothing, in one transaction. Tables that the backup does not know go too: a later schema made them."""
        options = ["--clean", "--if-exists", "--no-owner", "--no-privileges"]
        with _engine(url) as engine, engine.connect() as connection:
            tables = sa.inspect(connection).get_table_names()
        name = sa.make_url(url).database
        quoted = ", ".join(engine.dialect.identifier_preparer.quote(one) for one in tables)
        empty = [f"--command=DROP TABLE IF EXISTS {quoted} CASCADE"] if tables else []
        with tempfile.TemporaryDirectory(prefix="restoring-") as home:
            script = Path(home) / "backup.sql"
            _run([_program("pg_restore"), *options, f"--file={script}", str(file)], url)
            at_once = ["--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1"]
            _run([_program("psql"), *at_once, f"--dbname={name}", *empty, f"--file={script}"], url)


@contextmanager
def _engine(url: str, **options: Any) -> Iterator[sa.Engine]:
    engine = sa.create_engine(url, poolclass=sa.NullPool, **options)
    try:
        try:
            engine.connect().close()
        except sa.exc.OperationalError as exc:
            raise CopyError(UNREACHABLE) from exc
        yield engine
    finally:
        engine.dispose()


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise CopyError(
            f"{name} is not on the PATH: install PostgreSQL's client programs (postgresql-client)."
        )
    return found


def _run(command: list[str], url: str) -> None:
    """Run a client program. The password goes through the environment: every user of the machine can read command lines."""
    given = sa.make_url(url)
    named = {
        "PGHOST": given.host or given.query.get("host"),
        "PGPORT": given.port or given.query.get("port"),
        "PGUSER": given.username,
        "PGPASSWORD": given.password,
        "PGDATABASE": given.database,
        "PGSSLMODE": given.query.get("sslmode"),
    }
    env = os.environ | {name: str(value) for name, value in named.items() if value}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or ["no reason given"]
        raise CopyError(f"{Path(command[0]).name} failed: {last[0]}")
