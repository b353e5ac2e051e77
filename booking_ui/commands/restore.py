"""`restore FILE`: a backup in the place of the database."""

from __future__ import annotations

from pathlib import Path

import click

from booking_ui.commands.backup import contents


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--force", is_flag=True, help="Overwrite a database that is not empty.")
@click.option("--by-make", is_flag=True, hidden=True)  # `make restore` has other words for the two above
def command(file: Path | None, force: bool, by_make: bool) -> None:
    """Put a backup in the place of the database."""
    if file is None:
        word = "FILE=… (make restore FILE=…)" if by_make else "FILE"
        raise click.UsageError(f"Give {word}: the backup to put in the place of the database.")

    from booking_ui.db import schema
    from booking_ui.db.copying import CopyError
    from booking_ui.domain.clock import utc_now
    from booking_ui.services.upkeep import backup

    try:
        restored = backup.restore(file=file, force=force, now=utc_now())
    except backup.NotEmptyError as exc:
        click.echo(
            f"The database is not empty. Stop the clinic and add {'FORCE=1' if by_make else '--force'} to overwrite it.",
            err=True,
        )
        raise SystemExit(1) from exc
    except CopyError as exc:
        click.echo(exc, err=True)
        raise SystemExit(1) from exc
    click.echo(f"Restored {contents(restored)}")
    if schema.pending(restored.version):
        click.echo(f"The next start migrates it to schema {schema.newest()}.")
