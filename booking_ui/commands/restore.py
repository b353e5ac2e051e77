"""`restore FILE`: a backup in the place of the database."""

from __future__ import annotations

from pathlib import Path

import click

from booking_ui.commands.backup import contents


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Overwrite a database that is not empty.")
@click.option("--force-word", default="--force", hidden=True)  # `make restore` has another word for it
def command(file: Path, force: bool, force_word: str) -> None:
    """Put a backup in the place of the database."""
    from booking_ui.db.copying import CopyError
    from booking_ui.domain.clock import utc_now
    from booking_ui.services.upkeep import backup

    try:
        restored = backup.restore(file=file, force=force, now=utc_now())
    except backup.NotEmptyError as exc:
        click.echo(
            f"The database is not empty. Stop the clinic and add {force_word} to overwrite it.", err=True
        )
        raise SystemExit(1) from exc
    except CopyError as exc:
        click.echo(exc, err=True)
        raise SystemExit(1) from exc
    click.echo(f"Restored {contents(restored)}")
