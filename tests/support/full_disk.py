"""A full disk under SQLite, without a disk of one's own: the kernel lets no file of these processes grow (RLIMIT_FSIZE)."""

from __future__ import annotations

import resource
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

LARGEST = 1024 * 1024  # bytes; a file that is shorter, as a log is, may still grow


@contextmanager
def no_room(database: Path, processes: Sequence[int]) -> Iterator[None]:
    """Inside, these processes can commit nothing. Linux only.

    A reader stays, so that SQLite can't begin its write-ahead log anew, and that log is made as long as a file may be:
    each commit would have to make it longer.
    """
    log = database.with_name(f"{database.name}-wal")
    with closing(_opened(database)) as reader, closing(_opened(database)) as writer:
        while writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
            continue  # somebody was reading or writing
        reader.execute("BEGIN")
        reader.execute("SELECT COUNT(*) FROM person").fetchone()
        (version,) = writer.execute("PRAGMA user_version").fetchone()
        while not log.exists() or log.stat().st_size < LARGEST:
            writer.execute(f"PRAGMA user_version = {version}")
        before = {one: resource.prlimit(one, resource.RLIMIT_FSIZE) for one in processes}
        try:
            for one, (_, hard) in before.items():
                resource.prlimit(one, resource.RLIMIT_FSIZE, (LARGEST, hard))
            yield
        finally:
            for one, limits in before.items():
                resource.prlimit(one, resource.RLIMIT_FSIZE, limits)


def _opened(database: Path) -> sqlite3.Connection:
    found = sqlite3.connect(database, isolation_level=None, timeout=30)
    found.execute("PRAGMA synchronous = OFF")
    return found
