"""The files that name patients are read by nobody else on the machine, whatever the folder they lie in allows."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import sqlalchemy as sa


def keep(data_dir: Path, url: str) -> None:
    """Make them before anybody else does, closed to others, and close those of an earlier start.

    SQLite gives what it puts beside a database the mode of the database.
    """
    states = data_dir / "states"  # what open tabs show
    states.mkdir(mode=0o700, parents=True, exist_ok=True)
    databases = [data_dir / "sandbox.db"]
    if url.startswith("sqlite"):
        databases.append(Path(sa.make_url(url).database or ""))
    for file in databases:
        if file.parent.is_dir():
            file.touch(mode=0o600)
    beside = [Path(f"{file}{end}") for file in databases for end in ("-wal", "-shm")]
    for path in (states, *databases, *beside):
        with suppress(FileNotFoundError, PermissionError):
            path.chmod(path.stat().st_mode & 0o770)
