"""The command that makes the first desk account, as an operator runs it: a real process at a real terminal."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from booking_ui.commands import staff as command
from booking_ui.config.settings import settings
from booking_ui.db.session import Database, database, use
from booking_ui.domain.clock import utc_now
from booking_ui.domain.errors import WrongCredentials
from booking_ui.services.accounts import authentication
from tests.support.servers import ROOT

MAIL, PASSWORD = "esha@clinic.example", "a long desk password"
pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One is enough for a command; what it calls is tested on both."""
    return sqlite_url


def at_terminal(typed: list[str], *arguments: str) -> tuple[int, str]:
    """Run it at a terminal of its own, typing each line when it is asked for; what stood on the screen."""
    ours, theirs = pty.openpty()
    env = {**os.environ, "DATABASE_URL": database().url}
    process = subprocess.Popen(
        [sys.executable, "-m", "booking_ui.commands.staff", *arguments],
        stdin=theirs, stdout=theirs, stderr=theirs, cwd=ROOT, env=env, start_new_session=True,
    )  # fmt: skip
    os.close(theirs)
    said = fresh = b""
    with suppress(OSError):  # a terminal that nobody holds open any more
        while part := os.read(ours, 1024):
            said, fresh = said + part, fresh + part
            if typed and fresh.endswith(b": "):
                os.write(ours, typed.pop(0).encode() + b"\n")
                fresh = b""
    os.close(ours)
    return process.wait(30), said.decode()


def test_the_password_is_asked_twice_shown_never_and_opens_the_desk() -> None:
    code, said = at_terminal([PASSWORD, PASSWORD], "appoint", MAIL, "--name", "Esha Kapoor")
    assert (code, "The same again" in said, PASSWORD in said) == (0, True, False)
    assert f"{MAIL} runs the desk now." in said
    assert authentication.sign_in(email=MAIL, password=PASSWORD, now=utc_now()).role == "admin"


def test_two_different_passwords_make_nothing() -> None:
    code, said = at_terminal([PASSWORD, "another one"], "appoint", MAIL, "--name", "Esha Kapoor")
    assert (code, "The two passwords differ" in said) == (1, True)
    with pytest.raises(WrongCredentials):
        authentication.sign_in(email=MAIL, password=PASSWORD, now=utc_now())


def test_without_a_terminal_a_link_is_mailed_and_the_list_the_last_one_and_refusals_are_told(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert command.main(["list"]) == 0
    assert capsys.readouterr().out.startswith("Nobody works here yet.")
    assert command.main(["appoint", MAIL]) == 1
    assert "Write your name" in capsys.readouterr().err
    assert command.main(["appoint", MAIL, "--name", "Esha Kapoor"]) == 0
    assert "A link to choose a password is in the mail" in capsys.readouterr().out
    assert command.main(["list"]) == 0
    assert capsys.readouterr().out.split() == ["admin", MAIL, "Esha", "Kapoor"]
    assert command.main(["dismiss", MAIL]) == 1
    assert "the last account of the desk" in capsys.readouterr().err
    assert command.main(["appoint", "devi@clinic.example", "--name", "Devi"]) == 0
    assert command.main(["dismiss", MAIL]) == 0
    assert "signed out everywhere" in capsys.readouterr().out


def test_before_the_clinic_was_started_once_it_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], configured: pytest.MonkeyPatch
) -> None:
    for url, said in (
        (f"sqlite:///{tmp_path / 'empty.db'}", command.NOT_YET),
        (f"sqlite:///{tmp_path / 'nowhere' / 'empty.db'}", command.UNREACHABLE),
    ):
        empty = Database(url)
        use(empty)
        assert command.main(["list"]) == 1
        assert capsys.readouterr().err.strip() == said
        use(None)
        empty.dispose()
    configured.setenv("DATABASE_URL", "nonsense")
    settings.cache_clear()
    assert command.main(["list"]) == 1
