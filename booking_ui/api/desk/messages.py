"""The messages that the clinic sent or is to send, for the desk."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from pydantic import Field

from booking_ui.api.http import shapes
from booking_ui.api.http.envelope import PROBLEMS, Envelope, Wire, on_page
from booking_ui.api.http.fields import Page, PageSize, PathId, QueryText
from booking_ui.api.http.identity import Admin, Now
from booking_ui.edge.threads import call
from booking_ui.languages import _, ngettext
from booking_ui.services.desk import messages
from booking_ui.services.desk.messages import MessageFilter
from booking_ui.services.views.desk import MessageRow

router = APIRouter(prefix="/api/admin", tags=["Desk"], responses=PROBLEMS)


class SentMessage(Wire):
    message_id: int = Field(description="The one to send again.")
    kind: str = Field(examples=["confirmed"])
    label: str = Field(description="The kind in words.", examples=["Visit confirmed"])
    channel: str = Field(description="`mail`, `sms` or `whatsapp`.", examples=["sms"])
    recipient: str = Field(description="The address or number now.", examples=["asha@example.com"])
    patient_name: str
    reference: str | None = Field(description="The booking it is about, if it is about one.")
    status: str = Field(
        description="`waiting`, `done` (sent), `ignored` (its reason had gone) or `parked` (given up).",
        examples=["parked"],
    )
    attempts: int
    sent_again: int = Field(description="How often the desk had it sent once more.")
    answer: str = Field(
        description="What the mail server or provider said, or what comes next.",
        examples=["The mail server does not send for our address (SMTPSenderRefused 553)."],
    )
    due_at: str = shapes.Instant
    sent_at: str | None = Field(description="RFC 3339, UTC; null before it left.")
    next_attempt_at: str | None = Field(description="RFC 3339, UTC; null when no further try is due.")


class SentMessages(Wire):
    messages: list[SentMessage]
    total: int
    page: int
    pages: int
    status_counts: dict[str, int] = Field(
        description="How many of each status match the search.", examples=[{"waiting": 0, "done": 81}]
    )


@router.get("/messages", summary="Messages and what became of them")
async def listed(
    _who: Admin,
    status: Literal["", "waiting", "done", "ignored", "parked"] = "",
    q: QueryText = "",
    page: Page = 1,
    page_size: PageSize = 25,
) -> Envelope[SentMessages]:
    """Newest first. `q` is part of a booking's reference, of a name, an address or a number."""
    found = await call(messages.listed, MessageFilter(status, q, page, page_size))
    data = SentMessages(
        messages=[_sent(row) for row in on_page(found, page)],
        total=found.total,
        page=page,
        pages=found.paging.pages,
        status_counts=dict(found.status_counts),
    )
    return Envelope(message=ngettext("{count} message.", "{count} messages.", found.total), data=data)


@router.post("/messages/{message_id}/send", summary="Send a message again")
async def send(message_id: PathId, who: Admin, now: Now) -> Envelope[SentMessage]:
    """It leaves within seconds, if what it says is still true then. Audited with your name.

    One that is about to leave anyway stays as it is.
    """
    row = await call(messages.send_again, admin=who, message_id=message_id, now=now)
    return Envelope(message=_("It leaves within seconds, if it is still true then."), data=_sent(row))


def _sent(row: MessageRow) -> SentMessage:
    return SentMessage.of(
        row,
        message_id=row.id,
        reference=row.reference or None,
        sent_at=row.sent_at or None,
        next_attempt_at=row.next_attempt_at or None,
    )
