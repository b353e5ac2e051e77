"""The command line as an operator meets it: help, old forms, refusals, all as real processes."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from booking_ui.__main__ import cli
from booking_ui.db import schema
from booking_ui.db.session import Database, use
from booking_ui.sandbox.settings import FLAGS
from booking_ui.services.journal import heartbeats
from tests.support import commands
from tests.support.databases import to_revision
from tests.support.servers import ROOT, free_port, wait_until

EVERY = sorted(cli.commands)
READ_SETTINGS = {
    "audit": ("verify",), "backup": (), "build": (), "demo": (), "invariants": (), "restore": ("x",), "serve": (), "staff": ("list",),
    "tasks": ("run", "holds"), "worker": (),
}  # fmt: skip
HEAVY = ("pydantic", "sqlalchemy", "sqlmodel", "reflex", "starlette", "structlog", "granian", "requests")


def test_the_commands_are_those_that_are_promised_outside_and_three_more() -> None:
    promised = {
        "serve",
        "worker",
        "staff",
        "backup",
        "restore",
        "invariants",
        "demo",
        "smoke",
        "tasks",
        "audit",
    }
    assert set(EVERY) == promised | {"api-docs", "build", "sandbox"}
    modules = {path.stem.replace("_", "-") for path in (ROOT / "booking_ui/commands").glob("[a-z]*.py")}
    assert modules == set(EVERY)


def test_help_lists_every_command_and_each_has_its_own() -> None:
    listed = commands.process("--help")
    assert (listed.returncode, commands.run("-h").stdout) == (0, listed.stdout)
    assert re.findall(r"^  ([a-z][a-z-]*)  ", listed.stdout, re.MULTILINE) == EVERY
    assert listed.stdout.count("...\n") == 1  # the usage line; no help is cut short
    for name in EVERY:
        done = commands.run(name, "--help")
        assert (done.exit_code, f"python -m booking_ui {name} " in done.stdout) == (0, True)
        assert commands.run(name, "-h").stdout == done.stdout
    for group, name in (("backup", "save"), ("tasks", "list")):
        assert commands.run(group, name, "-h").stdout == commands.run(group, name, "--help").stdout


def test_help_loads_nothing_heavy_and_needs_no_settings() -> None:
    code = f"""
import sys
from booking_ui.__main__ import cli
for name in sorted(cli.commands):
    cli.main([name, "--help"], standalone_mode=False)
print(sorted(set({HEAVY!r}) & set(sys.modules)))
"""
    env = {**os.environ, "SECRET_KEY": "short", "DATABASE_URL": "nonsense"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_setting_that_makes_no_sense_is_one_sentence_and_exit_2_for_every_command() -> None:
    started = {
        name: subprocess.Popen(
            [sys.executable, "-m", "booking_ui", name, *arguments],
            cwd=ROOT, env={**os.environ, "RESCHEDULE_CUTOFF_HOURS": "-1"}, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
        )
        for name, arguments in READ_SETTINGS.items()
    }  # fmt: skip
    for name, process in started.items():
        out, err = process.communicate(timeout=100)
        assert (name, process.returncode, out) == (name, 2, "")
        assert re.fullmatch(r"RESCHEDULE_CUTOFF_HOURS: .+\.\n", err), f"{name}: {err}"
    # The others read none of the clinic's settings.
    assert set(EVERY) - set(READ_SETTINGS) == {"api-docs", "sandbox", "smoke"}


@pytest.mark.parametrize(
    ("old", "arguments", "new"),
    [
        ("serve", ["--dev"], "serve --dev"),
        ("frontend", [], "build"),
        ("backup", ["save", "--to", "a folder"], "backup save --to 'a folder'"),
        ("backup", ["restore", "x.dump", "--force"], "restore x.dump --force"),
        ("staff", ["list"], "staff list"),
        ("smoke", ["http://localhost:3000"], "smoke http://localhost:3000"),
        ("demo", [], "demo"),
        ("sandbox", ["--port", "3100"], "sandbox --port 3100"),
        ("api.reference", [], "api-docs"),
    ],
)
def test_an_old_form_says_the_new_one_in_a_sentence(old: str, arguments: list[str], new: str) -> None:
    done = commands.process(*arguments, module=f"booking_ui.{old}")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"`python -m booking_ui.{old}` is `python -m booking_ui {new}` now.\n"


def test_the_old_form_of_a_part_names_the_command_that_it_is_a_part_of() -> None:
    done = commands.process("10", module="booking_ui.lifeline")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "`python -m booking_ui.lifeline` is a part of `python -m booking_ui serve` now.\n"


def test_the_old_form_of_invariants_says_so_and_counts(sqlite_url: str) -> None:
    nobody = f"http://127.0.0.1:{free_port()}"
    done = commands.process(module="booking_ui.invariants", DATABASE_URL=sqlite_url, RAZORPAY_API_URL=nobody)
    assert (done.returncode, done.stdout.count(" checked, 0 violated\n")) == (0, 9)
    assert done.stderr == "`python -m booking_ui.invariants` is `python -m booking_ui invariants` now.\n"


def test_the_old_form_of_the_worker_works_as_the_same_process_with_its_options(
    sqlite_url: str, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-u", "-mbooking_ui.worker"],
            cwd=ROOT, env={**os.environ, "DATABASE_URL": sqlite_url}, stdout=output, stderr=output,
        )  # fmt: skip
    use(database := Database(sqlite_url))
    try:
        wait_until(
            lambda: "holds" in heartbeats.last_beats(), seconds=60, what="the worker's first heartbeat"
        )
    finally:
        use(None)
        database.dispose()
        process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0
    assert log.read_text().startswith("`python -m booking_ui.worker` is `python -m booking_ui worker` now.\n")
    assert "worker.stopped" in log.read_text()


def test_an_import_is_never_taken_for_an_old_form() -> None:
    code = "import booking_ui.worker, booking_ui.smoke, booking_ui.demo; print('imported')"
    done = subprocess.run(
        [sys.executable, "-c", code, "-m", "booking_ui.worker"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("imported\n", "")


def test_the_root_of_the_package_holds_the_app_the_worker_and_the_command_line() -> None:
    found = {path.name for path in (ROOT / "booking_ui").glob("*.py")}
    assert found == {"__init__.py", "__main__.py", "booking_ui.py", "worker.py"}


NEEDS_THE_CLINIC = {
    "audit": ("audit", "verify"), "demo": ("demo",), "invariants": ("invariants",), "staff": ("staff", "list"), "tasks": ("tasks", "run", "holds"),
}  # fmt: skip


@pytest.mark.parametrize("name", NEEDS_THE_CLINIC)
def test_a_database_that_a_command_cannot_use_is_one_sentence(name: str, tmp_path: Path) -> None:
    older, newer = (f"sqlite:///{tmp_path / file}" for file in ("older.db", "newer.db"))
    for url in (older, newer):
        to_revision(url, "upgrade", "0008")
    with closing(sqlite3.connect(tmp_path / "newer.db")) as later, later:
        later.execute("UPDATE alembic_version SET version_num = '9999'")
    for url, begins, ends in (
        (f"sqlite:///{tmp_path / 'empty.db'}", schema.NOT_YET, ""),
        (f"sqlite:///{tmp_path / 'nowhere' / 'empty.db'}", schema.UNREACHABLE, ""),
        (older, "An earlier version of the clinic made this database (schema 0008", ", then try again."),
        (
            newer,
            "A newer version of the clinic made this database (schema 9999",
            ": update the clinic first.",
        ),
    ):
        use(database := Database(url))
        done = commands.run(*NEEDS_THE_CLINIC[name])
        use(None)
        database.dispose()
        assert (done.exit_code, done.stdout) == (2 if name in {"audit", "invariants"} else 1, "")
        assert (done.stderr.count("\n"), done.stderr.startswith(begins)) == (1, True)
        assert done.stderr.endswith(f"{ends}\n")


@pytest.mark.parametrize(
    ("asked_as", "word"), [((), "Give FILE: "), (("--by-make",), "Give FILE=… (make restore FILE=…): ")]
)
def test_a_restore_without_a_file_asks_for_one_in_the_callers_words(
    asked_as: tuple[str, ...], word: str
) -> None:
    done = commands.run("restore", *asked_as)
    assert done.exit_code == 2
    assert word + "the backup to put in the place of the database." in done.stderr


def test_the_sandbox_names_its_defaults() -> None:
    said = "".join(commands.run("sandbox", "--help").stdout.split())  # click breaks lines anywhere
    for flag in FLAGS:
        assert (f"({flag.variable}).[default:{flag.default}]" in said) is bool(flag.default)


def test_no_file_names_an_old_form_as_the_way() -> None:
    old = re.compile(r"-m[ \"',]+booking_ui\.(?!booking_ui\b)\w+")
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    ours = {"booking_ui/__init__.py", "tests/unit/commands/test_commands.py"}
    texts = (
        name for name in listed.stdout.splitlines() if name.endswith((".py", ".md", "Makefile", ".example"))
    )
    found = [name for name in texts if name not in ours and old.search((ROOT / name).read_text())]
    assert found == []
