"""The start refuses what can't work in a sentence, and ends with everything it started."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from sqlmodel import text

from booking_ui.commands.serving import start
from booking_ui.commands.serving.children import Children, Failed, Stopped
from booking_ui.config.settings import SANDBOX_KEY_ID, SANDBOX_KEY_SECRET, Settings, SettingsError, load
from booking_ui.db import schema
from booking_ui.db.models import Person
from booking_ui.db.session import Database, database, use, write
from booking_ui.services.cases import reconciliation_cases
from tests.support import commands
from tests.support.cast import FEE, Cast
from tests.support.databases import to_revision
from tests.support.paying import opened
from tests.support.sandbox_control import capture_now, control, pay
from tests.support.servers import ROOT, App, child_processes, clinic, free_port, wait_until


@pytest.fixture
def children() -> Iterator[Children]:
    made = Children()
    yield made
    made.ask_to_stop()
    made.stop()


@pytest.mark.parametrize("setting", ["PORT", "SANDBOX_PORT"])
def test_a_taken_port_is_refused_by_the_name_of_its_setting(setting: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(SettingsError, match=rf"^{setting}: port {port} on 127\.0\.0\.1 cannot be used"):
            start._refuse_taken(setting, "127.0.0.1", port)
    start._refuse_taken(setting, "127.0.0.1", port)


def test_a_wrong_setting_ends_the_start_with_one_sentence(tmp_path: Path) -> None:
    done = commands.process("serve", DATA_DIR=str(tmp_path / "data"), SECRET_KEY="short")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "SECRET_KEY is too short: 32 characters or more.\n"
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("command", "place"),
    [
        ("serve", "a file"),
        ("serve", "a file/below"),
        ("serve", "/proc/self"),  # nobody can write there
        ("invariants", "a file"),
        ("tasks run holds", "a file"),
        ("staff list", "a file"),
        ("demo", "a file"),
        ("worker", "a file"),
    ],
)
def test_a_data_dir_that_cannot_be_written_ends_a_command_with_one_sentence(
    tmp_path: Path, command: str, place: str
) -> None:
    (tmp_path / "a file").write_text("")
    at = tmp_path / place
    done = commands.process(
        *command.split(), DATA_DIR=str(at), PORT=str(free_port()), SANDBOX_PORT=str(free_port())
    )
    assert done.returncode == 2, done.stderr
    (sentence,) = done.stderr.splitlines()
    assert sentence.startswith(f"DATA_DIR: {at} can't be written to (")


def test_a_misspelt_name_in_the_env_file_ends_the_start_with_one_sentence(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("RAZORPAY_KEYID=rzp_test_1\n")
    done = subprocess.run(
        [sys.executable, "-m", "booking_ui", "serve"],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "RAZORPAY_KEYID in .env is not a setting; the nearest is RAZORPAY_KEY_ID.\n"


def test_a_database_that_is_not_there_ends_the_start_with_one_sentence(tmp_path: Path) -> None:
    done = commands.process(
        "serve",
        DATABASE_URL=f"postgresql+psycopg://clinic:s3cret@127.0.0.1:{free_port()}/clinic",
        DATA_DIR=str(tmp_path / "data"),
        PORT=str(free_port()),
        SANDBOX_PORT=str(free_port()),
    )
    assert done.returncode == 1
    (sentence,) = [line for line in done.stderr.splitlines() if "DATABASE_URL" in line]
    assert sentence.startswith("DATABASE_URL can't be reached: ")
    assert "Traceback" not in done.stderr
    assert "s3cret" not in done.stderr


def _with_keys(api_url: str, secret: str) -> Settings:
    return load(
        razorpay_key_id=SANDBOX_KEY_ID,
        razorpay_key_secret=secret,
        razorpay_webhook_secret="the secret of the webhook",
        razorpay_api_url=api_url,
    )


@pytest.mark.usefixtures("db")
def test_keys_that_razorpay_refuses_are_told_at_the_start(sandbox: str) -> None:
    assert start.doubt_about_account(_with_keys(sandbox, SANDBOX_KEY_SECRET)) == ""
    told = start.doubt_about_account(_with_keys(sandbox, "mistyped"))
    assert told.startswith(
        f"RAZORPAY_KEY_ID {SANDBOX_KEY_ID} with its RAZORPAY_KEY_SECRET is refused by Razorpay"
    )
    assert "mistyped" not in told


def test_an_account_whose_customers_bear_the_fee_is_told_at_the_start_until_a_payment_is_right(
    cast: Cast, sandbox: str
) -> None:
    """Nobody has heard of the payment yet: the start is the first to see it."""
    ours = _with_keys(sandbox, SANDBOX_KEY_SECRET)
    (_, order), (_, next_order) = (opened(cast, cast.asha, slot) for slot in (0, 1))
    assert start.doubt_about_account(ours) == ""
    pay(sandbox, order, "amount_mismatch", amount=FEE + 1_180)
    capture_now(sandbox)

    for _ in range(2):
        told = start.doubt_about_account(ours)
        assert "₹511.80 instead of ₹500. In Razorpay's dashboard set Account & Settings › Fee bearer" in told
    assert [case.title for case in reconciliation_cases.open_cases()] == [
        "Payments keep coming with another amount than the fee"
    ]

    control(sandbox, "clock/advance", {"seconds": 60})
    pay(sandbox, next_order)
    capture_now(sandbox)
    assert start.doubt_about_account(ours) == ""


def test_keys_that_cannot_be_tried_are_in_no_doubt() -> None:
    assert start.doubt_about_account(_with_keys(f"http://127.0.0.1:{free_port()}", "mistyped")) == ""


@pytest.mark.parametrize(
    ("ends", "status", "said"),
    [(Stopped(), 0, ""), (Failed("The app ended."), 1, "The app ended.\n"), (SettingsError("PORT."), 2, "PORT.\n")],
)  # fmt: skip
def test_how_it_ended_is_the_exit_status(
    ends: Exception, status: int, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signal, "signal", lambda *_: None)

    def end(_: Children, *, reload: bool) -> None:
        raise ends

    monkeypatch.setattr(start, "keep_open", end)
    done = commands.run("serve")
    assert (done.exit_code, done.stderr) == (status, said)


def test_logins_are_shown_in_a_demo_and_test_cards_never_with_live_keys() -> None:
    demo = start.welcome(load())
    assert "http://localhost:3000" in demo
    assert "asha@example.com" in demo
    assert "4100 2800 0000 1007" in demo
    live = start.welcome(
        load(
            razorpay_key_id="rzp_live_1",
            razorpay_key_secret="key",
            razorpay_webhook_secret="hook",
            public_url="https://clinic.example",
            secret_key="k" * 32,
            support_phone="+91 80 1234 5678",
            support_hours="",
        )
    )
    assert "https://clinic.example" in live
    assert "example.com" not in live
    assert "4100" not in live


def _refuses(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def _healthy(app: App) -> bool:
    with suppress(httpx.TransportError), httpx.Client(trust_env=False, timeout=5) as client:
        return client.get(f"{app.base_url}/api/health").status_code == 200
    return False


def _both(server: int) -> list[int] | None:
    """The app's two processes; None while there are more or fewer."""
    found = child_processes(server, "")
    return found if len(found) == 2 else None


@pytest.mark.timeout(420)  # the pages may have to be built
def test_whichever_process_is_killed_is_started_again_and_the_clinic_goes_on(redis_url: str) -> None:
    with clinic(REDIS_URL=redis_url, WORKERS="2") as app:
        ports = [int(app.settings[name]) for name in ("PORT", "SANDBOX_PORT")]
        (server,) = child_processes(app.pid, "granian")
        before = wait_until(lambda: _both(server), what="two processes")
        os.kill(before[0], signal.SIGKILL)
        # A connection may have waited for the one that died.
        wait_until(lambda: _healthy(app), seconds=10, what="the other process's answer")
        wait_until(lambda: before[0] not in (_both(server) or before), what="another process in its place")

        os.kill(server, signal.SIGKILL)
        wait_until(
            lambda: [one for one in child_processes(app.pid, "granian") if one != server], what="a new server"
        )
        wait_until(lambda: _healthy(app), seconds=60, what="the clinic's answer")
        wait_until(lambda: not child_processes(server, ""), what="the end of those it left behind")

        (sandbox,) = child_processes(app.pid, "booking_ui sandbox")
        os.kill(sandbox, signal.SIGKILL)
        wait_until(
            lambda: child_processes(app.pid, "booking_ui sandbox") != [sandbox] and not _refuses(ports[1]),
            seconds=60,
            what="a new sandbox",
        )
        assert _healthy(app)
        said = [
            line
            for line in app.log.read_text().splitlines()
            if "process.ended" in line or "Unexpected" in line
        ]
        assert len(said) == 3, said
    assert all(map(_refuses, ports))


def test_live_keys_are_refused_while_a_demo_login_can_sign_in(sqlite_url: str, children: Children) -> None:
    use(Database(sqlite_url))
    with write() as tx:
        for email, password_hash in (("asha@example.com", "$argon2id$x"), ("ravi@example.com", "!")):
            tx.add(
                Person(
                    name="A",
                    email=email,
                    phone="+919800000001",
                    password_hash=password_hash,
                    demo=True,
                    created_at=datetime(2026, 1, 5, tzinfo=UTC),
                )
            )
    live = load(
        razorpay_key_id="rzp_live_1234567890abcd",
        razorpay_key_secret="s",
        razorpay_webhook_secret="w",
        public_url="https://clinic.example",
        secret_key="k" * 40,
        support_phone="+91 80 1234 5678",
        support_hours="",
        database_url=sqlite_url,
    )
    with pytest.raises(Failed, match=r"^DEMO logins can still sign in \(asha@example\.com\)"):
        start._prepare_database(live, children)
    database().dispose()
    use(None)


def test_a_migration_under_a_clinic_that_runs_is_refused_until_it_is_stopped(
    database_url: str, children: Children, configured: pytest.MonkeyPatch
) -> None:
    configured.setattr(start, "CLOSING", 0.5)
    to_revision(database_url, "downgrade", "0008")
    now = load(database_url=database_url)
    running = Database(database_url)
    with running.engine.connect() as connection:
        connection.execute(text("SELECT version_num FROM alembic_version"))
    with pytest.raises(
        Failed, match=r"^DATABASE_URL is still in use, .* after migration 0009 and 0016: stop every app"
    ):
        start._refuse_schema(now, children)
    assert schema.version(database_url) == "0008"
    running.dispose()
    start._refuse_schema(now, children)
    to_revision(database_url, "upgrade", "0016")  # a later migration leaves an earlier process its columns
    with running.engine.connect() as connection:
        connection.execute(text("SELECT version_num FROM alembic_version"))
    start._refuse_schema(now, children)
    running.dispose()


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_code_older_than_the_schema_is_refused_in_a_sentence(
    command: str, sqlite_url: str, tmp_path: Path
) -> None:
    newer = Database(sqlite_url)
    with newer.write() as tx:
        tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    newer.dispose()
    done = commands.process(
        command,
        DATABASE_URL=sqlite_url,
        DATA_DIR=str(tmp_path / "data"),
        PORT=str(free_port()),
        SANDBOX_PORT=str(free_port()),
    )
    assert done.returncode == 1
    (sentence,) = [line for line in done.stderr.splitlines() if "schema" in line]
    assert sentence.startswith("A newer version of the clinic made this database (schema 9999;")
    assert "Traceback" not in done.stderr
