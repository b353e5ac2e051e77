"""`audit verify` and `audit root`: the proof that nobody has changed the audit, or what it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from booking_ui.services.upkeep.invariants import Violation

REPAIR = (
    "Change nothing in this database, make a backup of it, and compare the named chains with an older backup: "
    'docs/runbook.md, "Somebody changed the database", says how.'
)


@click.group("audit")
def command() -> None:
    """Prove that nobody has changed the audit."""


@command.command("verify")
@click.option("--root", default="", help="A root that left this machine by log or mail: it must still hold.")
def verify(root: str) -> None:
    """Hash every audit row again and print one sentence for each broken chain.

    Exits 1 when anything is broken, and 2 when the database can't be read.
    """
    from sqlalchemy.exc import SQLAlchemyError

    from booking_ui.db import schema
    from booking_ui.domain.clock import utc_now
    from booking_ui.services.journal import audit_roots
    from booking_ui.services.journal.audit_proof import Scope
    from booking_ui.services.upkeep import invariants

    if root and not audit_roots.is_name(root):
        raise click.BadParameter("a root is a number, a hyphen and 64 hex digits.", param_hint="--root")
    try:
        schema.require_current()
        counts = invariants.count(now=utc_now(), only=invariants.AUDIT, scope=Scope(seen=root))
    except (schema.SchemaError, SQLAlchemyError) as exc:
        unread = f"The database can't be read: {type(exc).__name__}."
        click.echo(exc if isinstance(exc, schema.SchemaError) else unread, err=True)
        raise SystemExit(2) from exc
    rows, chains = (count.checked for count in counts)
    faults = _by_chain([one for count in counts for one in count.violations])
    for subject, found in faults.items():
        click.echo(f"{subject}: {'; '.join(found)}.")
    if faults:
        click.echo(f"Broken: {len(faults)} of {chains} chains. {REPAIR}")
        raise SystemExit(1)
    click.echo(f"All {rows} audit rows in {chains} chains hold. Newest root: {audit_roots.newest_name()}")


def _by_chain(violations: list[Violation]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in violations:
        found.setdefault(one.subject, []).append(one.fault)
    return found


@command.command("root")
def root() -> None:
    """Print a root that covers every audit row until now, for `audit verify --root`."""
    from booking_ui.db import schema
    from booking_ui.domain.clock import utc_now
    from booking_ui.services.journal import audit_roots

    schema.require_current()
    audit_roots.extend(now=utc_now())
    click.echo(audit_roots.newest_name())
