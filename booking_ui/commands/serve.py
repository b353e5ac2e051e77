"""`serve`: the whole clinic, until Ctrl-C."""

from __future__ import annotations

import click


@click.command("serve")
@click.option("--dev", is_flag=True, help="Rebuild and reload at every saved file.")
def command(dev: bool) -> None:
    """Set everything up and keep the clinic open until Ctrl-C."""
    from booking_ui.commands.serving import start

    raise SystemExit(start.run(reload=dev))
