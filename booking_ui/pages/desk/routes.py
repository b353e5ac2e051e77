"""The desk's pages: for admins, by the gate on every handler they call."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import reflex as rx

from booking_ui.languages import N_, _
from booking_ui.pages.desk.audit import audit
from booking_ui.pages.desk.book_for_patient import book_for_patient
from booking_ui.pages.desk.booking import booking
from booking_ui.pages.desk.bookings import bookings
from booking_ui.pages.desk.books import books
from booking_ui.pages.desk.doctor import doctor, new_doctor
from booking_ui.pages.desk.doctors import doctors
from booking_ui.pages.desk.mail import mail
from booking_ui.pages.desk.messages import messages
from booking_ui.pages.desk.payouts import payouts, payouts_chart, payouts_of_doctor
from booking_ui.pages.desk.webhooks import webhooks
from booking_ui.pages.in_languages import add_page
from booking_ui.states.desk.audit import AuditState
from booking_ui.states.desk.book_for_patient import BookForPatientState
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
        N_("Bookings"),
        N_("Every booking with its payment."),
        [BookingsState.load, BookingState.load],
    ),
    (
        booking,
        "/admin/booking/[booking_ref]",
        N_("Booking"),
        N_("One booking with its payment and its story."),
        [BookingState.load],
    ),
    (
        book_for_patient,
        "/admin/book",
        N_("Book for a patient"),
        N_("A time for a patient who calls or walks in, with the payment."),
        [BookForPatientState.load],
    ),
    (
        webhooks,
        "/admin/webhooks",
        N_("Webhooks"),
        N_("What Razorpay told us and what became of it."),
        [WebhooksState.load],
    ),
    (
        books,
        "/admin/books",
        N_("Books"),
        N_("Whether every promise holds, and whether Razorpay's books and ours agree."),
        [BooksState.load],
    ),
    (
        doctors,
        "/admin/doctors",
        N_("Doctors"),
        N_("Who works, leave and holidays, and the visits that they hit."),
        [DoctorsState.load],
    ),
    (
        new_doctor,
        "/admin/doctors/new",
        N_("Add a doctor"),
        N_("A new doctor with weekly hours and fee."),
        [EditDoctorState.load],
    ),
    (
        doctor,
        "/admin/doctors/[doctor_slug]",
        N_("Doctor"),
        N_("A doctor's details, weekly hours, fee and sign-in."),
        [EditDoctorState.load],
    ),
    (
        messages,
        "/admin/messages",
        N_("Messages"),
        N_("Every mail, what became of it, and a way to send it again."),
        [MessagesState.load],
    ),
    (
        mail,
        "/admin/mail",
        N_("Emails"),
        N_("What a clinic without a mail server would have sent."),
        [MailState.load],
    ),
    (
        payouts,
        "/admin/payouts",
        N_("Payouts"),
        N_("What came in, what went back and what is due, over a period."),
        [PayoutsState.load],
    ),
    (
        payouts_chart,
        "/admin/payouts/chart",
        N_("Payouts by day"),
        N_("Captured and refunded money of each day."),
        [PayoutsState.load_chart],
    ),
    (
        payouts_of_doctor,
        "/admin/payouts/[doctor_slug]",
        N_("Payouts of a doctor"),
        N_("One doctor's money, day by day and booking by booking."),
        [PayoutsState.load_doctor],
    ),
    (
        audit,
        "/admin/audit",
        N_("Audit"),
        N_("Who changed what, why, and whether the record still holds."),
        [AuditState.load],
    ),
]


def add_pages(app: rx.App) -> None:
    for page, route, title, description, loads in PAGES:
        add_page(
            app,
            page,
            route,
            partial(_title, title),
            description,
            [SessionState.load, *loads, OpenCasesState.load],
        )


def _title(page: str) -> str:
    return _("{page} · Desk", page=_(page))
