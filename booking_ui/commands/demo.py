"""`python -m booking_ui.demo`: load the demo clinic, once the sandbox answers."""

from __future__ import annotations

import logging
import sys
from contextlib import suppress
from time import monotonic, sleep

import requests
import structlog

from booking_ui.config.settings import SettingsError, settings
from booking_ui.demo import inhabited, load
from booking_ui.demo.reception import SANDBOX_SECONDS
from booking_ui.domain import clock


def _await_sandbox() -> None:
    """The sandbox may have been started a moment ago; without it everything is paid at the desk."""
    deadline = monotonic() + SANDBOX_SECONDS
    while monotonic() < deadline:
        with suppress(requests.RequestException):
            requests.get(settings().api_url, timeout=1)
            return
        sleep(0.1)


def main() -> int:
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING)
    )  # not every booking
    try:
        if settings().demo_mode and settings().sandbox and not inhabited():
            _await_sandbox()
    except SettingsError as exc:
        print(exc, file=sys.stderr)
        return 2
    if load(clock.utc_now()):
        print("The demo clinic is loaded.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
