"""`smoke BASE_URL`: docs/staging-checklist.md against a running clinic.

SMOKE_ADMIN=mail:password names a desk account where there is no demo; SMOKE_MAIL=qa+{}@clinic.example is where the
two accounts of the walk get their mail.
"""

from __future__ import annotations

import os
from collections import Counter
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from booking_ui.smoke.visit import Visit

WORDS = {"pass": "pass", "fail": "FAIL", "person": "needs a person"}


@click.command("smoke")
@click.argument("addresses", metavar="BASE_URL", nargs=-1)
def command(addresses: tuple[str, ...]) -> None:
    """Walk the staging checklist against a clinic.

    A line each: pass, fail, or needs a person. Exits 1 on any fail. SMOKE_ADMIN=mail:password names a desk account where there is no demo; SMOKE_MAIL=qa+{}@… is
    where the walk's two accounts get their mail.
    """
    from booking_ui.smoke.checklist import walk

    if len(addresses) != 1 or not addresses[0].startswith(("http://", "https://")):
        click.echo("Give the address of a running clinic: make smoke BASE_URL=https://…", err=True)
        raise SystemExit(2)
    marks: Counter[str] = Counter()
    for outcome in walk(_visit(addresses[0])):
        marks[outcome.mark] += 1
        click.echo(f"{outcome.line.id}  {WORDS[outcome.mark]:<14}  {outcome.line.title}: {outcome.reason}")
    click.echo(f"\n{marks['pass']} passed, {marks['fail']} failed, {marks['person']} need a person.")
    raise SystemExit(1 if marks["fail"] else 0)


def _visit(address: str) -> Visit:
    from booking_ui.smoke.visit import Visit

    email, _, password = os.environ.get("SMOKE_ADMIN", "").partition(":")
    visit = Visit(address.rstrip("/"), admin=(email, password) if password else None)
    if "{}" in (mail := os.environ.get("SMOKE_MAIL", "")):
        visit.mail = mail
    return visit
