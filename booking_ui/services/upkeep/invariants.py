"""The promises 1 to 8 and 10 of the contract, counted over the whole database by set-based SQL.

Promise 9 compares with Razorpay's list: services/payments/cash_equation.py.

Each query returns one row per violation: the subject, and what is wrong as the code of a remark with its values. Everything is one pass over indexed columns; only
what needs the audit's key is hashed outside of the database (`journal/audit_proof.py`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
import structlog
from sqlmodel import Session, col, func, select

from booking_ui.config.settings import settings
from booking_ui.db.models import AuditEntry, PromiseCount
from booking_ui.db.seconds import in_words_of
from booking_ui.db.session import read, write
from booking_ui.domain import payment, remarks
from booking_ui.domain.clock import instant_label
from booking_ui.domain.remark_codes import RemarkCode
from booking_ui.domain.remarks import Remark
from booking_ui.languages import N_, _
from booking_ui.services.journal import audit, audit_proof, audit_roots, stated
from booking_ui.services.journal.audit_proof import ALL, Fault, Scope
from booking_ui.services.payments import cash_equation_count
from booking_ui.services.views.desk import PromiseView

log = structlog.get_logger()

SWEEP = timedelta(seconds=60)
DAY = timedelta(days=1)
EVIDENCE = 10
AUDIT = (5, EVIDENCE)
"""The promises about the audit."""

LIVE = "('pending_payment', 'confirmed', 'completed', 'no_show')"
VISITS = "('confirmed', 'completed', 'no_show')"
RETURNED = "('pending', 'processed')"
COURTESIES = "({})".format(", ".join(f"'{origin.value}'" for origin in sorted(payment.COURTESIES)))


@dataclass(frozen=True)
class Violation:
    """One broken promise: its subject, and the fault."""

    subject: str
    fault: Remark


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


@dataclass(frozen=True)
class _Walk:
    """The part of the audit that this process has hashed: all rows up to `newest` once, and since then a share up to `cursor`."""

    at: datetime
    newest: int
    cursor: int
    root: str  # the newest there was


_walk: _Walk | None = None

# A failed refund explains money until it is settled; what settled it counts by itself, but for a rest below one rupee.
_SUMS = f"""
    SELECT p.id, p.appointment_id, p.amount_paise, p.captured_paise, p.refunded_paise, p.status, p.updated_at,
           p.marked_by_id, a.status AS appointment,
           COALESCE((SELECT SUM(r.amount_paise) FROM refund r WHERE r.payment_id = p.id AND r.status = 'pending'), 0) AS due,
           COALESCE((SELECT SUM(r.amount_paise) FROM refund r WHERE r.payment_id = p.id AND r.status = 'processed'), 0) AS sent,
           COALESCE((SELECT SUM(CASE WHEN r.replaced_by_id IS NULL AND r.dispute_id IS NULL THEN r.amount_paise ELSE 99 END)
                     FROM refund r WHERE r.payment_id = p.id AND r.status = 'failed'), 0) AS failed,
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
        N_("No slot has two live appointments, and no doctor two overlapping ones"),
        "SELECT COUNT(*) FROM appointment",
        (
            f"SELECT 'slot:' || slot_id, 'two_live' FROM appointment WHERE status IN {LIVE} "
            "GROUP BY slot_id HAVING COUNT(*) > 1",
            "SELECT 'appointment:' || id, 'overlaps' FROM (SELECT id, starts_at, MAX(ends_at) "
            "OVER (PARTITION BY doctor_id ORDER BY starts_at, id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) "
            f"AS busy_until FROM appointment WHERE status IN {LIVE}) seen WHERE starts_at < busy_until",
        ),
    ),
    _Promise(
        2,
        N_(
            "A confirmed appointment has exactly one captured payment of the exact amount, or a named manual mark"
        ),
        f"SELECT COUNT(*) FROM appointment WHERE status IN {VISITS}",
        (
            "SELECT 'appointment:' || a.id, 'without_money' FROM appointment a "
            "LEFT JOIN payment p ON p.appointment_id = a.id LEFT JOIN payment_attempt t "
            "ON t.payment_id = p.id AND t.gateway_payment_id = p.gateway_payment_id AND t.status IN ('captured', 'refunded') "
            f"AND t.amount_paise = p.amount_paise AND t.currency = p.currency WHERE a.status IN {VISITS} AND "
            "(p.id IS NULL OR p.amount_paise <> a.fee_paise OR p.captured_paise < p.amount_paise OR (t.id IS NULL AND "
            "(p.marked_by_id IS NULL OR p.mark_reason = '')))",
        ),
    ),
    _Promise(
        3,
        N_("Captured = kept + refunded + refund due + taken in disputes"),
        "SELECT COUNT(*) FROM payment",
        (
            f"SELECT 'appointment:' || appointment_id, 'unexplained|' || (captured_paise - kept - sent - due - deducted) "
            f"FROM ({_SUMS}) s WHERE captured_paise - kept - sent - due - deducted NOT BETWEEN 0 AND failed",
            f"SELECT 'appointment:' || appointment_id, 'refunds_miscounted' FROM ({_SUMS}) s "
            "WHERE refunded_paise <> sent",
            f"SELECT 'appointment:' || appointment_id, 'attempts_left_out' FROM ({_SUMS}) s "
            "WHERE captured_paise < attempted OR (captured_paise > attempted AND marked_by_id IS NULL)",
            "SELECT 'payment_attempt:' || t.gateway_payment_id, 'overtaken' "
            "FROM payment_attempt t WHERE t.deducted_paise > COALESCE((SELECT SUM(d.deducted_paise) FROM dispute d "
            "WHERE d.gateway_payment_id = t.gateway_payment_id AND d.status = 'lost'), 0)",
            "SELECT 'appointment:' || p.appointment_id, 'deductions_differ' "
            "FROM payment p LEFT JOIN payment_attempt t ON t.gateway_payment_id = p.gateway_payment_id "
            "WHERE p.deducted_paise <> COALESCE(t.deducted_paise, 0)",
        ),
    ),
    _Promise(
        4,
        N_("No hold lives longer than its time plus one sweep"),
        "SELECT COUNT(*) FROM appointment WHERE status = 'pending_payment'",
        (
            "SELECT 'appointment:' || id, 'held_too_long' FROM appointment "
            "WHERE status = 'pending_payment' AND hold_expires_at < :sweep",
        ),
    ),
    _Promise(
        5,
        N_("Every status change has an audit row, and the chain of hashes verifies"),
        "SELECT COUNT(*) FROM audit_entry",
        (
            *(
                f"SELECT 'appointment:' || x.{key}, 'status_untold|{action}|' || x.status || '|' || "
                f"COALESCE(e.after, 'nothing') FROM {table} x LEFT JOIN audit_entry e ON e.id = (SELECT MAX(l.id) FROM "
                f"audit_entry l WHERE l.subject = 'appointment:' || x.{key} AND l.action = '{action}') "
                "WHERE e.id IS NULL OR e.after <> x.status"
                for table, key, action in (
                    ("appointment", "id", "appointment"),
                    ("payment", "appointment_id", "payment"),
                )
            ),
            "SELECT subject, 'row_missing|' || seq FROM (SELECT subject, seq, previous_hash, "
            "LAG(hash) OVER (PARTITION BY subject ORDER BY seq) AS before_hash, LAG(seq, 1, 0) OVER "
            "(PARTITION BY subject ORDER BY seq) AS before_seq FROM audit_entry) c "
            "WHERE seq <> before_seq + 1 OR previous_hash <> COALESCE(before_hash, :genesis)",
        ),
    ),
    _Promise(
        6,
        N_("Every stored webhook is applied, ignored with a reason, or waiting with a next attempt"),
        "SELECT COUNT(*) FROM webhook_event",
        (
            "SELECT 'webhook_event:' || id, 'unhandled' FROM webhook_event WHERE "
            "(status = 'waiting' AND next_attempt_at IS NULL) OR (status <> 'waiting' AND outcome_code IS NULL)",
        ),
    ),
    _Promise(
        7,
        N_("A refund is never sent twice, nor for more than was captured"),
        "SELECT COUNT(*) FROM refund",
        (
            "SELECT 'payment_attempt:' || t.gateway_payment_id, 'over_refunded' FROM payment_attempt t "
            f"JOIN refund r ON r.gateway_payment_id = t.gateway_payment_id AND r.status IN {RETURNED} "
            "GROUP BY t.gateway_payment_id, t.amount_paise HAVING SUM(r.amount_paise) > t.amount_paise",
            f"SELECT 'appointment:' || appointment_id, 'over_refunded' FROM ({_SUMS}) s "
            "WHERE sent + due > captured_paise",
        ),
    ),
    _Promise(
        8,
        N_(
            "Every notification that was due was sent once or is waiting with a next attempt; one that was given up is "
            "open at the desk"
        ),
        "SELECT COUNT(*) FROM notification",
        (
            "SELECT 'notification:' || id, 'unsent' FROM notification WHERE "
            "(status = 'waiting' AND next_attempt_at IS NULL) OR (status = 'done' AND sent_at IS NULL) "
            "OR (status = 'ignored' AND last_error = '')",
            "SELECT 'notification:' || n.id, 'desk_not_told' FROM notification n "
            "WHERE n.status = 'parked' AND NOT EXISTS (SELECT 1 FROM reconciliation_case c "
            "WHERE c.kind IN ('mail_parked', 'alert_parked') AND c.subject = 'mail:' || n.id)",
            *(
                f"SELECT 'appointment:' || a.id, 'without_mail|{kind}' FROM appointment a WHERE a.status IN {statuses} "
                f"AND NOT EXISTS (SELECT 1 FROM notification n WHERE n.appointment_id = a.id AND n.kind = '{kind}')"
                for statuses, kind in ((VISITS, "confirmed"), ("('cancelled')", "cancelled"))
            ),
        ),
    ),
    _Promise(
        10,
        N_(
            "Roles, owners, visits, bills and refunds are as their last audit row says; each chain has its sealed length and head"
        ),
        "SELECT COUNT(*) FROM audit_chain",
        (
            "SELECT c.subject, 'rows_gone|' || c.length || '|' || COALESCE(e.found, 0) FROM audit_chain c "
            "LEFT JOIN (SELECT subject, COUNT(*) AS found, MAX(seq) AS newest FROM audit_entry GROUP BY subject) e "
            "ON e.subject = c.subject WHERE COALESCE(e.found, 0) <> c.length OR COALESCE(e.newest, 0) <> c.length",
            "SELECT c.subject, 'other_last_row' FROM audit_chain c JOIN audit_entry e "
            "ON e.subject = c.subject AND e.seq = c.length WHERE e.hash <> c.head",
            "SELECT DISTINCT e.subject, 'head_gone' FROM audit_entry e "
            "LEFT JOIN audit_chain c ON c.subject = e.subject WHERE c.subject IS NULL",
            "SELECT subject, 'quoted|' || broken FROM audit_chain WHERE broken <> ''",
            # What a root covers is still there, unless a later one says that its time was over.
            "SELECT l.subject, 'rows_uncovered|' || l.length || '|' || l.root_number "
            "FROM audit_leaf l LEFT JOIN audit_entry e ON e.subject = l.subject AND e.seq = l.length "
            "WHERE l.length > 0 AND (e.id IS NULL OR e.hash <> l.head) AND NOT EXISTS (SELECT 1 FROM audit_leaf t "
            "WHERE t.subject = l.subject AND t.root_number > l.root_number AND t.length = 0)",
            "SELECT c.subject, 'no_root|' || c.rooted_length FROM audit_chain c "
            "WHERE c.rooted_length > 0 AND NOT EXISTS (SELECT 1 FROM audit_leaf l "
            "WHERE l.subject = c.subject AND l.length = c.rooted_length)",
            *stated.DIFFERENCES,
        ),
    ),
)


def count(*, now: datetime, scope: Scope = ALL, only: Collection[int] = ()) -> list[Count]:
    """Every promise, or `only` these, counted over the whole database in one transaction.

    Of the audit, what lies in `scope` is hashed again, by default everything; the rest is taken as verified.
    """
    with read() as tx:
        wanted = [promise for promise in PROMISES if not only or promise.number in only]
        return [_counted(tx, promise, now, scope) for promise in wanted]


def _counted(tx: Session, promise: _Promise, now: datetime, scope: Scope) -> Count:
    checked = int(tx.execute(sa.text(promise.checked)).scalar_one())
    found = [violation for query in promise.queries for violation in _run(tx, query, now)]
    for proof in _PROOFS.get(promise.number, ()):
        found += [Violation(*fault) for fault in proof(tx, scope)]
    return Count(promise.number, promise.text, checked, found)


_PROOFS: dict[int, tuple[Callable[[Session, Scope], Iterator[Fault]], ...]] = {
    5: (audit_proof.changed_rows,),
    10: (audit_proof.broken_seals, audit_proof.broken_roots),
}


def _run(tx: Session, query: str, now: datetime) -> list[Violation]:
    statement = sa.text(in_words_of(tx.get_bind().dialect.name, query))
    values: dict[str, object] = {"sweep": now - SWEEP, "genesis": audit.GENESIS}
    wanted = {name: value for name, value in values.items() if f":{name}" in query}
    if "sweep" in wanted:  # the driver's own text for an instant, as the column stores it
        statement = statement.bindparams(sa.bindparam("sweep", type_=sa.DateTime(timezone=True)))
    return [
        Violation(str(subject), remarks.from_query(fault)) for subject, fault in tx.execute(statement, wanted)
    ]


def keep(*, now: datetime) -> int:
    """Count every promise and store the result for /api/ready and the desk; returns the number of violations.

    Of the audit each count hashes what is new, and of what is old the share of the day that has passed; all of it at the
    start. So every row is hashed once a day, and no count takes long.
    """
    global _walk
    with read() as tx:
        newest = tx.exec(select(func.max(AuditEntry.id))).one() or 0
        root = audit_roots.name(audit_roots.newest(tx))
    scope, cursor = _next_share(_walk, now)
    counts = count(now=now, scope=scope)
    _walk = _Walk(now, newest, cursor, root)
    with write() as tx:
        for c in counts:
            first = c.violations[0] if c.violations else None
            tx.merge(
                PromiseCount(
                    number=c.number,
                    promise=c.promise,
                    checked=c.checked,
                    violated=len(c.violations),
                    first_fault=_told(first) if first else "",
                    at=now,
                )
            )
    cash_equation_count.note_never(now=now)
    if broken := total(counts):
        log.error("promises.violated", violations=broken)
    return broken


def _told(first: Violation) -> str:
    told = Remark(RemarkCode.FAULT, subject=first.subject, fault=first.fault)
    return remarks.fitted(told, cash_equation_count.FAULT_LETTERS)


def _next_share(walk: _Walk | None, now: datetime) -> tuple[Scope, int]:
    """The scope of the next count, and the id up to which old rows are hashed then."""
    passed = (now - walk.at) / DAY if walk else 1
    if walk is None or not 0 <= passed < 1:
        return Scope(seen=walk.root if walk else ""), 0
    end = walk.cursor + math.ceil(walk.newest * passed)
    beyond = end - walk.newest  # the walk over old rows begins again
    spans: list[tuple[int, int | None]] = [(walk.newest, None), (walk.cursor, min(end, walk.newest))]
    if beyond > 0:
        spans.append((0, beyond))
    number = walk.root.partition("-")[0]
    return Scope(tuple(spans), int(number or 0), walk.root), max(beyond, 0) or end


def last() -> list[PromiseCount]:
    """The stored counts, by number; empty before the first."""
    with read() as tx:
        return list(tx.exec(select(PromiseCount).order_by(col(PromiseCount.number))).all())


def shown() -> list[PromiseView]:
    return [
        PromiseView(
            c.number,
            _(c.promise),
            c.checked,
            c.violated,
            remarks.shown(c.first_fault),
            instant_label(c.at, settings().zone),
            state="broken" if c.violated else "unchecked" if c.unchecked else "holds",
            note=remarks.shown(c.note),
        )
        for c in last()
    ]


def total(counts: list[Count]) -> int:
    """The number of violations in all counts."""
    return sum(len(c.violations) for c in counts)
