"""Facts that an audit row states beside a status, as one text, and the same text in SQL for promise 10.

An audit row is hashed with a key and these rows are not: whatever is changed in them behind the clinic's back differs
from what the last audit row states. Instants are whole seconds since 1970.

A row of an older version states less, and is compared with as much as it states: see the texts that end in `_BEFORE`.
"""

from __future__ import annotations

from datetime import datetime

from booking_ui.db.models import Appointment, Payment, Person, Refund, pk
from booking_ui.db.seconds import seconds

NONE = "-"


def _at(instant: datetime | None) -> str:
    return NONE if instant is None else str(seconds(instant))


def visit(appointment: Appointment) -> str:
    """The slot, the doctor, start and end, the fee in paise, and the terms of the refund: the cap and the frozen policy."""
    return " ".join(
        [
            f"visit slot:{appointment.slot_id}",
            f"doctor:{appointment.doctor_id}",
            _at(appointment.starts_at),
            _at(appointment.ends_at),
            str(appointment.fee_paise),
            str(appointment.refund_cap_percent),
            appointment.cancellation_policy,
        ]
    )


VISIT = (
    "'visit slot:' || a.slot_id || ' doctor:' || a.doctor_id || ' ' || SECONDS(a.starts_at) || ' ' || "
    "SECONDS(a.ends_at) || ' ' || a.fee_paise || ' ' || a.refund_cap_percent || ' ' || a.cancellation_policy"
)


def bill(payment: Payment) -> str:
    """The sum in paise, the instant of the capture, the paise that are kept, Razorpay's payment, and the desk's mark."""
    return " ".join(
        [
            "money",
            str(payment.amount_paise),
            payment.currency,
            _at(payment.captured_at),
            str(payment.retained_paise),
            payment.gateway_payment_id or NONE,
            payment.marked_payment_id or NONE,
            NONE if payment.marked_by_id is None else str(payment.marked_by_id),
            payment.mark_reference,
            payment.mark_reason,
        ]
    )


_PAID_AND_MARKED = (
    "COALESCE(p.gateway_payment_id, '-') || ' ' || COALESCE(p.marked_payment_id, '-') || ' ' || "
    "COALESCE(CAST(p.marked_by_id AS TEXT), '-') || ' ' || p.mark_reference || ' ' || p.mark_reason"
)
BILL = (
    "'money ' || p.amount_paise || ' ' || p.currency || ' ' || COALESCE(CAST(SECONDS(p.captured_at) AS TEXT), '-') || "
    f"' ' || p.retained_paise || ' ' || {_PAID_AND_MARKED}"
)
BILL_BEFORE = f"'bill ' || p.amount_paise || ' ' || p.currency || ' ' || {_PAID_AND_MARKED}"


def refund(one: Refund) -> str:
    """The refund's number, its sum in paise, Razorpay's payment and refund, and the instants of its promise and of the
    refund."""
    ids = (one.gateway_payment_id or NONE, one.gateway_refund_id or NONE)
    instants = (_at(one.created_at), _at(one.refunded_at))
    return " ".join([f"refund:{pk(one)}", str(one.amount_paise), *ids, *instants])


REFUND_BEFORE = (
    "'refund:' || r.id || ' ' || r.amount_paise || ' ' || COALESCE(NULLIF(r.gateway_payment_id, ''), '-') || ' ' || "
    "COALESCE(r.gateway_refund_id, '-')"
)
REFUND = (
    f"{REFUND_BEFORE} || ' ' || SECONDS(r.created_at) || ' ' || "
    "COALESCE(CAST(SECONDS(r.refunded_at) AS TEXT), '-')"
)


def role(person: Person) -> str:
    """The doctor whose day the person may see; empty for anybody else."""
    return "" if person.doctor_id is None else f"doctor:{person.doctor_id}"


ROLE = "COALESCE('doctor:' || h.doctor_id, '')"


def _last(subject: str, where: str) -> str:
    """The id of the last row of a subject that meets a condition on `l`."""
    return f"(SELECT MAX(l.id) FROM audit_entry l WHERE l.subject = {subject} AND ({where}))"


_OF_VISIT, _OF_BILL = "'appointment:' || a.id", "'appointment:' || p.appointment_id"
_OF_CASE = "'case:' || c.id"
_OF_ROLE = _last("'person:' || h.id", "l.action = 'role'")
# The last row that could have changed the visit decides, also one of an older version, which states nothing of it.
_LAST_OF_VISIT = _last(_OF_VISIT, "l.action IN ('appointment', 'moved')")
_LAST_OF_BILL = _last(_OF_BILL, "l.facts LIKE 'money %' OR l.facts LIKE 'bill %'")
_LAST_OF_REFUND = _last(_OF_BILL, "l.facts LIKE 'refund:' || r.id || ' %'")

DIFFERENCES = (
    f"""
    SELECT 'person:' || h.id, 'role_untold|' || h.role || '|' || COALESCE(e.after, 'patient')
    FROM person h LEFT JOIN audit_entry e ON e.id = {_OF_ROLE}
    WHERE h.role <> COALESCE(e.after, 'patient') OR {ROLE} <> COALESCE(e.facts, '')
    """,
    """
    SELECT e.subject, 'owner_untold|patient:' || a.patient_id || '|' || e.actor
    FROM appointment a
    JOIN audit_entry e ON e.subject = 'appointment:' || a.id AND e.seq = 1 AND e.action = 'appointment'
    WHERE e.actor <> 'patient:' || a.patient_id
    """,
    """
    SELECT e.subject, 'owner_untold|patient:' || a.patient_id || '|' || e.after
    FROM appointment a
    JOIN audit_entry e ON e.subject = 'appointment:' || a.id AND e.seq = 1 AND e.action = 'booked_for'
    WHERE e.after <> 'patient:' || a.patient_id
    """,
    f"""
    SELECT {_OF_VISIT}, 'visit_untold'
    FROM appointment a JOIN slot s ON s.id = a.slot_id JOIN audit_entry e ON e.id = {_LAST_OF_VISIT}
    WHERE e.facts LIKE 'visit %' AND (e.facts <> {VISIT} OR s.starts_at <> a.starts_at)
    """,
    f"""
    SELECT {_OF_BILL}, 'bill_untold'
    FROM payment p LEFT JOIN audit_entry e ON e.id = {_LAST_OF_BILL}
    WHERE COALESCE(e.facts, '') <> CASE WHEN e.facts LIKE 'bill %' THEN {BILL_BEFORE} ELSE {BILL} END
    """,
    # Some rows of before did not say which refund they were about.
    f"""
    SELECT {_OF_BILL}, 'refund_untold|' || r.id || '|' || r.status
    FROM refund r JOIN payment p ON p.id = r.payment_id LEFT JOIN audit_entry e ON e.id = {_LAST_OF_REFUND}
    WHERE CASE
        WHEN e.id IS NULL THEN NOT EXISTS (
            SELECT 1 FROM audit_entry o WHERE o.subject = {_OF_BILL} AND o.action = 'refund' AND o.facts = '')
        WHEN e.facts LIKE '% % % % % %' THEN e.after <> r.status OR e.facts <> {REFUND}
        ELSE e.after <> r.status OR e.facts <> {REFUND_BEFORE}
    END
    """,
    # A case that is closed tells nobody of its money any more, and explains a difference.
    f"""
    SELECT {_OF_CASE}, 'case_untold'
    FROM reconciliation_case c LEFT JOIN audit_entry e ON e.id = {_last(_OF_CASE, "l.action = 'case'")}
    WHERE c.closed_at IS NOT NULL AND (
        e.id IS NULL OR e.after <> 'closed' OR SECONDS(e.at) <> SECONDS(c.closed_at)
        OR e.actor <> COALESCE('admin:' || c.closed_by_id, 'worker'))
    """,
)
"""Queries of (subject, the code of a remark with its values) for promise 10, a row for each that is not as its last audit row states it."""
