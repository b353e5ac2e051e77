"""Questions to Razorpay about one booking while its patient waits: bounded, and never in the way of a page."""

from __future__ import annotations

from datetime import datetime

from booking_ui.edge.threads import call_gateway, call_quick
from booking_ui.services.limits import rate_limits
from booking_ui.services.payments import orders
from booking_ui.services.views import AppointmentView


async def ask(visit: AppointmentView, *, patient_id: int, now: datetime) -> AppointmentView | None:
    """The booking after Razorpay was asked about it; as it is known, when Razorpay does not answer.

    None when it was asked about too often lately, or all bookings were: then the worker asks. However often a page is
    reloaded, Razorpay is not asked more often than RATE_LIMIT_QUESTIONS say.

    Raises NotFound.
    """
    if not await call_quick(rate_limits.is_within, rate_limits.limit_questions, appointment_id=visit.id):
        return None
    return await call_gateway(
        visit.gateway_order_id, orders.check, patient_id=patient_id, appointment_id=visit.id, now=now
    )
