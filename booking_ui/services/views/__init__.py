"""What services return: frozen values with labels ready to show. Never rows.

Every `*_label` is the exact string for people; every `*_paise` is integer paise; every `*_at` is RFC 3339 UTC.
"""

from booking_ui.services.views.account import AccountView, SessionView
from booking_ui.services.views.clinic import DayView, DoctorView, Facets, SlotView, StripView
from booking_ui.services.views.desk import (
    AdminBooking,
    AdminPage,
    AdminRow,
    AttemptView,
    BookingLine,
    CaseView,
    EventPage,
    EventView,
    Marked,
    PromiseView,
    RefundChoice,
    RefundView,
)
from booking_ui.services.views.family import DependentView
from booking_ui.services.views.journal import AuditPage, AuditRow
from booking_ui.services.views.mails import MailPage, MailRow, MailView
from booking_ui.services.views.payouts import DoctorPayouts, FigureView, MoneyLine, PayoutDay, PayoutsView
from booking_ui.services.views.people import Principal, TokensView
from booking_ui.services.views.rota import (
    DayOffView,
    DoctorSheet,
    HitView,
    Rota,
    RotaDoctor,
    SavedDoctor,
    StaffView,
)
from booking_ui.services.views.rounds import RoundView, RoundVisit
from booking_ui.services.views.visits import (
    AppointmentPage,
    AppointmentView,
    CancelView,
    CheckoutView,
    TimelineEntry,
)

__all__ = [
    "AccountView",
    "AdminBooking",
    "AdminPage",
    "AdminRow",
    "AppointmentPage",
    "AppointmentView",
    "AttemptView",
    "AuditPage",
    "AuditRow",
    "BookingLine",
    "CancelView",
    "CaseView",
    "CheckoutView",
    "DayOffView",
    "DayView",
    "DependentView",
    "DoctorPayouts",
    "DoctorSheet",
    "DoctorView",
    "EventPage",
    "EventView",
    "Facets",
    "FigureView",
    "HitView",
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
    "Rota",
    "RotaDoctor",
    "RoundView",
    "RoundVisit",
    "SavedDoctor",
    "SessionView",
    "SlotView",
    "StaffView",
    "StripView",
    "TimelineEntry",
    "TokensView",
]
