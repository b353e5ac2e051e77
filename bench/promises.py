"""`python -m bench.promises`: the time of `python -m booking_ui invariants` over a million rows.

The rows are those of an honest life: visits that took place and cancelled ones, with attempts, refunds, mails,
webhooks and chained audit rows. The command must find nothing, and must find the one refund that is then doubled.
Exits 1 when it does not.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa
from sqlmodel import SQLModel, col, func, select

from bench.__main__ import NOW, fresh, people
from booking_ui.config.settings import settings
from booking_ui.db.models import (
    Appointment,
    AuditChain,
    AuditEntry,
    Doctor,
    Notification,
    Payment,
    PaymentAttempt,
    Refund,
    Slot,
    WebhookEvent,
)
from booking_ui.db.session import read, write
from booking_ui.services.journal import audit, audit_keys
from booking_ui.services.journal.audit_proof import Scope
from booking_ui.services.upkeep import invariants
from tests.support.servers import ROOT, postgres_server

RESULTS = Path(__file__).parent / "results"
TABLES = (
    Slot,
    Appointment,
    Payment,
    PaymentAttempt,
    Refund,
    Notification,
    WebhookEvent,
    AuditEntry,
    AuditChain,
)
FEE, HALF_HOUR, BATCH = 50_000, timedelta(minutes=30), 5_000
BEGAN = NOW - timedelta(days=3650)
Rows = dict[type[SQLModel], list[dict[str, Any]]]


def booking(n: int, doctor_id: int, patient_id: int, nth: int) -> Rows:
    """The rows of one booking: every tenth was cancelled and refunded, the others took place."""
    starts = BEGAN + HALF_HOUR * nth
    at, off = starts - timedelta(days=1), n % 10 == 0
    paid, returned = f"pay_{n:014d}", FEE if off else 0
    times = {"starts_at": starts, "ends_at": starts + HALF_HOUR}
    noted = {"created_at": at, "updated_at": at}
    rows = list(trail(n, patient_id, at, off=off))
    found: Rows = {
        Slot: [{"id": n, "doctor_id": doctor_id, "withdrawn": False, **times}],
        Appointment: [
            {
                "id": n, "reference": f"{n:08d}", "slot_id": n, "doctor_id": doctor_id, "patient_id": patient_id,
                "status": "cancelled" if off else "completed", "fee_paise": FEE, "hold_expires_at": at, **times, **noted,
            }
        ],
        Payment: [
            {
                "id": n, "appointment_id": n, "status": "refunded" if off else "captured", "amount_paise": FEE,
                "currency": "INR", "gateway_order_id": f"order_{n:014d}", "gateway_payment_id": paid,
                "captured_paise": FEE, "refunded_paise": returned, "captured_at": at, **noted,
            }
        ],
        PaymentAttempt: [
            {
                "id": n, "payment_id": n, "gateway_payment_id": paid, "status": "captured", "amount_paise": FEE,
                "currency": "INR", **noted,
            }
        ],
        Refund: [
            {
                "id": n, "payment_id": n, "gateway_payment_id": paid, "gateway_refund_id": f"rfnd_{n:014d}",
                "amount_paise": FEE, "status": "processed", "origin": "policy", "reason": "cancelled", "idempotency_key": f"rf-{n}", **noted,
            }
        ] if off else [],
        Notification: [
            {
                "id": n, "key": f"{n}:confirmed:", "appointment_id": n, "kind": "confirmed", "status": "done",
                "created_at": at, "sent_at": at,
            }
        ],
        WebhookEvent: [
            {
                "id": n, "event_id": f"{n:014d}", "body_sha256": f"{n:064d}", "body": b"{}", "status": "done",
                "outcome_code": "confirm", "received_at": at, "handled_at": at,
            }
        ],
        AuditEntry: rows,
        AuditChain: [end(rows)],
    }  # fmt: skip
    return found


def trail(n: int, patient_id: int, at: datetime, *, off: bool) -> Iterator[dict[str, Any]]:
    """The booking's chain, hashed like the product's."""
    moves = [
        ("appointment", "", "pending_payment"), ("payment", "", "pending"), ("payment", "pending", "captured"),
        ("appointment", "pending_payment", "confirmed"),
    ]  # fmt: skip
    moves += (
        [("appointment", "confirmed", "cancelled"), ("payment", "captured", "refund_pending"),
         ("refund", "pending", "processed"), ("payment", "refund_pending", "refunded")]
        if off else [("appointment", "confirmed", "completed")]
    )  # fmt: skip
    stated = {
        "payment": f"bill {FEE} INR pay_{n:014d} - -  ",
        "refund": f"refund:{n} {FEE} pay_{n:014d} rfnd_{n:014d}",
    }
    previous = audit.GENESIS
    for seq, (action, before, after) in enumerate(moves, 1):
        row = SimpleNamespace(
            subject=f"appointment:{n}", seq=seq, at=at, actor=f"patient:{patient_id}", action=action, before=before, after=after,
            reason="bench", cause=None, facts=stated.get(action, ""), key_id=audit_keys.keys().newest, previous_hash=previous,
        )  # fmt: skip
        previous = audit.digest(row)  # type: ignore[arg-type]  # it has every fact of a row
        yield {**vars(row), "hash": previous}


def end(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The chain's own row."""
    last = rows[-1]
    chain = AuditChain(
        subject=last["subject"], length=last["seq"], head=last["hash"], key_id=last["key_id"], seal=""
    )
    chain.seal = audit.seal(chain)
    return chain.model_dump()


def load(bookings: int) -> int:
    """Fill the fresh database; returns its rows."""
    (patient_id,) = people(1)
    with read() as tx:
        doctors = [one for one in tx.exec(select(Doctor.id)).all() if one is not None]
        first = (tx.exec(select(func.max(Slot.id))).one() or 0) + 1
    numbers = iter(range(first, first + bookings))
    while batch := list(islice(numbers, BATCH)):
        made = [booking(n, doctors[n % len(doctors)], patient_id, n // len(doctors)) for n in batch]
        with write() as tx:
            for table in TABLES:
                if rows := [row for one in made for row in one[table]]:
                    tx.connection().execute(sa.insert(table), rows)
    with write() as tx:
        tx.connection().execute(sa.text("ANALYZE"))
        return sum(tx.exec(select(func.count()).select_from(table)).one() for table in TABLES)


def command(url: str, home: Path) -> tuple[float, float, int]:
    """Seconds, seconds of a processor (without the server's), and exit code of the command, in a process of its own."""
    known = {"DATABASE_URL": url, "DATA_DIR": str(home), "SECRET_KEY": settings().signing_key()}
    env = {**os.environ, **known}
    began, worked = time.perf_counter(), _worked()
    done = subprocess.run(
        [sys.executable, "-m", "booking_ui", "invariants"],
        cwd=ROOT,
        env=env,
        capture_output=True,
        check=False,
    )
    return time.perf_counter() - began, _worked() - worked, done.returncode


def _worked() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return children.ru_utime + children.ru_stime


def measured(name: str, url: str, home: Path, bookings: int) -> tuple[str, bool]:
    """A row of the table, and whether the command was right both times."""
    with fresh(url):
        rows = load(bookings)
        whole, worked, honest = command(url, home)
        with read() as tx:
            newest = tx.exec(select(func.max(AuditEntry.id))).one() or 0
        began = time.perf_counter()
        invariants.count(now=NOW, scope=Scope(((newest, None),)))
        known = time.perf_counter() - began
        with write() as tx:
            tx.exec(sa.update(Refund).where(col(Refund.id) == _last_refund()).values(amount_paise=FEE + 100))
        _, _, damaged = command(url, home)
    return f"| {name} | {rows:,} | {whole:.1f} s | {worked:.1f} s | {known:.1f} s |", (honest, damaged) == (
        0,
        1,
    )


def _last_refund() -> int:
    with read() as tx:
        return tx.exec(select(func.max(Refund.id))).one() or 0


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--bookings", type=int, default=95_000, help="11 rows each")
    bookings = asked.parse_args().bookings
    lines = [
        "| database | rows | the command, every hash anew | of a processor | hashes known, as every five minutes |",
        "|---|---:|---:|---:|---:|",
    ]
    with tempfile.TemporaryDirectory() as folder, postgres_server() as server:
        home = Path(folder)
        server.execute("CREATE DATABASE promises")
        urls = {"SQLite": f"sqlite:///{home / 'promises.db'}", "PostgreSQL": server.url("promises")}
        found = [measured(name, url, home, bookings) for name, url in urls.items()]
    lines += [line for line, _ in found]
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "promises.md").write_text("\n".join(lines) + "\n")
    print("\n".join(lines))
    return 0 if all(right for _, right in found) else 1


if __name__ == "__main__":
    sys.exit(main())
