"""`python -m booking_ui.sandbox`: one process on 127.0.0.1 until SIGTERM or SIGINT."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import sqlite3
import sys
from contextlib import suppress

from granian.constants import Interfaces
from granian.server.embed import Server

from .app import build
from .box import Box, open_box
from .settings import SettingsError, read

_HOST = "127.0.0.1"


def main() -> int:
    try:
        settings = read(sys.argv[1:])
    except SettingsError as exc:
        print(exc, file=sys.stderr)
        return 2
    if not _free(settings.port):
        print(f"SANDBOX_PORT: something already listens on {_HOST}:{settings.port}.", file=sys.stderr)
        return 1
    logging.basicConfig(level=logging.WARNING, format="%(name)s %(message)s")
    try:
        box = open_box(settings)
    except (OSError, sqlite3.Error) as exc:
        print(f"SANDBOX_STATE: {settings.state} cannot be used ({exc}).", file=sys.stderr)
        return 2
    asyncio.run(_serve(box))
    return 0


async def _serve(box: Box) -> None:
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
    print(f"Razorpay sandbox at http://{_HOST}:{box.settings.port} (test payments only)", flush=True)
    # Where the time runs out, what still hangs is cancelled with the loop; everything is stored already.
    with suppress(TimeoutError):
        await server.serve()


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, port))
        except OSError:
            return False
    return True


if __name__ == "__main__":
    sys.exit(main())
