"""The whole database in one file, proven by restoring it.

SQLite by its online backup, PostgreSQL by pg_dump, both of one instant while the clinic is open. A backup counts only
once it was restored into a scratch database and found there to be the same: schema, rows of every table, promises. The
promises of a backup of an earlier version are counted after a migration, in the scratch database only. The file names every patient and opens nothing by itself: keep it where the database's own disk is not, and encrypted.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from booking_ui.config.settings import settings
from booking_ui.db import postgres_copy, schema, sqlite_copy
from booking_ui.db.copying import Contents, CopyError
from booking_ui.db.session import Database, use
from booking_ui.domain.clock import file_mark, iso
from booking_ui.services.upkeep import invariants

NOTE = ".json"


class NotEmptyError(CopyError):
    """The database has rows, and nobody said that they may go."""


@dataclass(frozen=True)
class Saved:
    """A backup and its contents, as noted beside it."""

    file: str
    sha256: str
    version: str
    rows: dict[str, int]
    violations: int
    at: str = ""  # RFC 3339; notes of earlier versions have none


def save(*, folder: Path, now: datetime) -> Saved:
    """Back the database up into `folder` and prove the copy. Raises CopyError; then nothing is left behind."""
    url = settings().database
    copying = _way(url)
    path = folder / f"booking-{file_mark(now)}.{copying.SUFFIX}"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
    except OSError as exc:
        raise CopyError(f"Nothing can be written into {folder}: {exc.strerror}.") from exc
    try:
        contents = copying.save(url, path)
        with copying.scratch(url, path) as restored:
            violations = _proven(restored, contents, now)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    saved = Saved(path.name, _sha256(path), contents.version, contents.rows, violations, iso(now))
    note = _beside(path)
    note.touch(mode=0o600)
    note.write_text(json.dumps(asdict(saved), indent=1) + "\n")
    return saved


def restore(*, file: Path, force: bool, now: datetime) -> Saved:
    """Put a backup in the place of the database. Raises CopyError; then the database is as it was.

    A database with rows is only overwritten with `force`, and is NotEmptyError without. Promises are counted as of the
    instant in the note beside the backup, or as of `now` without one: holds run out while a file lies in a drawer.
    """
    url = settings().database
    copying = _way(url)
    if not file.is_file():
        raise CopyError(f"There is no file {file}.")
    if file.suffix == NOTE:
        raise CopyError(f"{file.name} is the note beside a backup. Give the backup itself: {file.stem}.")
    if not copying.recognizes(file):
        raise CopyError(f"{file.name} is not a backup of this kind of database; DATABASE_URL names another.")
    note = _noted(file)
    if note and note.sha256 != _sha256(file):
        raise CopyError(
            f"{file.name} was changed or cut short since it was written: its checksum does not match."
        )
    if copying.inhabited(url) and not force:
        raise NotEmptyError("The database is not empty.")
    with copying.scratch(url, file) as restored:  # a broken file must not cost the database that is there
        contents = copying.contents(restored)
        wanted = Contents(note.version, note.rows) if note else contents
        violations = _proven(restored, wanted, datetime.fromisoformat(note.at) if note and note.at else now)
    copying.restore(url, file)
    if copying.contents(url) != contents:
        raise CopyError("The restored database differs from the backup: is the clinic still running?")
    return Saved(
        file.name, _sha256(file), contents.version, contents.rows, violations, note.at if note else ""
    )


def _noted(file: Path) -> Saved | None:
    """The note beside a backup; None when there is none. Raises CopyError."""
    path = _beside(file)
    if not path.exists():
        return None
    try:
        note = Saved(**json.loads(path.read_text()))
        if note.at:
            datetime.fromisoformat(note.at)
    except (ValueError, TypeError) as exc:
        raise CopyError(f"{path.name} can't be read. Remove it to restore the backup without it.") from exc
    return note


def _proven(url: str, wanted: Contents, now: datetime) -> int:
    """Compare a restored copy with `wanted`; the number of promises violated in it. Raises CopyError."""
    found = _way(url).contents(url)
    if found.version == "none":
        raise CopyError("This is a database of something else: it has no schema of a clinic.")
    if found != wanted:
        different = sorted(
            name for name in wanted.rows | found.rows if wanted.rows.get(name) != found.rows.get(name)
        )
        raise CopyError(f"The restored copy differs: {', '.join(different) or 'another schema'}.")
    _migrate(url, found.version)
    database = Database(url)
    use(database)
    try:
        return invariants.total(invariants.count(now=now))
    finally:
        use(None)
        database.dispose()


def _migrate(url: str, version: str) -> None:
    """Bring a scratch copy to the schema that this code can read. Raises CopyError."""
    try:
        if schema.pending(version):
            schema.upgrade(url)
    except schema.SchemaError as exc:
        raise CopyError(str(exc)) from exc
    except SQLAlchemyError as exc:
        raise CopyError(
            f"A copy can't be migrated from schema {version} to {schema.newest()} ({type(exc).__name__}): "
            "use the version of the clinic that wrote it."
        ) from exc


def _way(url: str) -> type[sqlite_copy.SqliteCopy] | type[postgres_copy.PostgresCopy]:
    return sqlite_copy.SqliteCopy if url.startswith("sqlite") else postgres_copy.PostgresCopy


def _beside(path: Path) -> Path:
    return path.with_name(path.name + NOTE)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
