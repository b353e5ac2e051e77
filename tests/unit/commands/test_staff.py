"""The command that makes the first desk account, as an operator runs it: a real process at a real terminal."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from contextlib import suppress

import pytest

from booking_ui.commands import staff as command
from booking_ui.db.session import database
from booking_ui.domain.clock import utc_now
from booking_ui.domain.errors import WrongCredentials
from booking_ui.services.accounts import authentication
from tests.support import commands
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
        [sys.executable, "-m", "booking_ui", "staff", *arguments],
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
    assert authentication.authenticate(email=MAIL, password=PASSWORD, now=utc_now()).role == "admin"


def test_two_different_passwords_make_nothing() -> None:
    code, said = at_terminal([PASSWORD, "another one"], "appoint", MAIL, "--name", "Esha Kapoor")
    assert (code, "The two passwords differ" in said) == (1, True)
    with pytest.raises(WrongCredentials):
        authentication.authenticate(email=MAIL, password=PASSWORD, now=utc_now())


def test_without_a_terminal_a_link_is_mailed_and_the_list_the_last_one_and_refusals_are_told() -> None:
    def staff(*arguments: str) -> tuple[int, str]:
        done = commands.run("staff", *arguments)
        return done.exit_code, done.stderr if done.exit_code else done.stdout

    assert staff("list") == (0, f"{command.NOBODY}\n")
    assert staff("appoint", MAIL) == (1, "Write your name in 1 to 80 letters.\n")
    code, told = staff("appoint", MAIL, "--name", "Esha Kapoor")
    assert (code, "A link to choose a password is in the mail" in told) == (0, True)
    code, told = staff("list")
    assert (code, told.split()) == (0, ["admin", MAIL, "Esha", "Kapoor"])
    code, told = staff("dismiss", MAIL)
    assert (code, "the last account of the desk" in told) == (1, True)
    assert staff("appoint", "devi@clinic.example", "--name", "Devi")[0] == 0
    code, told = staff("dismiss", MAIL)
    assert (code, "signed out everywhere" in told) == (0, True)
