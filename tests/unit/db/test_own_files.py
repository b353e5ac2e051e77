"""Files that name patients are closed to the machine's other users."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from booking_ui.config.settings import load
from booking_ui.db import own_files


def test_what_names_patients_is_read_by_nobody_else_on_the_machine(tmp_path: Path) -> None:
    data = tmp_path / "open"
    data.mkdir(mode=0o755)
    (data / "sandbox.db").touch(mode=0o644)  # of an earlier start
    own_files.protect(data, load(data_dir=data).database)
    with sqlite3.connect(data / "booking.db") as opened:
        opened.execute("PRAGMA journal_mode=WAL")
        opened.execute("CREATE TABLE one (two)")
        opened.commit()
        modes = {path.name: path.stat().st_mode & 0o007 for path in data.iterdir()}
    opened.close()
    assert modes == dict.fromkeys(
        ("booking.db", "booking.db-shm", "booking.db-wal", "sandbox.db", "states"), 0
    )
