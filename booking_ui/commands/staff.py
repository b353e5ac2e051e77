"""`python -m booking_ui.commands.staff list`, `… appoint EMAIL --name NAME` and `… dismiss EMAIL`: who runs the desk.

For whoever has a shell on the clinic's machine: the first desk account is made here, because nobody is there yet to make
it on a page. The password is asked for without echo; left empty, or without a terminal, a link to choose one is mailed.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from getpass import getpass

import sqlalchemy as sa

from booking_ui.config.settings import SettingsError
from booking_ui.db.session import database
from booking_ui.domain.clock import utc_now
from booking_ui.domain.errors import BadInput, BookingError
from booking_ui.services.accounts import staff

NOBODY = 'Nobody works here yet. Make the first desk account: make staff EMAIL=… NAME="…"'
NOT_YET = "There is no clinic in this database yet: start it once (make run), then try again."
UNREACHABLE = "The database can't be reached: is it running, and is DATABASE_URL the clinic's?"


class _RefusedError(Exception):
    """What was asked can't be done; the text is for the operator."""


def appoint(email: str, name: str) -> str:
    """Make or promote an account of the desk; what was done, in a sentence."""
    password = _asked_for() if sys.stdin.isatty() else ""
    if staff.appoint(email=email, name=name, password=password, now=utc_now()):
        return (
            f"{email} runs the desk now. A link to choose a password is in the mail; it works for 30 minutes."
        )
    return f"{email} runs the desk now."


def dismiss(email: str) -> str:
    """Take a role away; what was done, in a sentence."""
    staff.dismiss(email=email, now=utc_now())
    return f"{email} doesn't work here any more and is signed out everywhere."


def listed() -> str:
    """A line for everybody who works here."""
    people = staff.everybody()
    lines = [
        f"{one.role:<8}{one.email:<36}{one.name}{f' ({one.doctor_name})' if one.doctor_name else ''}"
        for one in people
    ]
    return "\n".join(lines) or NOBODY


def _asked_for() -> str:
    """The password, typed twice; empty for none."""
    first = getpass("Password (leave it empty to have a link mailed): ")
    if first and getpass("The same again: ") != first:
        raise _RefusedError("The two passwords differ. Nothing was changed.")
    return first


def _ready() -> None:
    try:
        if not sa.inspect(database().engine).has_table("person"):
            raise _RefusedError(NOT_YET)
    except sa.exc.OperationalError as exc:
        raise _RefusedError(UNREACHABLE) from exc


def _arguments(given: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m booking_ui.commands.staff", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="everybody who works here and may sign in")
    appointing = commands.add_parser("appoint", help="make a desk account, or make an account the desk's")
    appointing.add_argument("email")
    appointing.add_argument("--name", default="", help="needed for a new account")
    dismissing = commands.add_parser("dismiss", help="take a role away; sessions and tokens end at once")
    dismissing.add_argument("email")
    return parser.parse_args(given)


def main(given: Sequence[str]) -> int:
    asked = _arguments(given)
    try:
        _ready()
        if asked.command == "appoint":
            print(appoint(asked.email, asked.name))
        elif asked.command == "dismiss":
            print(dismiss(asked.email))
        else:
            print(listed())
    except BadInput as refusal:
        print("\n".join(one.message for one in refusal.errors), file=sys.stderr)
    except (BookingError, SettingsError, _RefusedError) as refusal:
        print(refusal, file=sys.stderr)
    else:
        return 0
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
