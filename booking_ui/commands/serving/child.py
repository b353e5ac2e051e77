"""A process that is started again by itself, and first makes sure that its code and the database fit together.

Its files may have been updated since its supervisor started. It must not answer, or do a job, on a schema that the next
start of the clinic is to migrate.
"""

from __future__ import annotations

import signal
import time

import click
from starlette.types import ASGIApp

from booking_ui.db import schema

# Seconds before it ends: supervisors start it again at once, and each start is a line of the log. granian takes two ends
# within 5.5 seconds for a crash loop and ends its other processes too.
PAUSE = 30.0


def app() -> ASGIApp:
    """The app of this process, for granian. It loads, and accepts connections, on a current schema only."""
    end_unless_current()
    from booking_ui.booking_ui import app as clinic

    return clinic()


def end_unless_current() -> None:
    """On any schema but the newest, say in a sentence what to do, wait PAUSE, and end this process.

    A database that is away passes: the process says so to its visitors, and waits for it.
    """
    try:
        schema.require_current()
    except schema.UnreachableError:
        return
    except schema.SchemaError as exc:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(
                number, signal.SIG_DFL
            )  # granian's own, which its fork inherits, would not end the wait
        click.echo(exc, err=True)
        time.sleep(PAUSE)
        raise SystemExit(1) from exc
