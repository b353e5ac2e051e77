"""Access to the files that name patients: only for the clinic's own user, whatever their folder allows."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import sqlalchemy as sa


def protect(data_dir: Path, url: str) -> None:
    """Create the files closed to other users, and close those of an earlier start.

    SQLite gives the files that it puts beside a database the mode of the database.
    """
    states = data_dir / "states"  # the state of open tabs
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
