"""Razorpay's messages: entities are read tolerantly, signatures are checked strictly, over the raw bytes.

Shapes: razorpay.com/docs, "Payment entity", "Refund entity", "Webhook payloads". Unknown keys are ignored, and optional ones
are never required. Every reader raises Unreadable.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, Field, StringConstraints, ValidationError

from booking_ui.domain.dispute import DisputeFact, DisputeStatus
from booking_ui.domain.gateway_news import DowntimeFact, SettledItem, UnreadableEntity
from booking_ui.domain.payment import AttemptStatus, PaymentFact, RefundFact, RefundStatus

Model = TypeVar("Model", bound=BaseModel)

_SIGNATURE = re.compile(r"[0-9a-f]{64}")
_NAME = "[A-Za-z0-9]{1,34}"  # 14 today, which the docs do not promise; a column takes 40 with the prefix
_ID = re.compile(rf"(order|pay|rfnd|disp)_{_NAME}")


class Unreadable(Exception):
    """A message of an unknown shape, which is kept and shown to a person."""


def is_id(kind: str, value: str) -> bool:
    """True for a well-formed Razorpay id of that kind. Checked because the SDK puts ids into URLs unescaped."""
    return bool(_ID.fullmatch(value)) and value.startswith(f"{kind}_")


def signed_by(message: bytes, signature: str | None, secrets: tuple[str, ...]) -> bool:
    """True when one of the secrets signed exactly these bytes (hex HMAC-SHA256); an empty secret signs nothing."""
    if signature is None or not _SIGNATURE.fullmatch(signature):
        return False
    return any(
        hmac.compare_digest(hmac.new(secret.encode(), message, hashlib.sha256).hexdigest(), signature)
        for secret in secrets
        if secret
    )


# PostgreSQL can't store NUL in text, and a genuine message with one must not be refused for ever.
Text = Annotated[str, AfterValidator(lambda text: text.replace("\x00", ""))]


# Bounds of the columns: 32 bits on PostgreSQL (₹2 crore), and instants within the calendar.
Paise = Annotated[int, Field(ge=0, lt=2**31)]
Sum = Annotated[int, Field(ge=100, lt=2**31)]  # Razorpay takes and returns nothing below one rupee
Seconds = Annotated[int, Field(ge=0, lt=253_402_300_800)]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{3}$")]


class _Payment(BaseModel):
    id: str = Field(pattern=rf"^pay_{_NAME}$")
    order_id: Text | None = None
    status: AttemptStatus
    amount: Sum
    currency: Currency
    method: Text | None = None
    vpa: Text | None = None
    bank: Text | None = None
    wallet: Text | None = None
    card: dict[str, Any] | None = None
    amount_refunded: Paise | None = 0
    captured: bool | None = None
    fee: Paise | None = None
    fee_bearer: Text | None = None
    error_code: Text | None = None
    error_reason: Text | None = None
    error_description: Text | None = None
    created_at: Seconds | None = None

    def detail(self) -> str:
        if self.card:
            return " ".join(
                filter(None, [str(self.card.get("network") or ""), f"•••• {self.card.get('last4') or ''}"])
            )
        return self.vpa or self.bank or self.wallet or ""


class _Refund(BaseModel):
    id: str = Field(pattern=rf"^rfnd_{_NAME}$")
    payment_id: str
    status: RefundStatus
    amount: Sum
    receipt: Text | None = None
    created_at: Seconds | None = None


def _parsed(model: type[Model], entity: object, what: str) -> Model:
    try:
        return model.model_validate(entity)
    except ValidationError as exc:
        raise Unreadable(f"{what}: {_first(exc)}") from exc


def _instant(seconds: int | None) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds else None


def payment_fact(entity: object) -> PaymentFact:
    p = _parsed(_Payment, entity, "payment")
    return PaymentFact(
        payment_id=p.id,
        order_id=p.order_id or "",
        status=p.status,
        amount_paise=p.amount,
        currency=p.currency,
        method=(p.method or "")[:20],
        detail=p.detail()[:80],
        error_code=(p.error_code or "")[:60],
        error_reason=(p.error_reason or "")[:80],
        error_description=(p.error_description or "")[:300],
        amount_refunded_paise=p.amount_refunded or 0,
        was_captured=bool(p.captured),
        fee_paise=p.fee,
        created_at=_instant(p.created_at),
        customer_bears_fee=p.fee_bearer == "customer",
    )


def refund_fact(entity: object) -> RefundFact:
    r = _parsed(_Refund, entity, "refund")
    return RefundFact(
        r.id, r.payment_id, r.status, r.amount, key=r.receipt or "", created_at=_instant(r.created_at)
    )


def unreadable_entity(entity: object, why: str) -> UnreadableEntity:
    """The well-formed ids in a payment, a refund or a dispute that can't be read."""
    fields = entity if isinstance(entity, dict) else {}
    own, order, payment = (str(fields.get(name)) for name in ("id", "order_id", "payment_id"))
    parents = [one for kind, one in (("order", order), ("pay", payment)) if is_id(kind, one)]
    entity_id = own if any(is_id(kind, own) for kind in ("pay", "rfnd", "disp")) else ""
    return UnreadableEntity(entity_id, next(iter(parents), ""), why)


class _Dispute(BaseModel):
    id: str = Field(pattern=rf"^disp_{_NAME}$")
    payment_id: str = Field(pattern=rf"^pay_{_NAME}$")
    amount: Paise
    currency: Currency
    amount_deducted: Paise | None = None
    reason_code: Text | None = None
    respond_by: Seconds | None = None
    status: DisputeStatus
    phase: Text | None = None
    created_at: Seconds | None = None


def dispute_fact(entity: object) -> DisputeFact:
    """A dispute; its phase and its reason may be ones that nobody has documented yet."""
    d = _parsed(_Dispute, entity, "dispute")
    return DisputeFact(
        dispute_id=d.id,
        payment_id=d.payment_id,
        amount_paise=d.amount,
        currency=d.currency,
        status=d.status,
        deducted_paise=d.amount_deducted or 0,
        phase=(d.phase or "")[:24],
        reason_code=(d.reason_code or "")[:80],
        respond_by=_instant(d.respond_by),
        created_at=_instant(d.created_at),
    )


class _Downtime(BaseModel):
    id: str = Field(pattern=rf"^down_{_NAME}$")
    method: Text
    severity: Text | None = None
    status: Text
    begin: Seconds
    end: Seconds | None = None
    instrument: dict[str, Any] | None = None
    created_at: Seconds | None = None
    updated_at: Seconds | None = None


def downtime_fact(entity: object) -> DowntimeFact:
    d = _parsed(_Downtime, entity, "downtime")
    named = [v for v in (d.instrument or {}).values() if isinstance(v, str) and v and v != "all"]
    return DowntimeFact(
        downtime_id=d.id,
        method=d.method[:20],
        severity=(d.severity or "")[:20],
        instrument=" ".join(named).replace("\x00", "")[:80],
        begins_at=datetime.fromtimestamp(d.begin, UTC),
        ended=d.status in ("resolved", "cancelled"),
        changed_at=datetime.fromtimestamp(d.updated_at or d.created_at or d.begin, UTC),
    )


class _Settled(BaseModel):
    entity_id: Text
    type: Text
    amount: int
    payment_id: Text | None = None
    dispute_id: Text | None = None
    settled: bool | int = True
    settlement_id: Text | None = None
    settled_at: Seconds | None = None


def settled_item(entity: object) -> SettledItem | None:
    """A line of a settlement; None for one that is still on hold."""
    i = _parsed(_Settled, entity, "settlement")
    if not i.settled or not i.settlement_id or not i.settled_at:
        return None
    paid = i.entity_id if i.type == "payment" else i.payment_id or ""
    at = datetime.fromtimestamp(i.settled_at, UTC)
    return SettledItem(i.type, i.entity_id, paid, i.amount, i.settlement_id[:40], at, i.dispute_id or "")


@dataclass(frozen=True)
class Event:
    """The content of a webhook: at most one payment and one refund or dispute of it, or a downtime.

    `at` is the instant at which Razorpay made the message, if it says so.
    """

    name: str
    payment: PaymentFact | None = None
    refund: RefundFact | None = None
    downtime: DowntimeFact | None = None
    dispute: DisputeFact | None = None
    at: datetime | None = None

    @property
    def order_id(self) -> str:
        return self.payment.order_id if self.payment else ""


class _Envelope(BaseModel):
    event: Text
    payload: dict[str, Any] = {}
    created_at: Seconds | None = None


PAYMENT_EVENTS = ("payment.authorized", "payment.captured", "payment.failed", "order.paid")
REFUND_EVENTS = ("refund.created", "refund.processed", "refund.failed", "refund.speed_changed")


def event_name(body: bytes) -> str:
    """The event's name, or "" when the body is not an event."""
    try:
        return _Envelope.model_validate_json(body).event[:60]
    except ValidationError:
        return ""


def event(body: bytes) -> Event:
    """The content of a webhook body. Events of no use to us come back with their name alone."""
    try:
        envelope = _Envelope.model_validate_json(body)
    except ValidationError as exc:
        raise Unreadable(f"event: {_first(exc)}") from exc
    if envelope.event in PAYMENT_EVENTS:
        return Event(envelope.event, payment=payment_fact(_entity(envelope, "payment")))
    if envelope.event in REFUND_EVENTS:
        refund = refund_fact(_entity(envelope, "refund"))
        return Event(envelope.event, payment=payment_fact(_entity(envelope, "payment")), refund=refund)
    if envelope.event.startswith("payment.dispute."):
        return _dispute_event(envelope)
    if envelope.event.startswith("payment.downtime."):
        with suppress(Unreadable):  # no money is in it, so an unreadable one needs no person
            return Event(envelope.event, downtime=downtime_fact(_entity(envelope, "payment.downtime")))
    return Event(envelope.event)


def _dispute_event(envelope: _Envelope) -> Event:
    """A dispute, with its payment where the message has one that can be read: the dispute says enough."""
    payment = None
    with suppress(Unreadable):
        payment = payment_fact(_entity(envelope, "payment"))
    dispute = dispute_fact(_entity(envelope, "dispute"))
    return Event(envelope.event, payment=payment, dispute=dispute, at=_instant(envelope.created_at))


def _entity(envelope: _Envelope, kind: str) -> object:
    holder = envelope.payload.get(kind)
    if not isinstance(holder, dict):
        raise Unreadable(f"{envelope.event} without a {kind}")
    return holder.get("entity")


def _first(exc: ValidationError) -> str:
    error = exc.errors()[0]
    return f"{'.'.join(map(str, error['loc'])) or 'body'}: {error['msg']}"[:200]
