"""Audit, for the desk."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import Field

from booking_ui.api.http import shapes
from booking_ui.api.http.envelope import PROBLEMS, Envelope, Wire, on_page
from booking_ui.api.http.fields import DateFrom, DateTo, Page, PageSize, QueryId, QueryText
from booking_ui.api.http.identity import Admin
from booking_ui.edge.threads import call
from booking_ui.languages import ngettext
from booking_ui.services.desk import audit_log
from booking_ui.services.desk.audit_log import AuditFilter
from booking_ui.services.views.desk import AuditRow

router = APIRouter(prefix="/api/admin", tags=["Desk"], responses=PROBLEMS)


class AuditEntry(Wire):
    audit_entry_id: int
    at: str = shapes.Instant
    subject: str = Field(examples=["appointment:7"])
    reference: str | None = Field(description="The booking's, when it is about one.")
    seq: int = Field(description="Its number in the subject's chain, from 1.")
    actor: str = Field(examples=["admin:3"])
    actor_name: str = Field(examples=["Devi Nair"])
    action: str = Field(examples=["payment"])
    before: str
    after: str
    reason: str
    text: str = Field(description="The change in a sentence.")
    chain_verified: bool = Field(description="Whether the subject's whole chain of hashes holds now.")


class AuditTrail(Wire):
    entries: list[AuditEntry]
    total: int
    page: int
    pages: int


def asked(
    subject: QueryText = "",
    appointment_id: Annotated[QueryId | None, Query(alias="appointmentId")] = None,
    reference: QueryText = "",
    actor: QueryText = "",
    action: QueryText = "",
    date_from: DateFrom = None,
    date_to: DateTo = None,
    page: Page = 1,
    page_size: PageSize = 50,
) -> AuditFilter:
    """The filter that the address asks for."""
    return AuditFilter(subject, appointment_id, reference, actor, action, date_from, date_to, page, page_size)


@router.get("/audit", summary="Who changed what")
async def audit(_who: Admin, wanted: Annotated[AuditFilter, Depends(asked)]) -> Envelope[AuditTrail]:
    """Newest first. `actor` is one person (`admin:3`) or a kind: `patient`, `admin`, `razorpay`, `system`, `anonymous`."""
    found = await call(audit_log.entries, wanted)
    data = AuditTrail(
        entries=[_entry(row) for row in on_page(found, wanted.page)],
        total=found.total,
        page=wanted.page,
        pages=found.paging.pages,
    )
    return Envelope(message=ngettext("{count} entry.", "{count} entries.", found.total), data=data)


def _entry(row: AuditRow) -> AuditEntry:
    return AuditEntry.of(row, audit_entry_id=row.id, actor_name=row.actor_label, chain_verified=row.verified)
