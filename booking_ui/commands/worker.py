"""`worker`: the periodic jobs, in a process of its own."""

from __future__ import annotations

import asyncio

import click


@click.command("worker")
def command() -> None:
    """Do what is due, until SIGTERM or Ctrl-C.

    Any number of workers may run.
    """
    from booking_ui import worker
    from booking_ui.commands.serving import child
    from booking_ui.config.settings import settings
    from booking_ui.db import schema
    from booking_ui.db.session import database
    from booking_ui.edge.logs import configure

    schema.refuse_newer(database().url)  # a wrong DATA_DIR is a sentence here too, and a trace further down
    child.end_unless_current()
    configure(settings().log_format, settings().sentry_dsn)
    asyncio.run(worker.alone())
