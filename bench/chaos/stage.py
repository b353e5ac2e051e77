"""A running clinic on which a bad thing is played: its processes, its patients, and what they and the desk are told."""

from __future__ import annotations

import json
import os
import random
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx
import redis as redis_client

from bench.crowd import free_slots, looking_into, newcomers
from booking_ui.config.settings import settings
from booking_ui.domain.clock import utc_now
from booking_ui.services.accounts import access_tokens
from tests.support.sandbox_control import checkout_result
from tests.support.servers import (
    App,
    Postgres,
    child_processes,
    clinic,
    free_port,
    postgres_server,
    redis_server,
)

PATIENTS, SLOTS = 240, 1_500
CONFIRMED_SECONDS = 20
WALLS = {
    "RATE_LIMIT_TRUSTED_IPS": "",  # the walls stand for everybody
    "TRUSTED_PROXY_HOPS": "1",  # others and the stranger have addresses of their own
    "LOG_FORMAT": "json",
}


@dataclass(frozen=True)
class Told:
    """The words that a patient and the desk had while the bad thing lasted."""

    patient: str
    desk: str


DESK = {"X-Forwarded-For": "198.51.100.8"}


class Refused(Exception):
    """An answer that is no success, as the patient sees it."""


@dataclass
class Patient:
    """A patient at an address of their own, over HTTP alone."""

    client: httpx.Client
    sandbox_url: str

    def ask(self, method: str, path: str, **body: object) -> dict[str, object]:
        """The answer's data. Raises Refused, and httpx.TransportError when nobody answers."""
        answer = self.client.request(method, f"/api/{path}", json=body or None)
        told = answer.json()
        if not told["success"]:
            raise Refused(f"{answer.status_code} `{told['code']}`: {told['message']}")
        data: dict[str, object] = told["data"]
        return data

    def hold(self, slot_id: int) -> object:
        """The id of the appointment."""
        return self.ask("POST", "appointments", availabilityId=slot_id)["appointmentId"]

    def order(self, appointment: object) -> str:
        return str(self.ask("POST", "payments/intent", appointmentId=appointment)["gatewayOrderId"])

    def pay(self, order_id: str) -> None:
        paid = checkout_result(self.sandbox_url, order_id, outcome="success")
        self.ask("POST", "appointments/payment-callback", **paid)

    def is_confirmed(self, appointment: object) -> bool:
        return self.ask("GET", f"appointments/{appointment}/status")["status"] == "confirmed"


@dataclass
class Stage:
    """A clinic started as `make run` starts it, with its own database, and the patients and times that are left."""

    app: App
    postgres: Postgres | None = None
    redis: Redis | None = None
    people: Iterator[int] = field(default_factory=lambda: iter(newcomers(PATIENTS)))
    slots: Iterator[int] = field(default_factory=lambda: iter(random.sample(free_slots(SLOTS), SLOTS)))
    begin: Callable[[], None] = lambda: None  # called when the bad thing begins

    @property
    def port(self) -> int:
        return urlsplit(self.app.base_url).port or 0

    @property
    def environment(self) -> dict[str, str]:
        return {**self.app.settings, "DATABASE_URL": self.app.database_url}

    def patient(self) -> Patient:
        """Another patient than before. Needs no database."""
        person = next(self.people)
        told = {
            "Authorization": f"Bearer {access_tokens.mint(person, 0, utc_now())}",
            "X-Forwarded-For": f"203.0.113.{person % 250 + 1}",
        }
        client = httpx.Client(base_url=self.app.base_url, headers=told, timeout=40, trust_env=False)
        return Patient(client, self.app.sandbox_url)

    def book_and_pay(self) -> None:
        """A visit of a new patient, confirmed. Raises Refused, httpx.TransportError and TimeoutError."""
        patient = self.patient()
        with patient.client:
            appointment = patient.hold(next(self.slots))
            patient.pay(patient.order(appointment))
            for _ in range(CONFIRMED_SECONDS):
                if patient.is_confirmed(appointment):
                    return
                threading.Event().wait(1)
        raise TimeoutError(f"paid, and not confirmed within {CONFIRMED_SECONDS} s")

    def told_to_a_patient(self) -> str:
        """The answer to a patient who books and goes on to pay, just now."""
        patient = self.patient()
        try:
            with patient.client:
                patient.order(patient.hold(next(self.slots)))
        except Refused as refusal:
            return str(refusal)
        except httpx.TransportError as fault:
            return f"no answer ({type(fault).__name__})"
        return "books and goes on to pay"

    def told_to_the_desk(self) -> str:
        """The parts of /api/ready that are not well."""
        try:
            answer = httpx.get(f"{self.app.base_url}/api/ready", headers=DESK, timeout=40, trust_env=False)
        except httpx.TransportError as fault:
            return f"`/api/ready`: no answer ({type(fault).__name__})"
        checks = (answer.json().get("data") or {}).get("checks", {})
        unwell = [f"{name} {one['detail']}" for name, one in checks.items() if not one["ok"]]
        return f"`/api/ready` {answer.status_code}{': ' if unwell else ''}{'; '.join(unwell)}"

    def log_size(self) -> int:
        return self.app.log.stat().st_size

    def alarms_since(self, place: int) -> str:
        """The lines of log above info since it had this size: their names with counts."""
        with self.app.log.open("rb") as log:
            log.seek(place)
            lines = log.read().decode(errors="replace").splitlines()
        found = Counter(filter(None, map(_alarm, lines)))
        return ", ".join(f"{name} × {count}" for name, count in found.most_common(5))

    def answers(self) -> bool:
        with suppress(httpx.TransportError):
            return httpx.get(
                f"{self.app.base_url}/api/health", headers=DESK, timeout=5, trust_env=False
            ).is_success
        return False

    def app_processes(self) -> list[int]:
        """The server and the processes that it leads."""
        leaders = child_processes(self.app.pid, "granian")
        return [*leaders, *(one for leader in leaders for one in child_processes(leader, ""))]


def _alarm(line: str) -> str:
    if not line.startswith("{"):
        return "a trace" if line.startswith("Traceback") else ""
    try:
        said = json.loads(line)
    except ValueError:
        return ""
    return f"`{str(said.get('event'))[:60]}`" if said.get("level") in ("warning", "error", "critical") else ""


class Redis:
    """A Redis of one's own that is killed, and comes back at the same port."""

    def __init__(self) -> None:
        self.port, self._running = free_port(), ExitStack()
        self._start()

    def _start(self) -> None:
        self.url = self._running.enter_context(redis_server(port=self.port))

    @contextmanager
    def killed(self) -> Iterator[None]:
        """Inside, there is none."""
        with redis_client.Redis(port=self.port) as client:
            os.kill(int(client.info("server")["process_id"]), signal.SIGKILL)
        try:
            yield
        finally:
            self.close()
            self._start()

    def close(self) -> None:
        self._running.close()


@contextmanager
def small() -> Iterator[Stage]:
    """One process on SQLite, as `make run` starts it on a fresh machine."""
    with clinic(**WALLS, SECRET_KEY=settings().signing_key()) as app, looking_into(app.database_url):
        yield Stage(app)


@contextmanager
def large() -> Iterator[Stage]:
    """Two processes on PostgreSQL, with Redis."""
    with ExitStack() as stack:
        server = stack.enter_context(postgres_server())
        redis = Redis()
        stack.callback(redis.close)
        server.execute("CREATE DATABASE chaos")
        more = {"DATABASE_URL": server.url("chaos"), "REDIS_URL": redis.url, "WORKERS": "2"}
        app = stack.enter_context(clinic(**WALLS, **more, SECRET_KEY=settings().signing_key()))
        stack.enter_context(looking_into(app.database_url))
        yield Stage(app, server, redis)
