"""`demo`: the demo clinic, into an empty database."""

from __future__ import annotations

import logging
from contextlib import suppress
from time import monotonic, sleep

import click


@click.command("demo")
def command() -> None:
    """Load the demo clinic into an empty database.

    Nothing happens where DEMO is off.
    """
    import structlog

    from booking_ui import demo
    from booking_ui.config.settings import settings
    from booking_ui.db import schema
    from booking_ui.domain.clock import utc_now

    if settings().demo_mode:
        schema.require_current()
    quiet = structlog.make_filtering_bound_logger(logging.WARNING)  # not a line for every booking
    structlog.configure(wrapper_class=quiet)
    if settings().demo_mode and settings().sandbox and not demo.inhabited():
        _await_sandbox(settings().api_url)
    if demo.load(utc_now()):
        click.echo("The demo clinic is loaded.")


def _await_sandbox(url: str) -> None:
    """Give a sandbox that was started a moment ago its time; without it everything is paid at the desk."""
    import requests

    from booking_ui.demo.reception import SANDBOX_SECONDS

    deadline = monotonic() + SANDBOX_SECONDS
    while monotonic() < deadline:
        with suppress(requests.RequestException):
            requests.get(url, timeout=1)
            return
        sleep(0.1)
