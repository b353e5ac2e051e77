"""SQLite: copied by its online backup, restored by putting the file in place."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import ClassVar

import sqlalchemy as sa

from booking_ui.db import copying
from booking_ui.db.copying import Contents, CopyError


class SqliteCopy:
    SUFFIX: ClassVar[str] = "sqlite"

    @staticmethod
    def recognizes(file: Path) -> bool:
        with file.open("rb") as read:
            return read.read(16) == b"SQLite format 3\0"

    @staticmethod
    def save(url: str, to: Path) -> Contents:
        """Everything as of one instant, while others read and write."""
        source = _path(url)
        if not source.exists():
            raise CopyError(f"There is no database at {source}.")
        with closing(sqlite3.connect(source)) as here, closing(sqlite3.connect(to)) as there:
            here.backup(there)
            there.execute("PRAGMA journal_mode=DELETE")  # one file, with nothing beside it
        return SqliteCopy.contents(f"sqlite:///{to}")

    @staticmethod
    @contextmanager
    def scratch(url: str, file: Path) -> Iterator[str]:
        """Restore the backup into a temporary folder; yields its URL."""
        del url
        with tempfile.TemporaryDirectory(prefix="restored-") as home:
            copy = Path(home) / "booking.db"
            shutil.copyfile(file, copy)
            with closing(sqlite3.connect(copy)) as opened:
                found = _integrity(opened)
            if found != "ok" or file.stat().st_size != _header_size(file):
                raise CopyError(f"{file.name} is damaged: {found}.")
            yield f"sqlite:///{copy}"

    @staticmethod
    def contents(url: str) -> Contents:
        engine = sa.create_engine(url)
        try:
            with engine.connect() as connection:
                return copying.contents(connection)
        finally:
            engine.dispose()

    @staticmethod
    def inhabited(url: str) -> bool:
        return _path(url).exists() and copying.inhabited(url)

    @staticmethod
    def restore(url: str, file: Path) -> None:
        """In one step: a process that opens the database finds the old one or the new one."""
        target = _path(url)
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if target.exists():
            _close(target)
        draft = target.with_name(f"{target.name}.restoring")
        draft.touch(mode=0o600)
        shutil.copyfile(file, draft)
        draft.replace(target)


def _close(target: Path) -> None:
    """Bring the last pages into the database file. Left beside the new file they would be read into it.

    Raises CopyError when another process has the database open.
    """
    with closing(sqlite3.connect(target, timeout=2)) as opened:
        try:
            opened.execute("PRAGMA journal_mode=DELETE")
        except sqlite3.OperationalError as exc:
            raise CopyError("The database is in use. Stop the clinic first.") from exc


def _integrity(opened: sqlite3.Connection) -> str:
    try:
        return str(opened.execute("PRAGMA integrity_check(1)").fetchone()[0])
    except sqlite3.DatabaseError as exc:
        return str(exc)


def _header_size(file: Path) -> int:
    """The size in bytes in the header: without comparing it, a file cut within its last page would pass for whole."""
    with file.open("rb") as read:
        head = read.read(32)
    page = int.from_bytes(head[16:18]) if head[16:18] != b"\0\1" else 65536
    return page * int.from_bytes(head[28:32])


def _path(url: str) -> Path:
    name = sa.make_url(url).database
    if not name or name == ":memory:":
        raise CopyError("A database in memory can't be backed up.")
    return Path(name)
