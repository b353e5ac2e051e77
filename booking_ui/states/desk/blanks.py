"""What the desk's panel holds before its booking is there."""

from __future__ import annotations

from booking_ui.services.views import AdminBooking, AdminRow
from booking_ui.states.shared.blanks import NO_VISIT

NO_ROW = AdminRow(
    id=0,
    reference="",
    status="",
    payment_status="",
    patient_name="",
    patient_email="",
    patient_phone="",
    doctor_id=0,
    doctor_name="",
    speciality="",
    starts_at="",
    when_label="",
    booked_label="",
    amount_paise=0,
    amount_label="",
    method_label="",
    gateway_order_id="",
    gateway_payment_id="",
    needs_attention="",
)

NO_BOOKING = AdminBooking(
    row=NO_ROW, appointment=NO_VISIT, attempts=[], refunds=[], story=[], can_mark=False, marks=[]
)
