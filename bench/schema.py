"""`make schema`: Schemathesis over our own OpenAPI, with every check it has, as nobody, as a patient and as the desk.

The application runs in process on a real database that holds a hold, a paid visit and a stored webhook; its clock stands
still, and the sandbox answers for Razorpay. Exits 1 on any failure or answer of 500.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import httpx
import schemathesis
import structlog
from schemathesis import engine
from schemathesis.engine import events
from starlette.types import Receive, Scope, Send

from bench import stand
from bench.crowd import looking_into
from booking_ui.api.app import api
from booking_ui.api.http.identity import now as clock
from booking_ui.config.settings import settings
from booking_ui.domain.clock import utc_now
from booking_ui.services.accounts import authentication
from tests.support.security.stage import Stage, set_stage
from tests.support.servers import TRUSTED, free_port, migrate, wait_until

ROLES = ("nobody", "patient", "desk")
# A description can't express these rules, so an input that fits it may still be refused: a signature, a mail or a mobile
# number that exists, a strong password, two dates in order. Every other check holds for these too.
REFUSABLE = {
    "/api/appointments/payment-callback": 400,
    "/api/appointments/razorpay-webhook": 400,
    "/api/auth/register": 422,
    "/api/auth/me": 422,
    "/api/auth/reset/request": 422,
    "/api/auth/code/request": 422,
    "/api/auth/phone": 422,
    "/api/auth/phone/verify": 422,
    "/api/auth/me/phone": 422,
    "/api/auth/me/phone/verify": 422,
    "/api/auth/me/email": 422,
    "/api/auth/me/email/verify": 422,
    "/api/availability": 422,
    "/api/dependents": 422,
    "/api/dependents/{dependent_id}": 422,
    "/api/admin/payments/{payment_id}/mark": 422,
    "/api/admin/appointments/{appointment_id}/cancel": 422,
    "/api/admin/payouts/summary": 422,
    "/api/admin/audit": 422,
    "/api/admin/appointments": 422,
}
# Razorpay is asked while the caller waits, and knows nothing of the stage's orders.
ASKS_RAZORPAY = ("/api/admin/appointments/{appointment_id}/ask",)
EVERYWHERE = "/api/auth/logout/everywhere"  # another's: it would end the token of all the other calls
ACCEPTED = ["2xx", "3xx", 401, 403, 404, 409, 410, 429]
RESULTS = Path(__file__).parent / "results"


@dataclass
class Report:
    """The outcome of one caller's examples; a failure reads "check: method path: what"."""

    role: str
    examples: int = 0
    answers: Counter[int] = field(default_factory=Counter)
    checks: Counter[str] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)
    samples: dict[str, str] = field(default_factory=dict)  # how to repeat the first of each kind
    errors: list[str] = field(default_factory=list)


def hammer(role: str, stage: Stage, *, examples: int, seed: int, phases: tuple[str, ...]) -> Report:
    """Up to `examples` random examples of each operation in each phase, besides those that the phases derive."""
    told: dict[str, object] = {
        "seed": seed,
        "workers": 1,
        "continue-on-failure": True,
        "generation": {"max-examples": examples, "database": "none", "no-shrink": True},
        "phases": {
            name: {"enabled": name in phases} for name in ("examples", "coverage", "fuzzing", "stateful")
        },
        "headers": _headers(role, stage),
        "checks": {"positive_data_acceptance": {"expected-statuses": ACCEPTED}},
        "operations": [
            {
                "include-path": path,
                "checks": {"positive_data_acceptance": {"expected-statuses": [*ACCEPTED, status]}},
            }
            for path, status in REFUSABLE.items()
        ]
        + [
            {
                "include-path": path,
                "checks": {
                    "positive_data_acceptance": {"expected-statuses": [*ACCEPTED, 502]},
                    "not_a_server_error": {"expected-statuses": ["2xx", "3xx", "4xx", 502]},
                },
            }
            for path in ASKS_RAZORPAY
        ]
        + [{"include-path": EVERYWHERE, "headers": _headers(role, stage, stage.cast.bilal)}],
    }
    config = schemathesis.Config.from_dict(told)
    schema = schemathesis.openapi.from_asgi("/api/openapi.json", _from_here, config=config)
    report = Report(role)
    with _still(stage.now):
        for event in engine.from_schema(schema).execute():
            _note(event, report)
    return report


def _headers(role: str, stage: Stage, instead: int = 0) -> dict[str, str]:
    people = {"patient": stage.cast.asha, "desk": stage.cast.devi.person_id}
    if role not in people:
        return {}
    pair = authentication.issue_tokens(person_id=instead or people[role], now=stage.now)
    return {"Authorization": f"Bearer {pair.access_token}"}


async def _from_here(scope: Scope, receive: Receive, send: Send) -> None:
    """The application, called from this machine: its address is trusted, so no limit counts it."""
    await api({**scope, "client": ("127.0.0.1", 1)}, receive, send)


@contextmanager
def _still(moment: datetime) -> Iterator[None]:
    """The API's clock stands at `moment`: a token outlives the run."""

    async def read() -> datetime:
        return moment

    api.dependency_overrides[clock] = read
    try:
        yield
    finally:
        api.dependency_overrides.pop(clock)


def _note(event: events.EngineEvent, report: Report) -> None:
    if isinstance(event, events.NonFatalError):
        report.errors.append(f"{event.label}: {event.value!r}")
    elif isinstance(event, events.FatalError):
        report.errors.append(repr(event.exception))
    elif isinstance(event, events.ScenarioFinished):
        for case_id, interaction in event.recorder.interactions.items():
            report.examples += 1
            if interaction.response is not None:
                report.answers[interaction.response.status_code] += 1
            for check in event.recorder.checks.get(case_id, []):
                report.checks[check.name] += 1
                if check.failure_info is not None:
                    failure = check.failure_info.failure
                    report.samples.setdefault(
                        check.name + event.recorder.label, check.failure_info.code_sample[:3_000]
                    )
                    what = f"{failure.title}: {failure.message}".replace("\n", " ")[:300]
                    report.failures[f"{check.name}: {event.recorder.label}: {what}"] += 1


def table(reports: list[Report]) -> list[str]:
    lines = ["| caller | examples | answers | checks made | failures | 500 |", "|---|---|---|---|---|---|"]
    for one in reports:
        answers = ", ".join(f"{count} × {status}" for status, count in sorted(one.answers.items()))
        made, bad = sum(one.checks.values()), sum(one.failures.values()) + len(one.errors)
        lines.append(f"| {one.role} | {one.examples:,} | {answers} | {made:,} | {bad} | {one.answers[500]} |")
    return lines


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--examples", type=int, default=10, help="of each operation, in each phase")
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--role", choices=ROLES)
    told = asked.parse_args()
    os.environ["RATE_LIMIT_TRUSTED_IPS"] = TRUSTED
    os.environ["RATE_LIMIT_PERSON"] = os.environ["RATE_LIMIT_CLAIM"] = "100000/minute"
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    with running_sandbox():
        sys.exit(_all(told))


def _all(told: argparse.Namespace) -> bool:
    phases = ("examples", "coverage", "fuzzing", "stateful")
    reports = []
    for role in ROLES if told.role is None else (told.role,):
        with tempfile.TemporaryDirectory() as home:
            url = f"sqlite:///{home}/schema.db"
            migrate(url, data_dir=Path(home))
            with looking_into(url):
                stage = set_stage(utc_now())
                reports.append(hammer(role, stage, examples=told.examples, seed=told.seed, phases=phases))
    lines = table(reports)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "schema.md").write_text("\n".join(lines) + "\n")
    print("\n".join(lines))
    for one in reports:
        for failure, count in [*one.failures.most_common(40), *((error, 1) for error in one.errors)]:
            print(f"{one.role}: {count} × {failure}")
        print(*one.samples.values(), sep="\n")
    return any(one.failures or one.errors or one.answers[500] for one in reports)


@contextmanager
def running_sandbox() -> Iterator[None]:
    """A Razorpay that answers: without one every order would be a rightful 503."""
    with tempfile.TemporaryDirectory() as home:
        port = free_port()
        box = stand.sandbox({"SANDBOX_PORT": str(port)}, Path(home))
        os.environ["RAZORPAY_API_URL"] = f"http://127.0.0.1:{port}"
        settings.cache_clear()
        with stand.running(box):
            wait_until(lambda: _answers(port), what="the sandbox")
            yield


def _answers(port: int) -> bool:
    with suppress(httpx.TransportError):
        return httpx.get(f"http://127.0.0.1:{port}/", trust_env=False).status_code < 500
    return False


if __name__ == "__main__":
    main()
