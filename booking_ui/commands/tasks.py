"""`tasks list` and `tasks run NAME`: one periodic job of the worker, now."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from booking_ui.worker import Job


@click.group("tasks")
def command() -> None:
    """List the worker's periodic jobs, or run one now."""


@command.command("list")
def listed() -> None:
    """List every job and how often the worker looks for it."""
    for name, job in _jobs().items():
        click.echo(f"{name:<20}every {_interval(job.every)}")


@command.command("run")
@click.argument("name")
def run(name: str) -> None:
    """Run one job until it finds nothing more; a worker may run beside it."""
    import structlog

    from booking_ui import worker
    from booking_ui.config.settings import settings
    from booking_ui.db import schema
    from booking_ui.edge.logs import configure

    job = _jobs().get(
        name.replace(" ", "-")
    )  # the log and /api/ready have the worker's name for it, with spaces
    if job is None:
        raise click.BadParameter(f"no job is called {name}; `tasks list` names them.", param_hint="NAME")
    schema.require_current()
    configure(settings().log_format, settings().sentry_dsn)
    try:
        done = asyncio.run(worker.run_once(job))
    except Exception as exc:
        structlog.get_logger().exception("job.failed", job=job.name)
        click.echo(f"{name} failed; the reason is above.", err=True)
        raise SystemExit(1) from exc
    click.echo(f"{name}: {done} done")


def _jobs() -> dict[str, Job]:
    from booking_ui import worker

    return {job.name.replace(" ", "-"): job for job in worker.JOBS}


def _interval(every: timedelta) -> str:
    for unit, name in (
        (timedelta(days=1), "day"),
        (timedelta(hours=1), "hour"),
        (timedelta(minutes=1), "minute"),
    ):
        if every >= unit:
            count = every // unit
            return name if count == 1 else f"{count} {name}s"
    seconds = every // timedelta(seconds=1)
    return "second" if seconds == 1 else f"{seconds} seconds"
