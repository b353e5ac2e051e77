"""Razorpay's stored webhooks, for the desk."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from pydantic import Field

from booking_ui.api.http import shapes
from booking_ui.api.http.envelope import PROBLEMS, Envelope, Wire, on_page
from booking_ui.api.http.fields import Page, PageSize, PathId
from booking_ui.api.http.identity import Admin, Now
from booking_ui.edge.threads import call, call_gateway
from booking_ui.languages import _, ngettext
from booking_ui.services.desk import webhook_log
from booking_ui.services.payments import webhook_inbox
from booking_ui.services.views.desk import EventView

router = APIRouter(prefix="/api/admin", tags=["Desk"], responses=PROBLEMS)


class StoredWebhook(Wire):
    webhook_event_id: int = Field(description="The one to replay.")
    event: str = Field(examples=["payment.captured"])
    status: str = Field(description="`waiting`, `done`, `ignored` or `parked`.", examples=["done"])
    outcome: str = Field(
        description="What was done; empty before the first try.", examples=["applied: confirm"]
    )
    received_at: str = shapes.Instant
    received: str = Field(description="In the clinic's time zone.", examples=["Tue 24 Nov, 10:30 am"])
    gateway_order_id: str | None
    reference: str | None = Field(description="The booking it is about, when it is one of ours.")
    attempts: int


class StoredWebhooks(Wire):
    events: list[StoredWebhook]
    total: int
    page: int
    pages: int
    status_counts: dict[str, int] = Field(
        description="How many of each status there are in all.", examples=[{"waiting": 0, "done": 81}]
    )


class Replayed(Wire):
    outcome: str = Field(examples=["ignored: nothing new"])


@router.get("/webhook-events", summary="Stored webhooks")
async def webhook_events(
    _who: Admin,
    status: Literal["", "waiting", "done", "ignored", "parked"] = "",
    page: Page = 1,
    page_size: PageSize = 25,
) -> Envelope[StoredWebhooks]:
    """Razorpay's webhooks and their outcomes, newest first."""
    found = await call(webhook_log.stored, status=status, page=page, page_size=page_size)
    data = StoredWebhooks(
        events=[_stored(row) for row in on_page(found, page)],
        total=found.total,
        page=page,
        pages=found.paging.pages,
        status_counts=dict(found.status_counts),
    )
    return Envelope(message=ngettext("{count} webhook.", "{count} webhooks.", found.total), data=data)


@router.post("/webhook-events/{webhook_event_id}/replay", summary="Apply a stored webhook again")
async def replay(webhook_event_id: PathId, who: Admin, now: Now) -> Envelope[Replayed]:
    """Harmless for one that was applied; audited with your name."""
    outcome = await call_gateway("", webhook_inbox.replay, admin=who, event_row_id=webhook_event_id, now=now)
    return Envelope(message=_("Replayed."), data=Replayed(outcome=str(outcome)))


def _stored(row: EventView) -> StoredWebhook:
    return StoredWebhook.of(
        row, webhook_event_id=row.id, received=row.received_label, gateway_order_id=row.order_id or None
    )
