"""The clinic's money over a period, for the desk: as JSON and as a spreadsheet."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import IO

from fastapi import APIRouter
from fastapi.responses import StreamingResponse
from pydantic import Field

from booking_ui.api.http import shapes
from booking_ui.api.http.envelope import PROBLEMS, Envelope, Wire
from booking_ui.api.http.fields import DateFrom, DateTo, OfDoctor
from booking_ui.api.http.identity import Admin, Now
from booking_ui.config.settings import settings
from booking_ui.domain import period
from booking_ui.domain.clock import today
from booking_ui.domain.money import rupee_number
from booking_ui.edge.threads import call
from booking_ui.languages import N_, _
from booking_ui.services.desk import payouts
from booking_ui.services.views.desk import FigureView, MoneyLine, PayoutsView

router = APIRouter(prefix="/api/admin", tags=["Desk"], responses=PROBLEMS)

HEAD = (
    N_("Date"), N_("Time"), N_("What"), N_("Booking"), N_("Doctor"), N_("Visit"), N_("Rupees"), N_("Paise"),
    N_("Currency"), N_("Method"), N_("Razorpay order"), N_("Razorpay payment"),
)  # fmt: skip
FORMULA = ("=", "+", "-", "@", "\t", "\r")
PIECE = 64 * 1024  # bytes
BOM = "\ufeff"  # without it Excel takes UTF-8 for its own code page


class Figure(Wire):
    bookings: int = Field(description="How many bookings it counts.", examples=[12])
    amount: float = shapes.Rupees
    amount_paise: int = shapes.Paise


class Figures(Wire):
    pending: Figure = Field(description="Bills not paid yet, by the time of booking.")
    captured: Figure = Field(description="Money that reached us, by the moment it was captured.")
    refunded: Figure = Field(
        description="Money given back, by the moment Razorpay made the refund, or it was given back by hand."
    )
    refund_due: Figure = Field(description="Promised back and not yet gone, by the moment of the promise.")
    deducted: Figure = Field(description="Taken back in lost disputes, by the moment they were lost.")
    failed: Figure = Field(description="Bills that failed or whose hold ended unpaid, by that moment.")
    net: Figure = Field(description="Captured − refunded − refundDue − deducted.")


class DoctorFigures(Figures):
    doctor_id: int
    doctor_slug: str
    doctor_name: str


class GatewayFees(Wire):
    payments: int = Field(description="For how many captured payments Razorpay named its fee.")
    amount: float = shapes.Rupees
    amount_paise: int = shapes.Paise


class Summary(Figures):
    date_from: date
    date_to: date
    gateway_fees: GatewayFees = Field(description="For information; in no other figure.")
    doctors: list[DoctorFigures]


@router.get("/payouts/summary", summary="Payouts of a period")
async def summary(
    _who: Admin, now: Now, date_from: DateFrom = None, date_to: DateTo = None, doctor_id: OfDoctor = None
) -> Envelope[Summary]:
    """Both days count, in the clinic's time zone; this month up to today when none is given. At most 366 days.

    `GET /api/admin/appointments?money=captured&moneyFrom=…&moneyTo=…` lists exactly the bookings a figure counts.
    """
    first, last = _days(date_from, date_to, now)
    found = await call(payouts.summary, first=first, last=last, doctor_id=doctor_id)
    return Envelope(message=_("{days}.", days=found.period_label), data=_summary(found))


@router.get("/payouts.csv", include_in_schema=False)  # the description is of JSON; docs/api.md has it
async def spreadsheet(
    _who: Admin, now: Now, date_from: DateFrom = None, date_to: DateTo = None, doctor_id: OfDoctor = None
) -> StreamingResponse:
    """Every capture, refund, refund due and lost dispute, oldest first; amounts are positive and `What` says which way they go."""
    first, last = _days(date_from, date_to, now)
    file = await call(_written, first, last, doctor_id)
    name = f"payouts-{first.isoformat()}-{last.isoformat()}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return StreamingResponse(_pieces(file), media_type="text/csv; charset=utf-8", headers=headers)


def _days(first: date | None, last: date | None, now: datetime) -> tuple[date, date]:
    """This month up to today; a first day alone ends today, a last day alone begins with its month."""
    until = last or today(now, settings().zone)
    return first or period.preset(period.DEFAULT, until).first, until


def _written(first: date, last: date, doctor_id: int | None) -> IO[bytes]:
    """The whole sheet in a file, on disk when it is long: a slow reader must not keep the database waiting."""
    lines = payouts.lines(first=first, last=last, doctor_id=doctor_id)
    file = tempfile.SpooledTemporaryFile(max_size=PIECE * 16)  # noqa: SIM115 - _pieces closes it
    out = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    out.write(BOM)
    sheet = csv.writer(out)
    sheet.writerow([_(name) for name in HEAD])
    sheet.writerows(_cells(lines))
    out.detach()
    file.seek(0)
    return file


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(PIECE):
            yield piece


def _cells(lines: Iterable[MoneyLine]) -> Iterator[tuple[object, ...]]:
    for line in lines:
        words = (line.day, line.time, line.figure, line.reference, line.doctor_name, line.visit_day)
        ids = (line.currency, line.method, line.gateway_order_id, line.gateway_payment_id)
        money = (f"{Decimal(line.paise).scaleb(-2):.2f}", line.paise)
        yield (*map(inert, words), *money, *map(inert, ids))


def inert(cell: str) -> str:
    """The cell, made so that a spreadsheet shows it and never runs it as a formula."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def _summary(found: PayoutsView) -> Summary:
    fees = GatewayFees(
        payments=found.fees_known, amount=rupee_number(found.fees_paise), amount_paise=found.fees_paise
    )
    doctors = [
        DoctorFigures(
            doctor_id=one.doctor_id, doctor_slug=one.slug, doctor_name=one.name, **_figures(one.figures)
        )
        for one in found.doctors
    ]
    return Summary(
        date_from=found.first,
        date_to=found.last,
        gateway_fees=fees,
        doctors=doctors,
        **_figures(found.figures),
    )


def _figures(figures: list[FigureView]) -> dict[str, Figure]:
    return {
        one.figure: Figure(bookings=one.bookings, amount=rupee_number(one.paise), amount_paise=one.paise)
        for one in figures
    }
