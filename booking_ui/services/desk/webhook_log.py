"""Stored webhooks for the desk: what came, what became of it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session, col, func, select

from booking_ui.config.settings import settings
from booking_ui.db.models import Appointment, DeliveryStatus, Payment, RetiredOrder, WebhookEvent, pk
from booking_ui.db.session import read
from booking_ui.domain.clock import instant_label, iso
from booking_ui.domain.errors import BadInput, FieldError
from booking_ui.domain.paging import page_problems, paging
from booking_ui.domain.webhook_outcome import stated
from booking_ui.languages import _
from booking_ui.services.desk import webhook_words
from booking_ui.services.payments import webhook_inbox
from booking_ui.services.views.desk import EventPage, EventView

STATUSES = ("", *(s.value for s in DeliveryStatus))


def stored(*, status: str = "", page: int = 1, page_size: int = 25) -> EventPage:
    """A page of stored events, newest first; past the end gives the last page. Raises BadInput."""
    if status not in STATUSES:
        raise BadInput(FieldError("status", _("Choose one of {expected}.", expected=", ".join(STATUSES[1:]))))
    if wrong := page_problems(page, page_size):
        raise BadInput(*wrong)
    with read() as tx:
        counts = dict(
            tx.exec(select(WebhookEvent.status, func.count()).group_by(col(WebhookEvent.status))).all()
        )
        total = counts.get(DeliveryStatus(status), 0) if status else sum(counts.values())
        shown = paging(total, page, page_size)
        query = select(WebhookEvent).order_by(col(WebhookEvent.id).desc())
        query = query.where(WebhookEvent.status == status) if status else query
        rows = _views(tx, tx.exec(query.offset(shown.offset).limit(shown.size)).all())
    return EventPage(rows, shown, [(s.value, counts.get(s, 0)) for s in DeliveryStatus])


def _references(tx: Session, order_ids: set[str]) -> dict[str, str]:
    """The booking's reference for each of these orders that is ours, open or retired."""
    open_now = (
        select(Payment.gateway_order_id, Appointment.reference)
        .join(Appointment, col(Appointment.id) == Payment.appointment_id)
        .where(col(Payment.gateway_order_id).in_(order_ids))
    )
    retired = (
        select(RetiredOrder.gateway_order_id, Appointment.reference)
        .join(Payment, col(Payment.id) == RetiredOrder.payment_id)
        .join(Appointment, col(Appointment.id) == Payment.appointment_id)
        .where(col(RetiredOrder.gateway_order_id).in_(order_ids))
    )
    found = [*tx.exec(open_now).all(), *tx.exec(retired).all()]
    return {order_id: reference for order_id, reference in found if order_id}


def _views(tx: Session, rows: Sequence[WebhookEvent]) -> list[EventView]:
    orders = {row.order_id for row in rows if row.order_id}
    references = _references(tx, orders)
    zone = settings().zone
    return [
        EventView(
            id=pk(row),
            event=row.event or "unreadable",
            status=row.status.value,
            outcome=stated(*webhook_inbox.outcomes(row)),
            words=webhook_words.done(*webhook_inbox.outcomes(row)),
            received_label=instant_label(row.received_at, zone),
            order_id=row.order_id,
            reference=references.get(row.order_id, ""),
            attempts=row.attempts,
            received_at=iso(row.received_at),
        )
        for row in rows
    ]
