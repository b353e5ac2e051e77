"""Revision 0009 on a database of before: each sentence that a rule read becomes its value, and comes back word for word."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tests.support.databases import to_revision
from tests.support.servers import Postgres

AT = "2026-11-21 04:45:00+00:00"
DEFAULTS: dict[str, dict[str, Any]] = {
    "doctor": {
        "slug": "chandra-rao", "name": "Dr Chandra Rao", "speciality": "Cardiology", "qualifications": "MD",
        "practising_since": 2001, "languages": "[]", "city": "Pune", "area": "Baner", "address": "1 Main Road",
        "fee_paise": 50_000, "about": "", "slot_minutes": 30, "active": True,
    },
    "person": {
        "name": "Asha Rao", "email": "asha@example.com", "phone": "", "password_hash": "-", "role": "patient",
        "demo": False, "created_at": AT,
    },
    "slot": {"doctor_id": 1, "withdrawn": False},
    "appointment": {
        "doctor_id": 1, "patient_id": 1, "starts_at": AT, "ends_at": AT, "reason": "", "fee_paise": 50_000,
        "created_at": AT, "updated_at": AT,
    },
    "payment": {
        "amount_paise": 50_000, "currency": "INR", "method": "", "method_detail": "", "captured_paise": 0,
        "refunded_paise": 0, "failure": "", "mark_reason": "", "mark_reference": "", "checks": 0, "created_at": AT,
        "updated_at": AT,
    },
    "payment_attempt": {
        "payment_id": 1, "status": "captured", "amount_paise": 50_000, "currency": "INR", "method": "", "detail": "",
        "error_code": "", "error_reason": "", "error_description": "", "created_at": AT, "updated_at": AT,
    },
    "refund": {
        "payment_id": 1, "gateway_payment_id": "pay_1", "amount_paise": 100, "attempts": 0, "last_error": "",
        "created_at": AT, "updated_at": AT,
    },
    "webhook_event": {
        "event_id": "", "body": b"{}", "event": "payment.captured", "order_id": "", "attempts": 1, "received_at": AT,
    },
    "reconciliation_case": {"detail": "", "opened_at": AT, "seen_at": AT, "closing_note": ""},
    "downtime": {
        "gateway_downtime_id": "down_1", "method": "upi", "severity": "high", "instrument": "", "begins_at": AT,
        "ended": False, "told_at": AT, "heard_at": "2026-11-21 05:45:00+00:00",
    },
    "audit_entry": {
        "at": AT, "actor": "system", "before": "", "after": "", "reason": "", "previous_hash": "0", "hash": "1",
    },
}  # fmt: skip

# status, the old reason, the new cause
APPOINTMENTS = [
    ("pending_payment", "", None),
    ("pending_payment", "tried again", "tried_again"),
    ("failed", "hold expired", "hold_expired"),
    ("failed", "let go by the patient", "let_go"),
    ("failed", "payment failed", "payment_failed"),
    ("failed", "paid too late", "paid_too_late"),
    ("failed", "paid after the visit began", "paid_too_late"),
    ("failed", "Asha will pay at the desk", None),
    ("confirmed", "paid", "paid"),
    ("confirmed", "late payment, slot still free", "paid_late"),
    ("confirmed", "Paid in cash", None),
    ("completed", "concluded", "concluded"),
    ("completed", "nobody said otherwise", "taken_for_granted"),
    ("cancelled", "cancelled", "cancelled"),
    ("cancelled", "She is abroad", None),
]
BY_THE_DESK = 15  # the last of them; the one before was cancelled by its patient

# booking, status, the old reason and error, the new origin, whether Razorpay paid it after all, the new error
REFUNDS = [
    (14, "processed", "cancelled", "", "policy", False, ""),
    (BY_THE_DESK, "pending", "cancelled", "network", "desk", False, "network"),
    (1, "pending", "paid too late", "", "late_capture", False, ""),
    (1, "pending", "paid twice", "", "second_capture", False, ""),
    (1, "failed", "amount or currency differs", "refused", "mismatch", False, "refused"),
    (1, "processed", "made at Razorpay", "", "dashboard", False, ""),
    (1, "processed", "given back by hand", "", "by_hand", False, ""),
    (1, "failed", "paid twice", "Razorpay paid it after all", "second_capture", True, ""),
    (1, "processed", "paid twice", "Razorpay paid it after all", "second_capture", False, "Razorpay paid it after all"),
]  # fmt: skip

# the old failure, the new kind and failure
PAYMENTS = [
    ("", None, ""),
    ("payment failed", "declined", ""),
    ("The bank declined the payment.", "declined", "The bank declined the payment."),
    ("the bank's promise was not taken up in time", "lapsed", ""),
]

SOURCES = ["webhook", "return", "question", "capture", "comparison"]

# status, the old outcome; the new code, detail and replay
WEBHOOKS = [
    ("waiting", "", None, "", None),
    ("done", "applied: confirm", "confirm", "", None),
    ("done", "applied: refund", "refund", "", None),
    ("done", "applied: adopt", "adopt", "", None),
    ("done", "applied: refund_extra", "refund_extra", "", None),
    ("done", "applied: refund_mismatch", "refund_mismatch", "", None),
    ("done", "applied: authorize", "authorize", "", None),
    ("done", "applied: lapse", "lapse", "", None),
    ("done", "applied: fail", "fail", "", None),
    ("done", "applied: refund pending", "refund_pending", "", None),
    ("done", "applied: refund processed", "refund_processed", "", None),
    ("done", "applied: refund failed", "refund_failed", "", None),
    ("done", "applied: a refund made at Razorpay", "dashboard_refund", "", None),
    ("done", "applied: a case, because money may have gone back twice", "refund_twice", "", None),
    ("done", "applied: upi is in trouble", "downtime_began", "upi", None),
    ("done", "applied: netbanking works again", "downtime_ended", "netbanking", None),
    ("done", "applied: confirm; replayed: nothing new", "confirm", "", "nothing_new"),
    ("done", "applied: refund; replayed: no use for payment.captured", "refund", "", "no_use"),
    ("ignored", "ignored: nothing new", "nothing_new", "", None),
    ("ignored", "ignored: an order we do not know", "unknown_order", "", None),
    ("ignored", "ignored: a refund of a payment we do not know", "unknown_payment", "", None),
    ("ignored", "ignored: Razorpay's own refund of money we never kept", "not_kept", "", None),
    ("ignored", "ignored: a refund made at Razorpay that failed", "dashboard_refund_failed", "", None),
    ("ignored", "ignored: that much of the payment is already on its way back", "already_going_back", "", None),
    ("ignored", "ignored: no use for payment.captured", "no_use", "payment.captured", None),
    ("parked", "event: Invalid JSON", "unreadable", "event: Invalid JSON", None),
    ("parked", "payment: known by another order of ours", "other_order", "", None),
    ("parked", "failed: OperationalError", "broken", "OperationalError", None),
]  # fmt: skip

# action, after, actor, reason, the new cause
TRAIL = [
    ("appointment", "pending_payment", "patient:1", "slot claimed", "slot_claimed"),
    ("payment", "captured", "razorpay:webhook", "money captured", "captured"),
    ("payment", "authorized", "razorpay:return", "authorized by the bank", "authorized"),
    ("payment", "failed", "razorpay:question", "authorization lapsed", "lapsed"),
    ("payment", "failed", "razorpay:webhook", "what the bank agreed to was not the bill", "not_the_bill"),
    ("payment", "failed", "system:sweep", "hold expired", "hold_expired"),
    ("refund", "pending", "razorpay:webhook", "paid twice", "paid_twice"),
    ("refund", "pending", "razorpay:webhook", "amount or currency differs", "mismatch"),
    ("refund", "processed", "razorpay:webhook", "made at Razorpay", "dashboard"),
    ("refund", "processed", "admin:2", "given back by hand", "by_hand"),
    ("adopted", "", "razorpay:webhook", "the payment that the desk had marked", "adopted"),
    ("alarm", "", "razorpay:webhook", "paid twice: pay_2", None),
    ("case", "closed", "admin:2", "cancelled", None),
]

CASES = [
    ("settlement_late", "Wednesday 4 November 2026", "2026-11-04"),
    ("unreadable_refund", "the account's list", "account"),
    ("unknown_order", "pay_1", "pay_1"),
]


@pytest.fixture(params=["sqlite", "postgresql"])
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database of revision 0008 with a row of every kind."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'old.db'}"
        _fill(url)
        yield url
        return
    postgres: Postgres = request.getfixturevalue("postgres")
    name = f"old_{uuid.uuid4().hex[:12]}"
    postgres.execute(f"CREATE DATABASE {name}")
    _fill(postgres.url(name))
    yield postgres.url(name)
    postgres.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _fill(url: str) -> None:
    to_revision(url, "upgrade", "0008")
    engine = sa.create_engine(url)
    with engine.begin() as tx:
        _insert(tx, "doctor")
        _insert(tx, "person")
        for n, (status, reason, _) in enumerate(APPOINTMENTS, 1):
            at = f"2026-11-21 {n:02}:45:00+00:00"
            _insert(tx, "slot", starts_at=at, ends_at=at.replace(":45", ":59"))
            _insert(
                tx, "appointment", reference=f"R{n}", slot_id=n, status=status, status_reason=reason,
                hold_expires_at=AT if status == "pending_payment" else None,
            )  # fmt: skip
            failure = PAYMENTS[n - 1][0] if n <= len(PAYMENTS) else ""
            _insert(tx, "payment", appointment_id=n, status="pending", failure=failure)
            actor = {14: "patient:1", BY_THE_DESK: "admin:2"}.get(n, "system")
            before = "" if not reason else "pending_payment"
            _insert(
                tx, "audit_entry", subject=f"appointment:{n}", seq=1, action="appointment", before=before, after=status,
                actor=actor, reason=reason or "slot claimed",
            )  # fmt: skip
        for n, source in enumerate(SOURCES):
            _insert(tx, "payment_attempt", gateway_payment_id=f"pay_{n}", heard_from=source)
        for n, (payment_id, status, reason, error, *_) in enumerate(REFUNDS):
            _insert(
                tx, "refund", payment_id=payment_id, status=status, reason=reason, last_error=error, idempotency_key=f"key-{n}",
            )  # fmt: skip
        for n, (status, outcome, *_) in enumerate(WEBHOOKS):
            _insert(tx, "webhook_event", body_sha256=str(n), status=status, outcome=outcome)
        for n, (action, after, actor, reason, _) in enumerate(TRAIL, 1):
            _insert(
                tx, "audit_entry", subject="trail", seq=n, action=action, after=after, actor=actor, reason=reason,
            )  # fmt: skip
        _insert(tx, "downtime")
        for kind, subject, _ in CASES:
            _insert(tx, "reconciliation_case", kind=kind, subject=subject)
    engine.dispose()


def _insert(tx: sa.Connection, table: str, **values: Any) -> None:
    row = {**DEFAULTS[table], **values}
    names = ", ".join(f'"{name}"' for name in row)
    tx.execute(sa.text(f"INSERT INTO {table} ({names}) VALUES ({', '.join(f':{n}' for n in row)})"), row)


def rows(url: str, query: str) -> list[tuple[Any, ...]]:
    engine = sa.create_engine(url)
    with engine.connect() as tx:
        found = [tuple(row) for row in tx.execute(sa.text(query))]
    engine.dispose()
    return found


OLD_ROWS = (
    "SELECT id, status, status_reason FROM appointment ORDER BY id",
    "SELECT id, status, failure FROM payment ORDER BY id",
    "SELECT id, heard_from FROM payment_attempt ORDER BY id",
    "SELECT id, status, reason, last_error, amount_paise FROM refund ORDER BY id",
    "SELECT id, status, outcome FROM webhook_event ORDER BY id",
    "SELECT kind, subject FROM reconciliation_case ORDER BY id",
    "SELECT told_at, heard_at FROM downtime",
)
AUDIT = 'SELECT subject, seq, actor, action, "before", "after", reason, previous_hash, hash FROM audit_entry ORDER BY id'


def test_each_sentence_becomes_its_value_and_the_trail_stays_as_it_was_hashed(old: str) -> None:
    trail, instants = rows(old, AUDIT), rows(old, OLD_ROWS[-1])

    to_revision(old, "upgrade", "0009")

    assert rows(old, "SELECT status, status_cause FROM appointment ORDER BY id") == [
        (status, cause) for status, _, cause in APPOINTMENTS
    ]
    assert rows(
        old, "SELECT payment_id, status, reason, origin, paid_after_all, last_error FROM refund ORDER BY id"
    ) == [
        (payment_id, status, reason, origin, after_all, error)
        for payment_id, status, reason, _, origin, after_all, error in REFUNDS
    ]
    assert rows(old, "SELECT failure_kind, failure FROM payment ORDER BY id")[: len(PAYMENTS)] == [
        (kind, failure) for _, kind, failure in PAYMENTS
    ]
    assert rows(old, "SELECT source FROM payment_attempt ORDER BY id") == [(one,) for one in SOURCES]
    assert rows(
        old, "SELECT status, outcome_code, outcome_detail, replay_code FROM webhook_event ORDER BY id"
    ) == [(status, code, detail, replay) for status, _, code, detail, replay in WEBHOOKS]
    assert rows(old, "SELECT kind, subject FROM reconciliation_case ORDER BY id") == [
        (kind, subject) for kind, _, subject in CASES
    ]
    assert rows(old, "SELECT changed_at, seen_at FROM downtime") == instants
    assert rows(old, "SELECT cause FROM audit_entry WHERE subject = 'trail' ORDER BY id") == [
        (cause,) for *_, cause in TRAIL
    ]
    assert rows(old, AUDIT) == trail


def test_going_back_gives_every_sentence_back(old: str) -> None:
    before = [rows(old, query) for query in OLD_ROWS]

    to_revision(old, "upgrade", "0009")
    to_revision(old, "downgrade", "0008")

    assert [rows(old, query) for query in OLD_ROWS] == before


SENTENCES = (
    "UPDATE refund SET origin = 'given back by hand'",
    "UPDATE appointment SET status_cause = 'hold expired'",
    "UPDATE audit_entry SET cause = 'slot claimed'",
    "UPDATE payment SET failure_kind = 'payment failed'",
    "UPDATE payment_attempt SET source = 'a friend'",
    "UPDATE webhook_event SET outcome_code = 'applied: confirm'",
    "UPDATE webhook_event SET replay_code = 'applied: confirm'",
)


def test_a_sentence_is_no_value(old: str) -> None:
    to_revision(old, "upgrade", "0009")
    engine = sa.create_engine(old)

    for statement in SENTENCES:
        with pytest.raises(sa.exc.IntegrityError), engine.begin() as tx:
            tx.execute(sa.text(statement))

    engine.dispose()
