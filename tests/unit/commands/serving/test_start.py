"""The supervisor leaves nobody behind; the pages are built once and laid out for any address."""

from __future__ import annotations

import gzip
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from booking_ui.commands import frontend, lifeline, serve
from booking_ui.commands.serve import Children, Failed, Stopped
from booking_ui.config.settings import Settings, SettingsError, load
from booking_ui.db import own_files
from booking_ui.db.models import Person
from booking_ui.db.session import Database, database, use, write
from tests.support.servers import ROOT, clinic, free_port, wait_until

DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
PARENT = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {DEAF!r}])"


@pytest.fixture
def children() -> Iterator[Children]:
    made = Children()
    yield made
    made.ask_to_stop()
    made.stop()


def _members(group: int) -> list[int]:
    """Process ids of a group, the dead who nobody buried left out."""
    listed = subprocess.run(
        ["ps", "-A", "-o", "pid=,pgid=,stat="], capture_output=True, text=True, check=True
    )
    rows = [line.split() for line in listed.stdout.splitlines()]
    return [int(pid) for pid, pgid, state in rows if int(pgid) == group and not state.startswith("Z")]


def _group(children: Children) -> int:
    return children._running[-1][1].pid


def test_a_grandchild_that_ignores_sigterm_is_gone_after_the_grace(
    children: Children, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serve, "GRACE", 0.3)
    children.start("Deaf", [sys.executable, "-c", PARENT], {})
    group = _group(children)
    wait_until(lambda: len(_members(group)) == 2, what="parent and child")
    children.stop()
    wait_until(lambda: _members(group) == [], what="an empty group")


def test_a_second_request_to_stop_does_not_wait_for_the_grace(children: Children) -> None:
    children.start("Deaf", [sys.executable, "-c", DEAF], {})
    group = _group(children)
    stopping = threading.Thread(target=children.stop)
    stopping.start()

    def ended() -> bool:
        children.ask_to_stop()
        return not stopping.is_alive()

    wait_until(ended, seconds=serve.GRACE / 2, what="the end")
    assert _members(group) == []


SUPERVISOR = f"""
import sys, time
from booking_ui.commands import serve
serve.GRACE = 0.3
children = serve.Children()
children.run("A step", [sys.executable, "-c", "pass"], {{}})
children.start("Deaf", [sys.executable, "-c", {PARENT!r}], {{}})
children.start("Willing", [sys.executable, "-c", "import time; time.sleep(60)"], {{}})
print("pids", *(process.pid for _, process in children._running), children._lifeline.pid, flush=True)
time.sleep(60)
"""


def test_a_supervisor_that_is_killed_leaves_nobody_behind() -> None:
    supervisor = subprocess.Popen([sys.executable, "-c", SUPERVISOR], cwd=ROOT, stdout=subprocess.PIPE)
    try:
        assert supervisor.stdout is not None
        said = next(
            line for line in supervisor.stdout if line.startswith(b"pids ")
        )  # its children speak there too
        deaf, willing, watcher = map(int, said.split()[1:])
        wait_until(lambda: len(_members(deaf)) == 2, what="parent and child")
        assert len(_members(willing)) == 1
    finally:
        supervisor.kill()
        supervisor.communicate()
    wait_until(lambda: _members(deaf) + _members(willing) + _members(watcher) == [], what="empty groups")


def test_only_who_was_started_and_not_ended_is_left_behind() -> None:
    assert lifeline.left_behind(["+7\n", "+8\n", "-7\n", "+9\n", "-4\n"]) == [8, 9]


def test_a_clinic_that_stops_by_itself_ends_its_lifeline_too(children: Children) -> None:
    children.start("Willing", [sys.executable, "-c", "import time; time.sleep(60)"], {})
    assert children._lifeline is not None
    pid = children._lifeline.pid
    children.stop()
    assert _members(pid) == []


def test_a_step_is_silent_unless_it_fails(children: Children, capfd: pytest.CaptureFixture[str]) -> None:
    children.run("Counting", [sys.executable, "-c", "print(1)"], {})
    assert capfd.readouterr() == ("", "")
    with pytest.raises(Failed, match=r"(?s)no such table.*Counting failed"):
        children.run("Counting", [sys.executable, "-c", "raise SystemExit('no such table')"], {})
    assert children._running == []


def test_a_stop_interrupts_a_step_and_ends_it(children: Children, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "GRACE", 0.3)
    threading.Timer(0.2, children.ask_to_stop).start()
    with pytest.raises(Stopped):
        children.run("Deaf", [sys.executable, "-c", DEAF], {})
    group = _group(children)
    children.stop()
    assert _members(group) == []


def test_a_child_that_ends_is_named(children: Children) -> None:
    children.start("The sandbox", [sys.executable, "-c", "raise SystemExit(3)"], {})
    children._running[0][1].wait()
    with pytest.raises(Failed, match="The sandbox ended with status 3"):
        children.check()


@pytest.mark.parametrize("setting", ["PORT", "SANDBOX_PORT"])
def test_a_taken_port_is_refused_by_the_name_of_its_setting(setting: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(SettingsError, match=rf"^{setting}: port {port} on 127\.0\.0\.1 cannot be used"):
            serve._refuse_taken(setting, "127.0.0.1", port)
    serve._refuse_taken(setting, "127.0.0.1", port)


def test_a_wrong_setting_ends_the_start_with_one_sentence(tmp_path: Path) -> None:
    env = {**os.environ, "DATA_DIR": str(tmp_path / "data"), "SECRET_KEY": "short"}
    done = subprocess.run(
        [sys.executable, "-m", "booking_ui.commands.serve"], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "SECRET_KEY is too short: 32 characters or more.\n"
    assert not (tmp_path / "data").exists()


def test_a_database_that_is_not_there_ends_the_start_with_one_sentence(tmp_path: Path) -> None:
    address = f"postgresql+psycopg://clinic:s3cret@127.0.0.1:{free_port()}/clinic"
    env = {**os.environ, "DATA_DIR": str(tmp_path / "data"), "PORT": str(free_port())}
    done = subprocess.run(
        [sys.executable, "-m", "booking_ui.commands.serve"],
        cwd=ROOT, env={**env, "DATABASE_URL": address, "SANDBOX_PORT": str(free_port())},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    (sentence,) = [line for line in done.stderr.splitlines() if "DATABASE_URL" in line]
    assert sentence.startswith("DATABASE_URL can't be reached: ")
    assert "Traceback" not in done.stderr
    assert "s3cret" not in done.stderr


@pytest.mark.parametrize(
    ("ends", "status", "said"),
    [(Stopped(), 0, ""), (Failed("The app ended."), 1, "The app ended.\n"), (SettingsError("PORT."), 2, "PORT.\n")],
)  # fmt: skip
def test_how_it_ended_is_the_exit_status(
    ends: Exception,
    status: int,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(signal, "signal", lambda *_: None)

    def end(_: Children, *, reload: bool) -> None:
        raise ends

    monkeypatch.setattr(serve, "serve", end)
    assert serve.main([]) == status
    assert capsys.readouterr().err == said


def test_logins_are_shown_in_a_demo_and_test_cards_never_with_live_keys() -> None:
    demo = serve.welcome(load())
    assert "http://localhost:3000" in demo
    assert "asha@example.com" in demo
    assert "4100 2800 0000 1007" in demo
    live = serve.welcome(
        load(
            razorpay_key_id="rzp_live_1",
            razorpay_key_secret="key",
            razorpay_webhook_secret="hook",
            public_url="https://clinic.example",
            secret_key="k" * 32,
        )
    )
    assert "https://clinic.example" in live
    assert "example.com" not in live
    assert "4100" not in live


SCRIPT = 'var e={PING:`http://origin.invalid/ping`,EVENT:"ws://origin.invalid/_event"};'
KNOWING = 'var e={PING:(location.origin+`/ping`),EVENT:(location.origin.replace(/^http/,"ws")+"/_event")};'


class Workshop:
    """A tree of sources, and a builder that writes what Reflex would."""

    def __init__(self, root: Path) -> None:
        self.root, self.runs = root, 0
        self.write("booking_ui/pages/patient/search.py", "home")
        self.write("booking_ui/api/patient/doctors.py", "api")
        self.write("rxconfig.py", "config")
        self.write("requirements.txt", "reflex")

    def write(self, path: str, text: str) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)

    def run(self, command: list[str], env: Mapping[str, str]) -> None:
        if "export" in command:
            assert env["PUBLIC_URL"] == frontend.NOWHERE
            self.runs += 1
            self.write(".cache/web/build/client/assets/env.js", SCRIPT)
            self.write(".cache/web/build/client/assets/same.js", "1")
            self.write(".cache/web/build/client/index.html", '<meta content="http://origin.invalid/">')
        else:
            for path in (self.root / ".cache/web/build/client").rglob("*.*"):
                path.with_name(path.name + ".br").write_bytes(b"brotli")
                path.with_name(path.name + ".gz").write_bytes(b"gzip")

    def ensure(self, **given: object) -> Path:
        return frontend.ensure(load(**given), self.run) / "build/client"


@pytest.fixture
def workshop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    monkeypatch.setattr(frontend, "ROOT", tmp_path)
    monkeypatch.setattr(frontend, "CACHE", tmp_path / ".cache")
    return Workshop(tmp_path)


def test_a_second_start_builds_nothing(workshop: Workshop) -> None:
    assert workshop.ensure() == workshop.ensure()
    assert workshop.runs == 1


def test_another_address_is_laid_out_without_a_build(workshop: Workshop) -> None:
    first, second = workshop.ensure(), workshop.ensure(public_url="https://clinic.example/")
    assert workshop.runs == 1
    assert (first / "index.html").read_text() == '<meta content="http://localhost:3000/">'
    assert (second / "index.html").read_text() == '<meta content="https://clinic.example/">'
    assert gzip.decompress((second / "index.html.gz").read_bytes()) == (second / "index.html").read_bytes()
    assert not (second / "index.html.br").exists()
    assert (second / "assets/same.js.br").read_bytes() == b"brotli"


def test_scripts_ask_the_browser_for_the_address(workshop: Workshop) -> None:
    assert (workshop.ensure() / "assets/env.js").read_text() == KNOWING


@pytest.mark.parametrize(
    ("path", "builds"),
    [
        ("booking_ui/pages/patient/search.py", 2),
        ("booking_ui/services/views.py", 2),
        ("assets/theme.css", 2),
        ("rxconfig.py", 2),
        ("requirements.txt", 2),
        ("reflex.lock/package-lock.json", 2),
        ("booking_ui/api/patient/doctors.py", 1),
        ("booking_ui/worker.py", 1),
        ("tests/test_home.py", 1),
    ],
)
def test_the_pages_are_built_again_when_something_that_reaches_them_changes(
    workshop: Workshop, path: str, builds: int
) -> None:
    workshop.ensure()
    workshop.write(path, "changed")
    workshop.ensure()
    assert workshop.runs == builds


def test_a_name_on_the_pages_is_part_of_the_build_and_a_secret_is_not(workshop: Workshop) -> None:
    workshop.ensure()
    workshop.ensure(secret_key="k" * 32, database_url="sqlite:///elsewhere.db")
    assert workshop.runs == 1
    workshop.ensure(merchant_name="Another clinic")
    assert workshop.runs == 2


def test_a_build_is_told_every_setting_and_no_secret() -> None:
    told = frontend.build_settings(
        load(razorpay_key_id="rzp_test_1", razorpay_key_secret="key", razorpay_webhook_secret="hook", redis_url="redis://h")
    )  # fmt: skip
    assert set(told) == {name.upper() for name in Settings.model_fields}
    assert {"rzp_test_1", "key", "hook", "redis://h"}.isdisjoint(told.values())
    assert load(**{name.lower(): value for name, value in told.items()}).sandbox


def test_a_failed_build_leaves_nothing_that_looks_finished(workshop: Workshop) -> None:
    def fail(command: list[str], env: Mapping[str, str]) -> None:
        raise Failed("no Node")

    with pytest.raises(Failed):
        frontend.ensure(load(), fail)
    workshop.ensure()
    assert workshop.runs == 1


def test_old_bundles_are_forgotten_and_used_ones_kept(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frontend, "KEPT", 4)
    for number in range(4):
        workshop.write("booking_ui/pages/patient/search.py", str(number))
        kept = workshop.ensure()
    places = [p for p in (workshop.root / ".cache/frontend").iterdir() if p.is_dir()]
    assert len(places) == 4
    assert kept.exists()


def _refuses(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def _child(parent: int, module: str) -> int:
    listed = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid=,command="], capture_output=True, text=True, check=True
    )
    rows = [line.split(maxsplit=2) for line in listed.stdout.splitlines()]
    return next(int(pid) for pid, ppid, command in rows if int(ppid) == parent and module in command)


@pytest.mark.timeout(360)  # the pages may have to be built
def test_when_the_sandbox_dies_the_clinic_closes_and_says_why() -> None:
    with clinic() as app:
        os.kill(_child(app.pid, "booking_ui.sandbox"), signal.SIGKILL)
        ports = [int(app.settings[name]) for name in ("PORT", "SANDBOX_PORT")]
        wait_until(lambda: all(map(_refuses, ports)), what="closed ports")
        assert "The sandbox ended with status -9" in app.last_words()


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
        database_url=sqlite_url,
    )
    with pytest.raises(Failed, match=r"^DEMO logins can still sign in \(asha@example\.com\)"):
        serve._prepare_database(live, children)
    database().dispose()
    use(None)


def test_what_names_patients_is_read_by_nobody_else_on_the_machine(tmp_path: Path) -> None:
    data = tmp_path / "open"
    data.mkdir(mode=0o755)
    (data / "sandbox.db").touch(mode=0o644)  # of an earlier start
    own_files.keep(data, load(data_dir=data).database)
    with sqlite3.connect(data / "booking.db") as opened:
        opened.execute("PRAGMA journal_mode=WAL")
        opened.execute("CREATE TABLE one (two)")
        opened.commit()
        modes = {path.name: path.stat().st_mode & 0o007 for path in data.iterdir()}
    opened.close()
    assert modes == dict.fromkeys(
        ("booking.db", "booking.db-shm", "booking.db-wal", "sandbox.db", "states"), 0
    )
