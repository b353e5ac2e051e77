"""The desk's pages: for admins, by the gate on every handler they call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import reflex as rx

from booking_ui.pages.desk.audit import audit
from booking_ui.pages.desk.booking import booking
from booking_ui.pages.desk.bookings import bookings
from booking_ui.pages.desk.books import books
from booking_ui.pages.desk.doctor import doctor, new_doctor
from booking_ui.pages.desk.doctors import doctors
from booking_ui.pages.desk.mail import mail
from booking_ui.pages.desk.messages import messages
from booking_ui.pages.desk.payouts import payouts, payouts_chart, payouts_of_doctor
from booking_ui.pages.desk.webhooks import webhooks
from booking_ui.states.desk.audit import AuditState
from booking_ui.states.desk.booking import BookingState
from booking_ui.states.desk.bookings import BookingsState
from booking_ui.states.desk.books import BooksState
from booking_ui.states.desk.doctor import EditDoctorState
from booking_ui.states.desk.doctors import DoctorsState
from booking_ui.states.desk.mail import MailState
from booking_ui.states.desk.messages import MessagesState
from booking_ui.states.desk.open_cases import OpenCasesState
from booking_ui.states.desk.payouts import PayoutsState
from booking_ui.states.desk.webhooks import WebhooksState
from booking_ui.states.shared.session import SessionState

# Page, route, title, description, and the handlers that fill it once the visitor is known.
PAGES: list[tuple[Callable[[], rx.Component], str, str, str, list[Any]]] = [
    (
        bookings,
        "/admin",
        "Bookings",
        "Every booking with its payment.",
        [BookingsState.load, BookingState.load],
    ),
    (
        booking,
        "/admin/booking/[booking_ref]",
        "Booking",
        "One booking with its payment and its story.",
        [BookingState.load],
    ),
    (
        webhooks,
        "/admin/webhooks",
        "Webhooks",
        "What Razorpay told us and what became of it.",
        [WebhooksState.load],
    ),
    (
        books,
        "/admin/books",
        "Books",
        "Whether every promise holds, and whether Razorpay's books and ours agree.",
        [BooksState.load],
    ),
    (
        doctors,
        "/admin/doctors",
        "Doctors",
        "Who works, leave and holidays, and the visits that they hit.",
        [DoctorsState.load],
    ),
    (
        new_doctor,
        "/admin/doctors/new",
        "Add a doctor",
        "A new doctor with weekly hours and fee.",
        [EditDoctorState.load],
    ),
    (
        doctor,
        "/admin/doctors/[doctor_slug]",
        "Doctor",
        "A doctor's details, weekly hours, fee and sign-in.",
        [EditDoctorState.load],
    ),
    (
        messages,
        "/admin/messages",
        "Messages",
        "Every mail, what became of it, and a way to send it again.",
        [MessagesState.load],
    ),
    (mail, "/admin/mail", "Emails", "What a clinic without a mail server would have sent.", [MailState.load]),
    (
        payouts,
        "/admin/payouts",
        "Payouts",
        "What came in, what went back and what is due, over a period.",
        [PayoutsState.load],
    ),
    (
        payouts_chart,
        "/admin/payouts/chart",
        "Payouts by day",
        "Captured and refunded money of each day.",
        [PayoutsState.load_chart],
    ),
    (
        payouts_of_doctor,
        "/admin/payouts/[doctor_slug]",
        "Payouts of a doctor",
        "One doctor's money, day by day and booking by booking.",
        [PayoutsState.load_doctor],
    ),
    (
        audit,
        "/admin/audit",
        "Audit",
        "Who changed what, why, and whether the record still holds.",
        [AuditState.load],
    ),
]


def add_pages(app: rx.App) -> None:
    for page, route, title, description, loads in PAGES:
        app.add_page(
            page,
            route=route,
            title=f"{title} · Desk",
            description=description,
            on_load=[SessionState.load, *loads, OpenCasesState.load],
        )
