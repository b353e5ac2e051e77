"""`backup`, or `backup save`: the whole database in one file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from booking_ui.services.upkeep.backup import Saved

to_folder = click.option(
    "--to", "folder", type=click.Path(path_type=Path), help="The folder; default: DATA_DIR/backups."
)


@click.group("backup", invoke_without_command=True)
@to_folder
@click.pass_context
def command(ctx: click.Context, folder: Path | None) -> None:
    """Save the database into one file, proven by restoring it."""
    if ctx.invoked_subcommand is None:
        _save(folder)


@command.command("save")
@to_folder
def save(folder: Path | None) -> None:
    """Save the database; `backup` alone does it too."""
    _save(folder)


def _save(folder: Path | None) -> None:
    from booking_ui.config.settings import settings
    from booking_ui.db.copying import CopyError
    from booking_ui.domain.clock import utc_now
    from booking_ui.services.upkeep import backup

    folder = folder or settings().data_dir / "backups"
    try:
        saved = backup.save(folder=folder, now=utc_now())
    except CopyError as exc:
        click.echo(exc, err=True)
        raise SystemExit(1) from exc
    click.echo(f"Saved and proven in {folder}: {contents(saved)}")


def contents(saved: Saved) -> str:
    """A backup's file and what is in it, for the operator."""
    rows = f"{sum(saved.rows.values())} rows in {len(saved.rows)} tables"
    promises = f"{saved.violations} promises violated in it" if saved.violations else "every promise holds"
    return f"{saved.file}: schema {saved.version}, {rows}, {promises}"
