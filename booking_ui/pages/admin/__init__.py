"""The desk's pages: for admins, by the gate on every handler they call."""

from __future__ import annotations

import reflex as rx

from booking_ui.pages.admin.audit import audit
from booking_ui.pages.admin.booking import booking
from booking_ui.pages.admin.bookings import bookings
from booking_ui.pages.admin.books import books
from booking_ui.pages.admin.doctor import doctor, new_doctor
from booking_ui.pages.admin.doctors import doctors
from booking_ui.pages.admin.mail import mail
from booking_ui.pages.admin.payouts import payouts, payouts_chart, payouts_of_doctor
from booking_ui.pages.admin.webhooks import webhooks
from booking_ui.states.admin_audit import AuditState
from booking_ui.states.admin_booking import CaseState
from booking_ui.states.admin_bookings import DeskState
from booking_ui.states.admin_books import BooksState
from booking_ui.states.admin_doctor import DoctorDeskState
from booking_ui.states.admin_doctors import RotaState
from booking_ui.states.admin_mail import MailState
from booking_ui.states.admin_payouts import PayoutsState
from booking_ui.states.admin_webhooks import WebhooksState
from booking_ui.states.session import SessionState


def add_pages(app: rx.App) -> None:
    app.add_page(
        bookings,
        route="/admin",
        title="Bookings · Desk",
        description="Every booking with its payment.",
        on_load=[SessionState.load, DeskState.load, CaseState.load],
    )
    app.add_page(
        booking,
        route="/admin/booking/[booking_ref]",
        title="Booking · Desk",
        description="One booking with its payment and its story.",
        on_load=[SessionState.load, CaseState.load],
    )
    app.add_page(
        webhooks,
        route="/admin/webhooks",
        title="Webhooks · Desk",
        description="What Razorpay told us and what became of it.",
        on_load=[SessionState.load, WebhooksState.load],
    )
    app.add_page(
        books,
        route="/admin/books",
        title="Promises & books · Desk",
        description="Whether every promise holds, and whether Razorpay's books and ours agree.",
        on_load=[SessionState.load, BooksState.load],
    )
    app.add_page(
        doctors,
        route="/admin/doctors",
        title="Doctors · Desk",
        description="Who works, leave and holidays, and the visits that they hit.",
        on_load=[SessionState.load, RotaState.load],
    )
    app.add_page(
        new_doctor,
        route="/admin/doctors/new",
        title="Add a doctor · Desk",
        description="A new doctor with her weekly hours and fee.",
        on_load=[SessionState.load, DoctorDeskState.load],
    )
    app.add_page(
        doctor,
        route="/admin/doctors/[doctor_slug]",
        title="Doctor · Desk",
        description="What is known of a doctor, her weekly hours, her fee and her sign-in.",
        on_load=[SessionState.load, DoctorDeskState.load],
    )
    app.add_page(
        mail,
        route="/admin/mail",
        title="Mail · Desk",
        description="What a clinic without a mail server would have sent.",
        on_load=[SessionState.load, MailState.load],
    )
    app.add_page(
        payouts,
        route="/admin/payouts",
        title="Payouts · Desk",
        description="What came in, what went back and what is due, over a period.",
        on_load=[SessionState.load, PayoutsState.load],
    )
    app.add_page(
        payouts_chart,
        route="/admin/payouts/chart",
        title="Payouts by day · Desk",
        description="Captured and refunded money of each day.",
        on_load=[SessionState.load, PayoutsState.load_chart],
    )
    app.add_page(
        payouts_of_doctor,
        route="/admin/payouts/[doctor_slug]",
        title="Payouts of a doctor · Desk",
        description="One doctor's money, day by day and booking by booking.",
        on_load=[SessionState.load, PayoutsState.load_doctor],
    )
    app.add_page(
        audit,
        route="/admin/audit",
        title="Audit · Desk",
        description="Who changed what, why, and whether the record still holds.",
        on_load=[SessionState.load, AuditState.load],
    )
