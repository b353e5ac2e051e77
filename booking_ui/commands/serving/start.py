"""The start of the clinic, and its end.

Settings are checked, the database migrated, the demo clinic loaded, the pages built if they changed; then the sandbox
(when no Razorpay key is set) and the app run until a signal asks to stop. One that ends by itself is started again.
"""

from __future__ import annotations

import http
import http.client
import shutil
import signal
import socket
import sys
import time
from collections.abc import Mapping
from typing import NoReturn

import click
from sqlalchemy.exc import OperationalError

from booking_ui.commands.serving import bundle, server
from booking_ui.commands.serving.children import Children, Failed, Stopped
from booking_ui.config.settings import Settings, SettingsError, settings, unheard
from booking_ui.db import own_files, schema
from booking_ui.db.session import database
from booking_ui.domain.clock import utc_now
from booking_ui.domain.errors import DatabaseAway, GatewayError
from booking_ui.edge import logs
from booking_ui.gateways.razorpay import Razorpay, in_a_hurry
from booking_ui.services.accounts import authentication
from booking_ui.services.cases import other_amounts

PATIENCE = 60.0  # seconds a child may take until it answers
KEYS_SECONDS = 5.0  # for trying the keys
LOOKED_AT = 20  # newest payments of the account, some of them perhaps another shop's
CLOSING = 3.0  # seconds in which the connections of processes that were just stopped are gone
LOOPBACK = "127.0.0.1"
APP = "booking_ui.commands.serving.child:app"


def _refuse_taken(name: str, host: str, port: int) -> None:
    """The server itself would share a taken port without a word."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as exc:
            raise SettingsError(f"{name}: port {port} on {host} cannot be used ({exc.strerror}).") from exc


def _nearest(host: str) -> str:
    """The address at which this machine reaches a server that listens on `host`."""
    return LOOPBACK if host in {"", "0.0.0.0", "::"} else host  # noqa: S104 - compared, not bound


def _answers(host: str, port: int, path: str) -> bool:
    connection = http.client.HTTPConnection(_nearest(host), port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _await_answer(children: Children, name: str, host: str, port: int, path: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not _answers(host, port, path):
        children.check()
        if time.monotonic() > deadline:
            raise Failed(f"{name} did not answer on port {port} within {PATIENCE:g} seconds.")
        children.pause(0.1)


def _environment(now: Settings) -> dict[str, str]:
    data = now.data_dir.absolute()
    # States in DATA_DIR: two clinics started from one folder must not share their visitors' pages.
    return bundle.environment() | {"DATA_DIR": str(data), "REFLEX_STATES_WORKDIR": str(data / "states")}


def _reach_database() -> None:
    """Refuse a server that is not there, or does not know us, with one sentence; a file needs no reaching."""
    engine = database().engine
    if engine.dialect.name == "sqlite":
        return
    try:
        with engine.connect():
            pass
    except OperationalError as exc:
        raise Failed(f"DATABASE_URL can't be reached: {str(exc.orig).strip().splitlines()[-1]}") from exc
    finally:
        engine.dispose()


def _refuse_schema(now: Settings, children: Children) -> None:
    """Refuse a schema that a newer version made, and a migration that would break processes that still run."""
    try:
        found = schema.version(now.database)
        alone = schema.pending_alone(found) if found else []
    except schema.SchemaError as exc:
        raise Failed(str(exc)) from exc
    deadline = time.monotonic() + CLOSING
    while alone and schema.is_in_use(now.database):
        if time.monotonic() > deadline:
            raise Failed(
                f"DATABASE_URL is still in use, and no process of the earlier version can go on after migration "
                f"{' and '.join(alone)}: stop every app and worker on every machine, then start this one first."
            )
        children.pause(0.2)


def _prepare_database(now: Settings, children: Children) -> None:
    common = _environment(now)
    _reach_database()
    _refuse_schema(now, children)
    children.run(
        "The migration of DATABASE_URL", [sys.executable, "-m", "alembic", "upgrade", "head"], common
    )
    if now.live and (known := authentication.demo_logins()):
        raise Failed(
            f"DEMO logins can still sign in ({', '.join(known)}): remove them before using a live key."
        )
    if now.demo_mode:
        children.run("Loading the demo clinic", [sys.executable, "-m", "booking_ui", "demo"], common)


def _start_sandbox(now: Settings, children: Children) -> None:
    webhook = f"http://{_nearest(now.host)}:{now.port}/api/appointments/razorpay-webhook"
    chosen = {
        "SANDBOX_PORT": str(now.sandbox_port),
        "SANDBOX_KEY_ID": now.key_id,
        "SANDBOX_KEY_SECRET": now.key_secret,
        "SANDBOX_WEBHOOK_SECRET": now.webhook_secrets[0],
        "SANDBOX_WEBHOOK_URLS": webhook,
        "SANDBOX_STATE": str(now.data_dir.absolute() / "sandbox.db"),
    }
    children.start("The sandbox", [sys.executable, "-m", "booking_ui", "sandbox"], _environment(now) | chosen)


def _built_app(now: Settings, children: Children) -> tuple[list[str], dict[str, str]]:
    """The built pages and the app on one port, without Node and without compiling anything."""

    def run(command: list[str], env: Mapping[str, str]) -> None:
        children.run("Building the pages", command, env)

    place = bundle.ensure(now, run, click.echo)
    counters = now.data_dir.absolute() / "metrics"
    shutil.rmtree(counters, ignore_errors=True)  # those of the last run
    counters.mkdir()
    return server.command(now.host, now.port, now.workers, APP), {
        "REFLEX_ENV_MODE": "prod",
        "REFLEX_WEB_WORKDIR": str(place),
        "__REFLEX_SKIP_COMPILE": "true",
        "__REFLEX_MOUNT_FRONTEND_COMPILED_APP": "true",
        **({"PROMETHEUS_MULTIPROC_DIR": str(counters)} if now.workers > 1 else {}),
    }


def _reloading_app(now: Settings) -> tuple[list[str], dict[str, str]]:
    """Reflex's preview: one port as in production, rebuilt at every saved file."""
    return [sys.executable, "-m", "reflex", "run", "--env", "preview", "--backend-host", now.host], {}


def _start_app(now: Settings, children: Children, *, reload: bool) -> None:
    command, env = _reloading_app(now) if reload else _built_app(now, children)
    children.start("The app", command, _environment(now) | env)
    _await_answer(children, "The app", now.host, now.port, "/ping")


def doubt_about_account(now: Settings) -> str:
    """A sentence when Razorpay refuses the keys, or its newest payments say that no visit can be paid in full; empty when
    all is well, and when it can't be asked just now.

    Neither stops the start: everything but paying works, and refused keys may be a rotation under way.
    """
    if now.sandbox:
        return ""
    at = utc_now()
    try:
        with in_a_hurry(KEYS_SECONDS):
            account = Razorpay(key_id=now.key_id, key_secret=now.key_secret, api_url=now.api_url)
            newest = account.newest_payments(LOOKED_AT)
        return other_amounts.doubt(newest.facts, now=at)
    except (DatabaseAway, OperationalError):  # the app itself looks at each payment that comes
        return ""
    except GatewayError as exc:
        if exc.http_status == http.HTTPStatus.UNAUTHORIZED:
            return (
                f"RAZORPAY_KEY_ID {now.key_id} with its RAZORPAY_KEY_SECRET is refused by Razorpay ({now.api_url}): "
                "nobody can pay until both are right."
            )
    return ""


def welcome(now: Settings) -> str:
    lines = ["", f"  The clinic is open: {now.base_url}", ""]
    if now.demo_mode:
        lines += [
            "  Sign in   patients  asha@example.com, bilal@example.com",
            "            admin     devi@example.com",
            "            doctor    chandra@example.com",
            "            password  demo-clinic",
        ]
    if not now.live:
        lines += ["  Pay       card 4100 2800 0000 1007, any future date, any CVV; or UPI success@razorpay"]
    return "\n".join([*lines, "  Stop      Ctrl-C", ""])


def keep_open(children: Children, *, reload: bool) -> NoReturn:
    """Start everything and watch it. Raises SettingsError, Failed or Stopped."""
    now = settings()
    _refuse_taken("PORT", now.host, now.port)
    if now.sandbox:
        _refuse_taken("SANDBOX_PORT", LOOPBACK, now.sandbox_port)
    for sentence in unheard():
        click.echo(sentence, err=True)
    now.make_data_dir()
    own_files.protect(now.data_dir, now.database)
    if now.sandbox:
        _start_sandbox(now, children)  # it gets ready while the rest is prepared
    _prepare_database(now, children)
    _start_app(now, children, reload=reload)
    if doubt := doubt_about_account(now):
        click.echo(doubt, err=True)
    if now.sandbox:
        _await_answer(children, "The sandbox", LOOPBACK, now.sandbox_port, "/")
    click.echo(welcome(now))
    logs.configure(now.log_format)
    while True:
        children.tend()
        children.pause(0.3)


def run(*, reload: bool) -> int:
    """Keep the clinic open until it is stopped; the exit status. Raises SettingsError."""
    children = Children()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, children.ask_to_stop)
    try:
        keep_open(children, reload=reload)
    except Stopped:
        click.echo("Stopping …")
        return 0
    except Failed as exc:
        click.echo(exc, err=True)
        return 1
    finally:
        children.stop()
