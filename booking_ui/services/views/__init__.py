"""The values that services return: frozen, with labels ready to show. Never rows.

Every `*_label` is the exact string for people; every `*_paise` is integer paise; every `*_at` is RFC 3339 UTC.
"""

from booking_ui.services.views.account import AccountView, SessionView
from booking_ui.services.views.clinic import DayView, DoctorView, Facets, SlotView, StripView
from booking_ui.services.views.desk import (
    Asked,
    AttemptView,
    BookingLine,
    BookingPage,
    BookingRow,
    CaseView,
    DeskRefund,
    DisputeView,
    DoctorChoice,
    EventPage,
    EventView,
    Marked,
    PromiseView,
    RefundChoice,
    RefundView,
    WholeBooking,
)
from booking_ui.services.views.doctor_day import DoctorDayView, DoctorDayVisit
from booking_ui.services.views.doctors import (
    AffectedVisit,
    DayOffView,
    DoctorList,
    DoctorSheet,
    ListedDoctor,
    SavedDoctor,
    StaffView,
)
from booking_ui.services.views.family import DependentView
from booking_ui.services.views.journal import AuditPage, AuditRow
from booking_ui.services.views.mails import MailPage, MailRow, MailView
from booking_ui.services.views.payouts import DoctorPayouts, FigureView, MoneyLine, PayoutDay, PayoutsView
from booking_ui.services.views.people import Principal, TokensView
from booking_ui.services.views.visits import (
    AppointmentView,
    CancelView,
    CheckoutView,
    TimelineEntry,
)

__all__ = [
    "AccountView",
    "AffectedVisit",
    "AppointmentView",
    "Asked",
    "AttemptView",
    "AuditPage",
    "AuditRow",
    "BookingLine",
    "BookingPage",
    "BookingRow",
    "CancelView",
    "CaseView",
    "CheckoutView",
    "DayOffView",
    "DayView",
    "DependentView",
    "DeskRefund",
    "DisputeView",
    "DoctorChoice",
    "DoctorDayView",
    "DoctorDayVisit",
    "DoctorList",
    "DoctorPayouts",
    "DoctorSheet",
    "DoctorView",
    "EventPage",
    "EventView",
    "Facets",
    "FigureView",
    "ListedDoctor",
    "MailPage",
    "MailRow",
    "MailView",
    "Marked",
    "MoneyLine",
    "PayoutDay",
    "PayoutsView",
    "Principal",
    "PromiseView",
    "RefundChoice",
    "RefundView",
    "SavedDoctor",
    "SessionView",
    "SlotView",
    "StaffView",
    "StripView",
    "TimelineEntry",
    "TokensView",
    "WholeBooking",
]
