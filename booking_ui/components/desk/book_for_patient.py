"""Booking for a patient at the desk: the times of a doctor's day, the patient, and the payment."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.ui import dialogs, icons, theme
from booking_ui.components.ui.fields import field, hidden, notice, text_input
from booking_ui.components.ui.sentences import heard
from booking_ui.languages import _, to
from booking_ui.services.views import SlotView
from booking_ui.services.views.desk import PatientMatch
from booking_ui.states.desk.book_for_patient import BookForPatientState as State

QUIET = f"{theme.QUIET}{theme.SMALL}"
WRONG = State.problems


def title() -> rx.Component:
    return rx.el.div(
        rx.el.a(_("Bookings"), href=to("/admin/"), class_name=f"{theme.LINK} tap self-start text-sm"),
        rx.el.h1(_("Book for a patient"), class_name=theme.HEADING),
        class_name="flex flex-col gap-1",
    )


def done() -> rx.Component:
    """The sentence about the booking that was just made, and the way to it."""
    link = rx.el.a(
        _("Open the booking {reference}", reference=State.reference),
        href=to("/admin/booking/") + State.reference + "/",
        class_name=theme.LINK,
    )
    return rx.el.div(
        rx.cond(State.said != "", notice(State.said, "good", "check", link), rx.fragment()),
        class_name="empty:hidden",
    )


# ── The time ──────────────────────────────────────────────────────────────────────────────────────────────────────


def times() -> rx.Component:
    """The doctor and the day, and then the free times."""
    doctor = rx.el.select(
        rx.el.option(_("Choose a doctor"), value=""),
        rx.foreach(State.doctors, lambda one: rx.el.option(one.name, value=one.value)),
        name="doctor",
        default_value=State.doctor,
        required=True,
        class_name=theme.INPUT,
    )
    form = rx.el.form(
        field(_("Doctor"), doctor),
        field(_("Day"), text_input("day", type="date", default_value=State.day.day, required=True)),
        rx.el.button(
            rx.cond(State.busy == "times", _("Looking…"), _("Show times")),
            type="submit",
            aria_busy=State.busy == "times",
            class_name=f"{theme.QUIET} self-end",
        ),
        key=rx.cond(State.loaded, "known", "unknown"),
        on_submit=State.look,
        class_name="grid gap-4 sm:grid-cols-[minmax(0,1fr)_12rem_auto]",
    )
    return _section(
        _("Time"),
        form,
        rx.cond(WRONG.times != "", notice(WRONG.times, "bad"), rx.fragment()),
        rx.cond(State.day.long_label != "", _day(), rx.fragment()),
    )


def _day() -> rx.Component:
    day = State.day
    return rx.el.div(
        rx.el.h3(day.long_label, class_name="font-semibold", aria_live="polite"),
        rx.cond(day.note != "", rx.el.p(day.note, class_name=theme.MUTED)),
        _part(_("Morning"), day.morning),
        _part(_("Afternoon"), day.afternoon),
        _part(_("Evening"), day.evening),
        class_name="flex flex-col gap-4",
    )


def _part(name: str, slots: rx.Var[list[SlotView]]) -> rx.Component:
    grid = rx.el.div(
        rx.foreach(slots, _slot),
        role="group",
        aria_label=name,
        class_name="grid grid-cols-[repeat(auto-fill,minmax(5.75rem,1fr))] gap-2",
    )
    heading = rx.el.h4(name, class_name="text-sm font-semibold text-muted")
    return rx.cond(slots, rx.el.div(heading, grid, class_name="flex flex-col gap-2"))


def _slot(slot: rx.Var[SlotView]) -> rx.Component:
    taken = slot.status != "free"
    return rx.el.button(
        rx.cond(taken, rx.fragment(*heard(_("{time} taken"), time=slot.time_label)), slot.time_label),
        type="button",
        on_click=State.choose(slot.id),
        disabled=taken,
        aria_pressed=State.chosen.id == slot.id,
        class_name="slot w-full min-w-0 px-1",
    )


# ── The patient ───────────────────────────────────────────────────────────────────────────────────────────────────


def patient() -> rx.Component:
    """The search, its matches, and the patient who was picked; whoever is new is written down in the form below."""
    return _section(_("Patient"), rx.cond(State.patient.id != 0, _picked(), _search()))


def _search() -> rx.Component:
    form = rx.el.form(
        field(
            _("Find by number, name or email"),
            text_input("q", auto_complete="off", max_length=100, required=True),
            hint=_("Not known yet? Write the name and number below."),
        ),
        rx.el.button(
            rx.cond(State.busy == "find", _("Looking…"), _("Find patient")),
            type="submit",
            aria_busy=State.busy == "find",
            class_name=f"{theme.QUIET} self-end",
        ),
        on_submit=State.find,
        class_name="grid gap-4 sm:grid-cols-[minmax(0,1fr)_auto]",
    )
    found = rx.el.ul(
        rx.foreach(State.matches, lambda one: rx.el.li(_match(one), key=one.id)),
        aria_label=_("Patients found"),
        class_name="flex flex-col gap-2",
    )
    nobody = rx.el.p(
        _("Nobody was found. Try the number or another part of the name, or write the patient down below."),
        class_name=theme.MUTED,
    )
    outcome = rx.cond(State.matches.length() > 0, found, rx.cond(State.sought, nobody, rx.fragment()))
    return rx.el.div(form, rx.el.div(outcome, role="status"), class_name="flex flex-col gap-4")


def _match(one: rx.Var[PatientMatch]) -> rx.Component:
    return rx.el.button(
        rx.el.span(one.name, class_name="font-semibold"),
        " ",
        rx.el.span(one.phone, " ", one.email, class_name="text-sm break-words text-muted"),
        type="button",
        on_click=State.pick(one.id),
        class_name=f"{theme.QUIET} w-full justify-start text-left",
    )


def _picked() -> rx.Component:
    return rx.el.div(
        rx.el.p(
            rx.el.span(State.patient.name, class_name="block font-semibold"),
            rx.el.span(State.patient.phone, " ", State.patient.email, class_name=theme.MUTED),
            class_name="min-w-0",
        ),
        rx.el.button(_("Somebody else"), type="button", on_click=State.somebody_else, class_name=QUIET),
        class_name="flex flex-wrap items-center justify-between gap-3",
    )


# ── The booking ───────────────────────────────────────────────────────────────────────────────────────────────────


def booking() -> rx.Component:
    """The rest of the form, and the button that books; a refusal leaves what was typed."""
    chosen = rx.cond(
        State.chosen.id != 0,
        rx.el.p(
            icons.icon("clock"),
            f"{State.chosen.day_label}, {State.chosen.time_label}",
            class_name="flex items-center gap-2 font-semibold",
            aria_live="polite",
        ),
        rx.el.p(_("No time is chosen yet."), class_name=theme.MUTED, aria_live="polite"),
    )
    form = rx.el.form(
        hidden("slot_id", State.chosen.id.to(str)),
        hidden("person_id", State.patient.id.to(str)),
        rx.cond(State.patient.id == 0, _new_patient(), rx.fragment()),
        field(
            _("Why the patient comes (optional)"),
            text_input("reason", max_length=300, auto_complete="off"),
            problem=WRONG.reason,
        ),
        _payment(),
        rx.cond(WRONG.whole != "", notice(WRONG.whole, "bad"), rx.fragment()),
        rx.el.button(
            rx.cond(State.busy == "book", _("Booking…"), _("Book for the patient")),
            type="submit",
            disabled=State.busy == "book",
            aria_busy=State.busy == "book",
            class_name=f"{theme.PRIMARY} min-w-48 sm:self-start",
        ),
        on_submit=State.book,
        key=f"book-{State.made}",
        class_name="flex flex-col gap-4",
    )
    return _section(_("Booking"), chosen, form)


def _new_patient() -> rx.Component:
    return rx.el.div(
        field(
            _("Name of a new patient"),
            text_input("name", max_length=80, auto_complete="off"),
            problem=WRONG.name,
        ),
        field(
            _("Mobile number"),
            text_input("phone", type="tel", max_length=40, auto_complete="off"),
            problem=WRONG.phone,
        ),
        field(
            _("Email (optional)"),
            text_input("email", type="email", max_length=254, auto_complete="off"),
            problem=WRONG.email,
        ),
        class_name="grid gap-4 sm:grid-cols-2",
    )


def _payment() -> rx.Component:
    choices = rx.el.fieldset(
        rx.el.legend(_("How is it paid?"), class_name="mb-1.5 text-sm font-semibold"),
        dialogs.choice(
            "payment",
            "cash",
            _("Cash or UPI at the desk"),
            _("The visit is confirmed at once, marked in your name."),
        ),
        dialogs.choice(
            "payment",
            "link",
            _("A link to pay"),
            _("The time is held and the patient gets a message with the link."),
        ),
        class_name="flex flex-col gap-2",
    )
    wrong = rx.cond(WRONG.payment != "", notice(WRONG.payment, "bad"), rx.fragment())
    reference = field(
        _("Receipt or bank reference (optional)"),
        text_input("reference", max_length=80, auto_complete="off"),
        hint=_("Of money that you took. Leave it empty for a link."),
        problem=WRONG.reference,
    )
    return rx.el.div(choices, wrong, reference, class_name="flex flex-col gap-4")


def _section(name: str, *children: rx.Component) -> rx.Component:
    return rx.el.section(
        rx.el.h2(name, class_name="text-base"),
        *children,
        aria_label=name,
        class_name="flex flex-col gap-4",
    )
