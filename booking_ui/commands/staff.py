"""`staff list`, `staff appoint EMAIL --name NAME` and `staff dismiss EMAIL`.

The first desk account is made here: before it there is none that could make one on a page. The password is asked for without
echo; left empty, or without a terminal, a link to choose one is mailed.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from getpass import getpass
from typing import ParamSpec

import click

P = ParamSpec("P")

NOBODY = 'Nobody works here yet. Make the first desk account: make staff EMAIL=… NAME="…"'


class _RefusedError(Exception):
    """The request can't be met; the text is for the operator."""


@click.group("staff")
def command() -> None:
    """List, appoint or dismiss those who work here."""


def _refusing(work: Callable[P, None]) -> Callable[P, None]:
    """Exit 1 with the sentence of a refusal; one that names fields has one for each."""

    @wraps(work)
    def refusing(*args: P.args, **kwargs: P.kwargs) -> None:
        from booking_ui.db import schema
        from booking_ui.domain.errors import BadInput, BookingError

        schema.require_current()
        try:
            work(*args, **kwargs)
        except (BookingError, _RefusedError) as refusal:
            fields = refusal.errors if isinstance(refusal, BadInput) else ()
            click.echo("\n".join(one.message for one in fields) or refusal, err=True)
            raise SystemExit(1) from refusal

    return refusing


@command.command("list")
@_refusing
def everybody() -> None:
    """List everybody who works here and may sign in."""
    from booking_ui.services.accounts import staff

    for one in (people := staff.list_staff()):
        doctor = f" ({one.doctor_name})" if one.doctor_name else ""
        click.echo(f"{one.role:<8}{one.email:<36}{one.name}{doctor}")
    if not people:
        click.echo(NOBODY)


@command.command("appoint")
@click.argument("email")
@click.option("--name", default="", help="Needed for a new account.")
@_refusing
def appoint(email: str, name: str) -> None:
    """Make a desk account, or make an account the desk's."""
    from booking_ui.domain.clock import utc_now
    from booking_ui.services.accounts import staff

    password = _new_password() if sys.stdin.isatty() else ""
    mailed = staff.appoint(email=email, name=name, password=password, now=utc_now())
    link = " A link to choose a password is in the mail; it works for 30 minutes." if mailed else ""
    click.echo(f"{email} runs the desk now.{link}")


@command.command("dismiss")
@click.argument("email")
@_refusing
def dismiss(email: str) -> None:
    """Take a role away; sessions and tokens end at once."""
    from booking_ui.domain.clock import utc_now
    from booking_ui.services.accounts import staff

    staff.dismiss(email=email, now=utc_now())
    click.echo(f"{email} doesn't work here any more and is signed out everywhere.")


def _new_password() -> str:
    """The password, typed twice; empty for none."""
    first = getpass("Password (leave it empty to have a link mailed): ")
    if first and getpass("The same again: ") != first:
        raise _RefusedError("The two passwords differ. Nothing was changed.")
    return first
