"""What services return: frozen values with labels ready to show. Never rows.

Every `*_label` is the exact string for people; every `*_paise` is integer paise; every `*_at` is RFC 3339 UTC.
"""

from booking_ui.services.views.account import AccountView, SessionView
from booking_ui.services.views.clinic import DayView, DoctorView, Facets, SlotView
from booking_ui.services.views.desk import (
    AdminBooking,
    AdminPage,
    AdminRow,
    AttemptView,
    CaseView,
    EventPage,
    EventView,
    PromiseView,
    RefundView,
)
from booking_ui.services.views.people import Principal, TokensView
from booking_ui.services.views.visits import AppointmentView, CancelView, CheckoutView, TimelineEntry

__all__ = [
    "AccountView",
    "AdminBooking",
    "AdminPage",
    "AdminRow",
    "AppointmentView",
    "AttemptView",
    "CancelView",
    "CaseView",
    "CheckoutView",
    "DayView",
    "DoctorView",
    "EventPage",
    "EventView",
    "Facets",
    "Principal",
    "PromiseView",
    "RefundView",
    "SessionView",
    "SlotView",
    "TimelineEntry",
    "TokensView",
]
