"""Receipts and credit notes of the caller's own bookings: a list, and each as PDF."""

from __future__ import annotations

from fastapi import APIRouter, Response
from pydantic import Field

from booking_ui.api.http import shapes
from booking_ui.api.http.envelope import PROBLEMS, Envelope, Wire
from booking_ui.api.http.fields import PathId
from booking_ui.api.http.identity import Now, Patient
from booking_ui.domain.money import rupee_number
from booking_ui.edge.threads import call
from booking_ui.languages import ngettext
from booking_ui.services.receipts import files
from booking_ui.services.views.receipts import ReceiptFile, ReceiptView

router = APIRouter(prefix="/api/appointments/{appointment_id}", tags=["Receipts"], responses=PROBLEMS)


class Issued(Wire):
    kind: str = Field(description="`receipt` or `credit_note`.")
    number: str = Field(examples=["R/2026-27/000001"])
    amount: float = shapes.Rupees
    amount_paise: int = shapes.Paise
    issued_at: str = Field(examples=["2026-11-24T05:00:00Z"])
    path: str = Field(
        description="Its PDF, for the same caller.", examples=["/api/appointments/1/receipt.pdf"]
    )


@router.get("/receipts", summary="Receipt and credit notes of an appointment")
async def listed(appointment_id: PathId, who: Patient, now: Now) -> Envelope[list[Issued]]:
    """Empty until a payment is received. Each refund that went back has a credit note with a number of its own."""
    found = await call(files.own_list, patient_id=who.person_id, appointment_id=appointment_id, now=now)
    count = ngettext("{count} document.", "{count} documents.", len(found))
    return Envelope(message=count, data=[_issued(one, appointment_id) for one in found])


# The description is of JSON; docs/api.md has the files.
@router.get("/receipt.pdf", include_in_schema=False)
async def receipt(appointment_id: PathId, who: Patient, now: Now) -> Response:
    return _pdf(await call(files.own, patient_id=who.person_id, appointment_id=appointment_id, now=now))


@router.get("/credit-notes/{refund_id}.pdf", include_in_schema=False)
async def credit_note(appointment_id: PathId, refund_id: PathId, who: Patient, now: Now) -> Response:
    found = await call(
        files.own, patient_id=who.person_id, appointment_id=appointment_id, refund_id=refund_id, now=now
    )
    return _pdf(found)


def _pdf(file: ReceiptFile) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{file.name}"', "Cache-Control": "no-store"}
    return Response(file.content, media_type="application/pdf", headers=headers)


def _issued(view: ReceiptView, appointment_id: int) -> Issued:
    name = f"credit-notes/{view.refund_id}.pdf" if view.refund_id else "receipt.pdf"
    return Issued(
        kind=view.kind,
        number=view.number,
        amount=rupee_number(view.amount_paise),
        amount_paise=view.amount_paise,
        issued_at=view.issued_at,
        path=f"/api/appointments/{appointment_id}/{name}",
    )
