"""`build`: the pages, for an image that is to start without Node."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping

import click


@click.command("build")
def command() -> None:
    """Build the pages if they changed, and print where they lie."""
    from booking_ui.commands.serving import bundle
    from booking_ui.config.settings import settings

    def run(arguments: list[str], extra: Mapping[str, str]) -> None:
        subprocess.run(arguments, cwd=bundle.ROOT, env={**os.environ, **extra}, check=True)

    try:
        click.echo(bundle.ensure(settings(), run, click.echo))
    except subprocess.CalledProcessError as exc:  # the builder has said why
        raise SystemExit(1) from exc
