"""`invariants`: the promises, counted over the whole database."""

from __future__ import annotations

import click


@click.command("invariants")
def command() -> None:
    """Count every promise and print each violation.

    Exits 1 on any violation, and 2 when they can't be counted: a setting is wrong, or the database is not there.
    """
    from sqlalchemy.exc import SQLAlchemyError

    from booking_ui.db import schema
    from booking_ui.domain.clock import utc_now
    from booking_ui.services.upkeep import invariants

    try:
        schema.require_current()
        counts = invariants.count(now=utc_now())
    except (schema.SchemaError, SQLAlchemyError) as exc:
        unread = f"The database can't be read: {type(exc).__name__}."
        click.echo(exc if isinstance(exc, schema.SchemaError) else unread, err=True)
        raise SystemExit(2) from exc
    for one in counts:
        click.echo(f"{one.number}. {one.promise}: {one.checked} checked, {len(one.violations)} violated")
        for violation in one.violations:
            click.echo(f"   {violation.subject}: {violation.fault}")
    raise SystemExit(1 if invariants.total(counts) else 0)
