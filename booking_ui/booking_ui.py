"""The app: pages, the API beside them, the tasks of a worker, and the gate before every event."""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable
from typing import Any

import reflex as rx
from reflex import constants
from reflex.event import EventSpec
from reflex.utils import prerequisites
from reflex.utils.exec import is_prod_mode
from reflex_components_core.core.banner import has_connection_errors
from starlette.types import ASGIApp

from booking_ui import worker
from booking_ui.api.app import api
from booking_ui.components.shared.layout import HIDE_LINK, SAY_LANGUAGE, offline_banner
from booking_ui.config.settings import settings
from booking_ui.domain.errors import BookingError, DatabaseAway
from booking_ui.edge import live, logs, redis_client, tab_store
from booking_ui.edge.found.app import Found
from booking_ui.edge.gate import Buckets, Gate
from booking_ui.edge.perimeter import Perimeter
from booking_ui.edge.tab_store import StateAway
from booking_ui.languages import N_, _
from booking_ui.pages.desk import routes
from booking_ui.pages.doctor.day import day
from booking_ui.pages.in_languages import add_page
from booking_ui.pages.patient.account import account
from booking_ui.pages.patient.appointment import appointment
from booking_ui.pages.patient.appointments import appointments
from booking_ui.pages.patient.checkout import checkout
from booking_ui.pages.patient.code import code
from booking_ui.pages.patient.doctor import doctor, doctor_description, doctor_title
from booking_ui.pages.patient.family import family
from booking_ui.pages.patient.not_found import not_found, not_found_title
from booking_ui.pages.patient.phone import phone
from booking_ui.pages.patient.reschedule import reschedule
from booking_ui.pages.patient.reset import reset, reset_new
from booking_ui.pages.patient.search import search
from booking_ui.pages.patient.sign_in import register, sign_in
from booking_ui.pages.patient.verify import verify
from booking_ui.pages.patient.visit_link import linked_visit
from booking_ui.states.doctor.day import DayState
from booking_ui.states.patient.account import AccountState
from booking_ui.states.patient.appointment import AppointmentState
from booking_ui.states.patient.appointments import AppointmentsState
from booking_ui.states.patient.checkout import CheckoutState
from booking_ui.states.patient.checkout_visit import ForWhomState, ReasonState
from booking_ui.states.patient.doctor import DoctorState
from booking_ui.states.patient.family import FamilyState
from booking_ui.states.patient.reschedule import RescheduleState
from booking_ui.states.patient.search import SearchState
from booking_ui.states.patient.sign_in import SignInState
from booking_ui.states.patient.visit_link import VisitLinkState
from booking_ui.states.shared.session import NoticeState, SessionState

logger = logging.getLogger(__name__)

PAGE_FAULTS = Buckets(
    burst=20, per_second=0.5
)  # anybody may send one, and an error tracker may charge for each

OUR_FAULT = N_("Something went wrong on our side. Please try again; if it stays, call us.")


def event_failed(exception: Exception) -> EventSpec | None:
    """Show the sentence of a refusal; log anything else whole and show an apology."""
    if isinstance(
        exception, StateAway | DatabaseAway
    ):  # an event of ours would fail as well, and lead here again
        tab_store.show(NoticeState.get_full_name(), "text", exception.sentence)
        return None
    if isinstance(exception, BookingError):
        return NoticeState.tell(exception.sentence)
    logger.error("an event failed", exc_info=exception)
    return NoticeState.tell(_(OUR_FAULT))


def page_failed(exception: Exception) -> None:
    """Log a fault that a page reports, or that a stranger forges: without what the page showed, and not too often."""
    if PAGE_FAULTS.take("all"):
        logger.error("a page failed: %s", logs.page_fault(str(exception)))


class App(rx.App):
    """Reflex's application behind our perimeter, however it is started, with our store of the pages' states."""

    def _setup_state(self) -> None:
        redis_client.lend_to_reflex()
        super()._setup_state()
        self._state_manager = tab_store.patient(self.state_manager)

    def __call__(self) -> ASGIApp:
        built = prerequisites.get_web_dir() / constants.Dirs.STATIC if is_prod_mode() else None
        return Perimeter(Found(super().__call__(), built), built)


async def hub() -> None:
    await live.run(app)


async def jobs() -> None:
    await worker.run()


def _overlay(stateful: bool) -> rx.Component | None:
    # Without the fragment Reflex nests the page inside the banner and shows neither.
    return rx.fragment(rx.cond(has_connection_errors, offline_banner())) if stateful else None


def _add(
    page: Callable[[], rx.Component],
    route: str,
    title: Callable[[], Any],
    description: str | Callable[[], Any],
    *loads: Any,
) -> None:
    add_page(
        app,
        page,
        route,
        lambda: title() + f" · {settings().merchant_name}",
        description,
        [SessionState.load, *loads],
    )


def _freeze_garbage() -> None:
    """Take what the start has made out of garbage collection: searching it stops every answer for 0.1 s."""
    gc.collect()
    gc.freeze()


logs.configure(settings().log_format, settings().sentry_dsn)
app = App(
    api_transformer=api,
    backend_exception_handler=event_failed,
    frontend_exception_handler=page_failed,
    head_components=[
        rx.el.link(rel="icon", href="/favicon.svg", type="image/svg+xml"),
        rx.el.script(SAY_LANGUAGE),
        rx.el.script(HIDE_LINK),
        rx.el.script(src="/translated.js", defer=True),
        rx.el.script(src="/clinic.js", defer=True),
    ],
    stylesheets=["/theme.css"],
    toaster=None,
)
app.app_wraps[(5, "Overlay")] = _overlay
app.add_middleware(Gate())
app.register_lifespan_task(_freeze_garbage)
app.register_lifespan_task(hub)
if settings().run_worker:
    app.register_lifespan_task(jobs)

_add(
    search,
    "/",
    lambda: _("Find a doctor"),
    N_(
        "Find a doctor in your city, see who is free, and book a visit in a minute. Pay safely with UPI or card."
    ),
    SearchState.load,
)
_add(
    doctor,
    "/doctor/[doctor_slug]",
    doctor_title,
    doctor_description,
    DoctorState.load,
)
_add(
    sign_in,
    "/sign-in",
    lambda: _("Sign in"),
    N_("Sign in to book a visit and to see your appointments."),
    SignInState.load,
)
_add(
    phone,
    "/sign-in/phone",
    lambda: _("Enter the code"),
    N_("Six digits by text message instead of a password."),
    SignInState.load,
)
_add(
    register,
    "/register",
    lambda: _("Create your account"),
    N_("Create an account to book visits. It takes a minute."),
    SignInState.load,
)
_add(
    code,
    "/code",
    lambda: _("Sign in with a code"),
    N_("A code by email instead of a password."),
    SignInState.load,
)
_add(
    reset,
    "/reset",
    lambda: _("Forgot your password?"),
    N_("Get a link to choose another one."),
    SignInState.load,
)
_add(
    reset_new,
    "/reset/new",
    lambda: _("Choose a new password"),
    N_("The link from our email leads here."),
    SignInState.load,
)
_add(
    verify,
    "/verify",
    lambda: _("Confirm your email"),
    N_("The link from our email leads here."),
    SignInState.load,
)
_add(
    checkout,
    "/checkout/[booking_ref]",
    lambda: _("Confirm and pay"),
    N_("Pay for the time that is held for you."),
    CheckoutState.load,
    ForWhomState.load,
    ReasonState.load,
)
_add(
    appointment,
    "/appointment/[booking_ref]",
    lambda: _("Your visit"),
    N_("Where your booking stands."),
    AppointmentState.load,
)
_add(
    linked_visit,
    "/v/[visit_token]",
    lambda: _("Your visit"),
    N_("Where your booking stands."),
    VisitLinkState.load,
)
_add(
    reschedule,
    "/appointment/[booking_ref]/reschedule",
    lambda: _("Another time"),
    N_("Move your visit to another time of the same doctor."),
    RescheduleState.load,
)
_add(
    appointments,
    "/appointments",
    lambda: _("My appointments"),
    N_("Your upcoming and past visits."),
    AppointmentsState.load,
)
_add(day, "/day", lambda: _("My day"), N_("Who comes today, when and why."), DayState.load)
_add(
    account,
    "/account",
    lambda: _("Account"),
    N_("Your name, mail and phone, your password and your devices."),
    AccountState.load,
)
_add(family, "/family", lambda: _("My family"), N_("The people you book visits for."), FamilyState.load)
_add(not_found, "404", not_found_title, N_("There is nothing at this address."))
routes.add_pages(app)
