"""The tables. Statuses are text with a CHECK, money is integer paise, time is an aware UTC instant.

What must never happen is forbidden here, not only by the services: two live appointments of one slot, two payments of
one appointment, one Razorpay id twice, an unknown status.
"""

from booking_ui.db.columns import DeliveryStatus, Instant, pk
from booking_ui.db.models.bookings import Appointment, Notification
from booking_ui.db.models.clinic import ClinicWord, DayOff, Doctor, Gender, HoursKind, Slot, WorkingHours
from booking_ui.db.models.journal import (
    AuditChain,
    AuditEntry,
    AuditLeaf,
    AuditRoot,
    Heartbeat,
    IdempotencyKey,
    PromiseCount,
)
from booking_ui.db.models.money import (
    Dispute,
    Downtime,
    Payment,
    PaymentAttempt,
    ReconciliationCase,
    Refund,
    RetiredOrder,
    WebhookEvent,
)
from booking_ui.db.models.people import CodeKind, Dependent, OneTimeCode, Person, Role, SignIn
from booking_ui.db.models.receipts import Receipt

__all__ = [
    "Appointment",
    "AuditChain",
    "AuditEntry",
    "AuditLeaf",
    "AuditRoot",
    "ClinicWord",
    "CodeKind",
    "DayOff",
    "DeliveryStatus",
    "Dependent",
    "Dispute",
    "Doctor",
    "Downtime",
    "Gender",
    "Heartbeat",
    "HoursKind",
    "IdempotencyKey",
    "Instant",
    "Notification",
    "OneTimeCode",
    "Payment",
    "PaymentAttempt",
    "Person",
    "PromiseCount",
    "Receipt",
    "ReconciliationCase",
    "Refund",
    "RetiredOrder",
    "Role",
    "SignIn",
    "Slot",
    "WebhookEvent",
    "WorkingHours",
    "pk",
]
