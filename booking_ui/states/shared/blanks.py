"""Empty views: what a page's vars hold before its data is there. The prerendered page shows skeletons instead."""

from __future__ import annotations

from booking_ui.services.views import AccountView, AppointmentView, DayView, DoctorView, Facets, SlotView

NO_ACCOUNT = AccountView(verified=True, has_password=True, sessions=[], may_erase=False)

NO_SLOT = SlotView(id=0, doctor_id=0, starts_at="", day="", day_label="", time_label="", part="", status="")

NO_DAY = DayView(day="", weekday_label="", date_label="", long_label="", free_count=0, state="", note="")

NO_FACETS = Facets(specialities=[], cities=[], languages=[])

NO_DOCTOR = DoctorView(
    id=0,
    slug="",
    name="",
    initials="",
    tint=0,
    speciality="",
    qualifications="",
    experience_label="",
    languages_label="",
    city="",
    area="",
    address="",
    fee_paise=0,
    fee_label="",
    about="",
)

NO_VISIT = AppointmentView(
    id=0,
    reference="",
    phase="",
    status="",
    payment_status="",
    headline="",
    sentence="",
    doctor_id=0,
    doctor_slug="",
    doctor_name="",
    doctor_initials="",
    doctor_tint=0,
    speciality="",
    city="",
    area="",
    address="",
    slot_id=0,
    starts_at="",
    ends_at="",
    date="",
    date_label="",
    time_label="",
    when_label="",
    in_label="",
    patient_name="",
    reason="",
    fee_paise=0,
    fee_label="",
    currency="",
    hold_expires_at="",
    hold_seconds_left=0,
    can_pay=False,
    can_try_again=False,
    can_cancel=False,
    cancel_quote="",
    refund_rule="",
    refund_label="",
    gateway_order_id="",
    gateway_payment_id="",
    method_label="",
)
