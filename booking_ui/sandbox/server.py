"""The sandbox as a process: on 127.0.0.1 alone, until SIGTERM or SIGINT."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sqlite3
import sys
from collections.abc import Callable
from contextlib import suppress

from granian.constants import Interfaces
from granian.server.embed import Server

from booking_ui.sandbox.app import build
from booking_ui.sandbox.box import Box, open_box
from booking_ui.sandbox.settings import PortTakenError, Settings, SettingsError

_HOST = "127.0.0.1"


def run(settings: Settings, announce: Callable[[str], object]) -> None:
    """Serve until a signal comes, which ends the process; `announce` gets the address.

    Raises SettingsError or PortTakenError.
    """
    if not _free(settings.port):
        raise PortTakenError(f"SANDBOX_PORT: something already listens on {_HOST}:{settings.port}.")
    try:
        box = open_box(settings)
    except (OSError, sqlite3.Error) as exc:
        raise SettingsError(f"SANDBOX_STATE: {settings.state} cannot be used ({exc}).") from exc
    asyncio.run(_serve(box, announce))


async def _serve(box: Box, announce: Callable[[str], object]) -> None:
    server = Server(
        build(box),
        address=_HOST,
        port=box.settings.port,
        interface=Interfaces.ASGI,
        websockets=False,
        log_enabled=False,
    )
    # A request that a fault keeps hanging must not keep the process.
    server.workers_kill_timeout = 1
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, server.stop)
    announce(f"Razorpay sandbox at http://{_HOST}:{box.settings.port} (test payments only)")
    with suppress(TimeoutError):
        await server.serve()
    # A request that hangs keeps a thread of granian, which aborts the process if it finds the loop closed. Everything is
    # stored already, so nothing is left to be done in order.
    sys.stdout.flush()
    os._exit(0)


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, port))
        except OSError:
            return False
    return True
