"""`invariants`: the promises, counted over the whole database, the ninth against Razorpay's list."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from booking_ui.services.upkeep.invariants import Count


@click.command("invariants")
def command() -> None:
    """Count every promise and print each violation.

    Exits 1 on any violation, and 2 when they can't be counted: a setting is wrong, or the database is not there. When
    Razorpay can't be asked about promise 9, its last count stands, and it says so.
    """
    from sqlalchemy.exc import SQLAlchemyError

    from booking_ui.db import schema
    from booking_ui.domain.clock import utc_now
    from booking_ui.services.payments import cash_equation_count
    from booking_ui.services.upkeep import invariants

    now = utc_now()
    try:
        schema.require_current()
        counts = invariants.count(now=now)
        before = [one for one in counts if one.number < cash_equation_count.NUMBER]
        _print(before)
        against_razorpay = _ninth(now)
        _print(counts[len(before) :])
    except (schema.SchemaError, SQLAlchemyError) as exc:
        unread = f"The database can't be read: {type(exc).__name__}."
        click.echo(exc if isinstance(exc, schema.SchemaError) else unread, err=True)
        raise SystemExit(2) from exc
    raise SystemExit(1 if invariants.total(counts) or against_razorpay else 0)


def _print(counts: Iterable[Count]) -> None:
    for one in counts:
        click.echo(f"{one.number}. {one.promise}: {one.checked} checked, {len(one.violations)} violated")
        for violation in one.violations:
            click.echo(f"   {violation.subject}: {violation.fault}")


def _ninth(now: datetime) -> int:
    """Print promise 9 and return the number of its violations."""
    from booking_ui.domain.errors import GatewayError
    from booking_ui.services.payments import cash_equation_count, reconciliation

    head = f"{cash_equation_count.NUMBER}. {cash_equation_count.PROMISE}"
    try:
        found = reconciliation.equation(now=now)
    except GatewayError as exc:
        return _last_ninth(f"{head}: not checked, Razorpay did not answer ({exc.reason})")
    note = cash_equation_count.note_on(found)
    click.echo(f"{head}: {found.checked} checked, {len(found.differences)} violated{note and f'. {note}'}")
    for one in found.differences:
        click.echo(f"   {one.subject}: {one.fault}")
    return len(found.differences)


def _last_ninth(said: str) -> int:
    from booking_ui.services.payments import cash_equation_count
    from booking_ui.services.upkeep import invariants

    last = next((one for one in invariants.shown() if one.number == cash_equation_count.NUMBER), None)
    if last is None or (last.state == "unchecked" and not last.checked):
        click.echo(f"{said}; it was never checked before")
        return 0
    click.echo(f"{said}; on {last.at_label} {last.checked} checked, {last.violated} violated")
    if last.violated:
        click.echo(f"   {last.first_fault}")
    return last.violated
