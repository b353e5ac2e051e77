"""The promises 1 to 8 of the contract, counted over the whole database by set-based SQL.

Promise 9 compares with Razorpay's list: services/payments/cash_equation.py.

Each query returns one row per violation: (subject, what is wrong). Everything is one pass over indexed columns; only
the content of the audit rows is hashed here, because SQLite has no sha256.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
import structlog
from sqlmodel import Session, col, func, select

from booking_ui.config.settings import settings
from booking_ui.db.models import AuditEntry, PromiseCount
from booking_ui.db.session import read, write
from booking_ui.domain import payment
from booking_ui.domain.clock import instant_label
from booking_ui.services.journal import audit
from booking_ui.services.payments import cash_equation_count
from booking_ui.services.views.desk import PromiseView

log = structlog.get_logger()

SWEEP = timedelta(seconds=60)
HASH_ALL_EVERY = timedelta(days=1)
_hashed = 0
_hashed_all_at: datetime | None = None

LIVE = "('pending_payment', 'confirmed', 'completed', 'no_show')"
VISITS = "('confirmed', 'completed', 'no_show')"
RETURNED = "('pending', 'processed')"
COURTESIES = "({})".format(", ".join(f"'{origin.value}'" for origin in sorted(payment.COURTESIES)))


@dataclass(frozen=True)
class Violation:
    """One broken promise: its subject, and the fault."""

    subject: str
    fault: str


@dataclass(frozen=True)
class Count:
    """One promise over the whole database."""

    number: int
    promise: str
    checked: int
    violations: list[Violation]


@dataclass(frozen=True)
class _Promise:
    number: int
    text: str
    checked: str
    queries: tuple[str, ...]


_SUMS = f"""
    SELECT p.id, p.appointment_id, p.amount_paise, p.captured_paise, p.refunded_paise, p.status, p.updated_at,
           p.marked_by_id, a.status AS appointment,
           COALESCE((SELECT SUM(r.amount_paise) FROM refund r WHERE r.payment_id = p.id AND r.status = 'pending'), 0) AS due,
           COALESCE((SELECT SUM(r.amount_paise) FROM refund r WHERE r.payment_id = p.id AND r.status = 'processed'), 0) AS sent,
           COALESCE((SELECT SUM(r.amount_paise) FROM refund r WHERE r.payment_id = p.id AND r.status = 'failed'), 0) AS failed,
           COALESCE((SELECT SUM(t.amount_paise) FROM payment_attempt t
                     WHERE t.payment_id = p.id AND NOT EXISTS (SELECT 1 FROM reconciliation_case c
                       WHERE c.subject = t.gateway_payment_id AND c.kind = 'marked_and_paid' AND c.closed_at IS NULL)
                     AND (t.status = 'captured' OR (t.status = 'refunded' AND (
                       t.gateway_payment_id = p.gateway_payment_id OR EXISTS (
                         SELECT 1 FROM refund r WHERE r.gateway_payment_id = t.gateway_payment_id))))), 0) AS attempted,
           COALESCE((SELECT SUM(t.deducted_paise) FROM payment_attempt t
                     WHERE t.payment_id = p.id AND NOT EXISTS (SELECT 1 FROM reconciliation_case c
                       WHERE c.subject = t.gateway_payment_id AND c.kind = 'marked_and_paid' AND c.closed_at IS NULL)), 0)
             AS deducted,
           CASE WHEN a.status IN {VISITS} THEN p.amount_paise - p.deducted_paise - COALESCE((SELECT SUM(r.amount_paise) FROM refund r
             WHERE r.payment_id = p.id AND r.gateway_payment_id = COALESCE(p.gateway_payment_id, '')
             AND r.status IN {RETURNED} AND r.origin IN {COURTESIES}), 0) ELSE p.retained_paise END AS kept
    FROM payment p JOIN appointment a ON a.id = p.appointment_id
"""

PROMISES = (
    _Promise(
        1,
        "No slot has two live appointments, and no doctor two overlapping ones",
        "SELECT COUNT(*) FROM appointment",
        (
            f"SELECT 'slot:' || slot_id, 'two live appointments' FROM appointment WHERE status IN {LIVE} "
            "GROUP BY slot_id HAVING COUNT(*) > 1",
            "SELECT 'appointment:' || id, 'overlaps another one of its doctor' FROM (SELECT id, starts_at, MAX(ends_at) "
            "OVER (PARTITION BY doctor_id ORDER BY starts_at, id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) "
            f"AS busy_until FROM appointment WHERE status IN {LIVE}) seen WHERE starts_at < busy_until",
        ),
    ),
    _Promise(
        2,
        "A confirmed appointment has exactly one captured payment of the exact amount, or a named manual mark",
        f"SELECT COUNT(*) FROM appointment WHERE status IN {VISITS}",
        (
            "SELECT 'appointment:' || a.id, 'confirmed without its money' FROM appointment a "
            "LEFT JOIN payment p ON p.appointment_id = a.id LEFT JOIN payment_attempt t "
            "ON t.payment_id = p.id AND t.gateway_payment_id = p.gateway_payment_id AND t.status IN ('captured', 'refunded') "
            f"AND t.amount_paise = p.amount_paise AND t.currency = p.currency WHERE a.status IN {VISITS} AND "
            "(p.id IS NULL OR p.amount_paise <> a.fee_paise OR p.captured_paise < p.amount_paise OR (t.id IS NULL AND "
            "(p.marked_by_id IS NULL OR p.mark_reason = '')))",
        ),
    ),
    _Promise(
        3,
        "Captured = kept + refunded + refund due + taken in disputes",
        "SELECT COUNT(*) FROM payment",
        (
            f"SELECT 'appointment:' || appointment_id, 'money unexplained: ' || (captured_paise - kept - sent - due - deducted) "
            f"|| ' paise' FROM ({_SUMS}) s WHERE captured_paise - kept - sent - due - deducted NOT BETWEEN 0 AND failed",
            f"SELECT 'appointment:' || appointment_id, 'refunds recorded twice or not at all' FROM ({_SUMS}) s "
            "WHERE refunded_paise <> sent",
            f"SELECT 'appointment:' || appointment_id, 'captured attempts are not in the sum' FROM ({_SUMS}) s "
            "WHERE captured_paise < attempted OR (captured_paise > attempted AND marked_by_id IS NULL)",
            "SELECT 'payment_attempt:' || t.gateway_payment_id, 'more taken back than its lost disputes took' "
            "FROM payment_attempt t WHERE t.deducted_paise > COALESCE((SELECT SUM(d.deducted_paise) FROM dispute d "
            "WHERE d.gateway_payment_id = t.gateway_payment_id AND d.status = 'lost'), 0)",
            "SELECT 'appointment:' || p.appointment_id, 'its payment and its attempt differ in what was taken back' "
            "FROM payment p LEFT JOIN payment_attempt t ON t.gateway_payment_id = p.gateway_payment_id "
            "WHERE p.deducted_paise <> COALESCE(t.deducted_paise, 0)",
        ),
    ),
    _Promise(
        4,
        "No hold lives longer than its time plus one sweep",
        "SELECT COUNT(*) FROM appointment WHERE status = 'pending_payment'",
        (
            "SELECT 'appointment:' || id, 'held beyond its time' FROM appointment "
            "WHERE status = 'pending_payment' AND hold_expires_at < :sweep",
        ),
    ),
    _Promise(
        5,
        "Every status change has an audit row, and the chain of hashes verifies",
        "SELECT COUNT(*) FROM audit_entry",
        (
            *(
                f"SELECT 'appointment:' || x.{key}, '{action} is ' || x.status || ', its last audit row says ' || "
                f"COALESCE(e.after, 'nothing') FROM {table} x LEFT JOIN audit_entry e ON e.id = (SELECT MAX(l.id) FROM "
                f"audit_entry l WHERE l.subject = 'appointment:' || x.{key} AND l.action = '{action}') "
                "WHERE e.id IS NULL OR e.after <> x.status"
                for table, key, action in (
                    ("appointment", "id", "appointment"),
                    ("payment", "appointment_id", "payment"),
                )
            ),
            "SELECT subject, 'a row is missing before number ' || seq FROM (SELECT subject, seq, previous_hash, "
            "LAG(hash) OVER (PARTITION BY subject ORDER BY seq) AS before_hash, LAG(seq, 1, 0) OVER "
            "(PARTITION BY subject ORDER BY seq) AS before_seq FROM audit_entry) c "
            "WHERE seq <> before_seq + 1 OR previous_hash <> COALESCE(before_hash, :genesis)",
        ),
    ),
    _Promise(
        6,
        "Every stored webhook is applied, ignored with a reason, or waiting with a next attempt",
        "SELECT COUNT(*) FROM webhook_event",
        (
            "SELECT 'webhook_event:' || id, 'neither handled nor waiting' FROM webhook_event WHERE "
            "(status = 'waiting' AND next_attempt_at IS NULL) OR (status <> 'waiting' AND outcome_code IS NULL)",
        ),
    ),
    _Promise(
        7,
        "A refund is never sent twice, nor for more than was captured",
        "SELECT COUNT(*) FROM refund",
        (
            "SELECT 'payment_attempt:' || t.gateway_payment_id, 'refunds exceed what was captured' FROM payment_attempt t "
            f"JOIN refund r ON r.gateway_payment_id = t.gateway_payment_id AND r.status IN {RETURNED} "
            "GROUP BY t.gateway_payment_id, t.amount_paise HAVING SUM(r.amount_paise) > t.amount_paise",
            f"SELECT 'appointment:' || appointment_id, 'refunds exceed what was captured' FROM ({_SUMS}) s "
            "WHERE sent + due > captured_paise",
        ),
    ),
    _Promise(
        8,
        "Every notification that was due was sent once or is waiting with a next attempt; one that was given up is "
        "open at the desk",
        "SELECT COUNT(*) FROM notification",
        (
            "SELECT 'notification:' || id, 'neither sent nor waiting' FROM notification WHERE "
            "(status = 'waiting' AND next_attempt_at IS NULL) OR (status = 'done' AND sent_at IS NULL) "
            "OR (status = 'ignored' AND last_error = '')",
            "SELECT 'notification:' || n.id, 'given up, and the desk was not told' FROM notification n "
            "WHERE n.status = 'parked' AND NOT EXISTS (SELECT 1 FROM reconciliation_case c "
            "WHERE c.kind = 'mail_parked' AND c.subject = 'mail:' || n.id)",
            *(
                f"SELECT 'appointment:' || a.id, '{kind} without a mail' FROM appointment a WHERE a.status IN {statuses} "
                f"AND NOT EXISTS (SELECT 1 FROM notification n WHERE n.appointment_id = a.id AND n.kind = '{kind}')"
                for statuses, kind in ((VISITS, "confirmed"), ("('cancelled')", "cancelled"))
            ),
        ),
    ),
)


def count(*, now: datetime, hashed_since: int = 0) -> list[Count]:
    """Every promise, counted over the whole database in one transaction.

    The content of audit rows up to id `hashed_since` is taken as verified; 0 verifies all.
    """
    with read() as tx:
        return [_counted(tx, promise, now, hashed_since) for promise in PROMISES]


def _counted(tx: Session, promise: _Promise, now: datetime, hashed_since: int) -> Count:
    checked = int(tx.execute(sa.text(promise.checked)).scalar_one())
    found = [violation for query in promise.queries for violation in _run(tx, query, now)]
    if promise.number == 5:
        found += _forged(tx, hashed_since)
    return Count(promise.number, promise.text, checked, found)


def _run(tx: Session, query: str, now: datetime) -> list[Violation]:
    statement = sa.text(query)
    values: dict[str, object] = {"sweep": now - SWEEP, "genesis": audit.GENESIS}
    wanted = {name: value for name, value in values.items() if f":{name}" in query}
    if "sweep" in wanted:  # the driver's own text for an instant, as the column stores it
        statement = statement.bindparams(sa.bindparam("sweep", type_=sa.DateTime(timezone=True)))
    return [Violation(str(subject), str(fault)) for subject, fault in tx.execute(statement, wanted)]


def _forged(tx: Session, since: int) -> list[Violation]:
    """Rows whose content differs from what was hashed."""
    # Plain columns: a million objects would cost a minute.
    columns = [getattr(AuditEntry, name) for name in (*audit.FACTS, "hash")]
    query = sa.select(*columns).where(col(AuditEntry.id) > since)
    rows = tx.execute(query.execution_options(yield_per=10_000))
    return [
        Violation(str(row.subject), f"row {row.seq} was changed")
        for row in rows
        if audit.digest(row) != row.hash
    ]


def keep(*, now: datetime) -> int:
    """Count every promise and store the result for /api/ready and the desk; returns the number of violations.

    The content of old audit rows is hashed once a day and at every start, of new ones each time: a million rows take
    twenty seconds of a processor.
    """
    global _hashed, _hashed_all_at
    full = _hashed_all_at is None or now - _hashed_all_at > HASH_ALL_EVERY
    with read() as tx:
        newest = tx.exec(select(func.max(AuditEntry.id))).one() or 0
    counts = count(now=now, hashed_since=0 if full else _hashed)
    _hashed, _hashed_all_at = newest, now if full else _hashed_all_at
    with write() as tx:
        for c in counts:
            first = c.violations[0] if c.violations else None
            tx.merge(
                PromiseCount(
                    number=c.number,
                    promise=c.promise,
                    checked=c.checked,
                    violated=len(c.violations),
                    first_fault=f"{first.subject}: {first.fault}"[:300] if first else "",
                    at=now,
                )
            )
    cash_equation_count.note_never(now=now)
    if broken := total(counts):
        log.error("promises.violated", violations=broken)
    return broken


def last() -> list[PromiseCount]:
    """The stored counts, by number; empty before the first."""
    with read() as tx:
        return list(tx.exec(select(PromiseCount).order_by(col(PromiseCount.number))).all())


def shown() -> list[PromiseView]:
    return [
        PromiseView(
            c.number,
            c.promise,
            c.checked,
            c.violated,
            c.first_fault,
            instant_label(c.at, settings().zone),
            state="broken" if c.violated else "unchecked" if c.unchecked else "holds",
            note=c.note,
        )
        for c in last()
    ]


def total(counts: list[Count]) -> int:
    """The number of violations in all counts."""
    return sum(len(c.violations) for c in counts)
