"""The values that services return: frozen, with labels ready to show. Never rows.

Every `*_label` is the exact string for people; every `*_paise` is integer paise; every `*_at` is RFC 3339 UTC.
"""

from booking_ui.services.views.account import AccountView, ChannelChoice, SessionView, StopView
from booking_ui.services.views.clinic import (
    DayView,
    DoctorView,
    Facet,
    Facets,
    NearSearch,
    ResultsView,
    SlotView,
    StripView,
    Suggestion,
)
from booking_ui.services.views.doctor_day import DoctorDayView, DoctorDayVisit
from booking_ui.services.views.family import DependentView
from booking_ui.services.views.people import Principal, TokensView
from booking_ui.services.views.visits import (
    AppointmentView,
    CancelView,
    CheckoutView,
    PdfLink,
    TimelineEntry,
)

__all__ = [
    "AccountView",
    "AppointmentView",
    "CancelView",
    "ChannelChoice",
    "CheckoutView",
    "DayView",
    "DependentView",
    "DoctorDayView",
    "DoctorDayVisit",
    "DoctorView",
    "Facet",
    "Facets",
    "NearSearch",
    "PdfLink",
    "Principal",
    "ResultsView",
    "SessionView",
    "SlotView",
    "StopView",
    "StripView",
    "Suggestion",
    "TimelineEntry",
    "TokensView",
]
