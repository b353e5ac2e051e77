"""The form of one doctor: facts, fee and weekly hours, and the question about visits outside new hours."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.desk.doctors import visits_to_call
from booking_ui.components.ui import icons, theme
from booking_ui.components.ui.fields import field, hidden, notice, text_input
from booking_ui.domain.clinic import weekly
from booking_ui.domain.clock import weekday_names
from booking_ui.languages import _, to
from booking_ui.states.desk.doctor import EditDoctorState

SHEET = EditDoctorState.sheet
KNOWN = SHEET.written
WRONG = EditDoctorState.problems
TWO = "grid items-start gap-4 sm:grid-cols-2"


def title(heading: str | rx.Var) -> rx.Component:
    """The way back, the doctor's name, and a link to the page that patients see."""
    patients = rx.el.a(
        _("See the page patients see"), href=to(f"/doctor/{SHEET.slug}/"), class_name=f"{theme.LINK} tap"
    )
    book = rx.el.a(
        _("Book for a patient"),
        href=to(f"/admin/book/?doctor={SHEET.slug}"),
        class_name=f"{theme.LINK} tap",
    )
    return rx.el.div(
        rx.el.a(_("Doctors"), href=to("/admin/doctors/"), class_name=f"{theme.LINK} tap self-start text-sm"),
        rx.el.div(
            rx.el.h1(heading, class_name=f"{theme.HEADING} min-w-0 break-words"),
            rx.cond(
                (SHEET.slug != "") & SHEET.active,
                rx.el.div(book, patients, class_name="flex flex-wrap gap-4"),
            ),
            class_name="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1",
        ),
        class_name="flex flex-col gap-1",
    )


def missing() -> rx.Component:
    return notice(_("No doctor has this address. Choose one from the list."), "bad")


def form() -> rx.Component:
    """The form once the doctor is loaded; a skeleton before."""
    waiting = rx.el.div(
        *[rx.el.div(class_name=f"{theme.SKELETON} h-16") for _ in range(6)], class_name="flex flex-col gap-3"
    )
    return rx.cond(EditDoctorState.loaded, _doctor_form(), waiting)


def _doctor_form() -> rx.Component:
    return rx.el.form(
        hidden("doctor_id", SHEET.id.to(str)),
        hidden("seen", SHEET.seen),
        hidden("agreed", EditDoctorState.agreed),
        rx.el.datalist(
            rx.foreach(EditDoctorState.specialities, lambda one: rx.el.option(value=one, key=one)),
            id="specialities",
        ),
        _group(_("Who"), *_who()),
        _group(_("Where"), *_where()),
        _group(_("Fee and length of a visit"), _fee()),
        _group(_("Weekly hours"), *_hours()),
        _outcome(),
        _buttons(),
        key=SHEET.seen,  # after a save the fields start from what is stored now
        on_submit=EditDoctorState.save,
        class_name="flex flex-col gap-8",
    )


def _group(name: str, *children: rx.Component) -> rx.Component:
    return rx.el.fieldset(
        rx.el.legend(name, class_name="text-base font-semibold"),
        rx.el.div(*children, class_name="mt-3 flex flex-col gap-4"),
    )


def _text(name: str, label: str, most: int, *, hint: str = "", **props: object) -> rx.Component:
    control = text_input(
        name,
        default_value=getattr(KNOWN, name),
        max_length=most,
        auto_complete="off",
        **{"required": True, **props},
    )
    return field(label, control, hint=hint, problem=getattr(WRONG, name))


def _who() -> list[rx.Component]:
    about = rx.el.textarea(
        name="about",
        default_value=KNOWN.about,
        max_length=1200,
        rows="4",
        class_name=f"{theme.INPUT} min-h-28!",
    )
    return [
        _text("name", _("Name"), 120, placeholder="Dr Chandra Rao"),
        rx.el.div(
            _text("qualifications", _("Qualifications"), 160, placeholder="MBBS, MD"),
            _text("speciality", _("Speciality"), 60, custom_attrs={"list": "specialities"}),
            _text(
                "registration",
                _("Registration number (optional)"),
                60,
                hint=_("With a medical council. Receipts name it from now on."),
                required=False,
            ),
            field(
                _("Gender (optional)"), _gender(), hint=_("Patients may filter by it."), problem=WRONG.gender
            ),
            _text("practising_since", _("Practising since (year)"), 4, input_mode="numeric"),
            _text("languages", _("Languages"), 400, placeholder="English, Hindi"),
            class_name=TWO,
        ),
        field(_("About (optional)"), about, problem=WRONG.about),
    ]


def _gender() -> rx.Component:
    return rx.el.select(
        rx.el.option(_("Not told"), value=""),
        rx.el.option(_("Woman"), value="female"),
        rx.el.option(_("Man"), value="male"),
        name="gender",
        default_value=KNOWN.gender,
        class_name=theme.INPUT,
    )


def _where() -> list[rx.Component]:
    return [
        rx.el.div(
            _text("city", _("City"), 60, placeholder="Bengaluru"),
            _text("area", _("Part of the city"), 80, placeholder="Indiranagar"),
            class_name=TWO,
        ),
        _text("address", _("Address"), 240),
    ]


def _fee() -> rx.Component:
    return rx.el.div(
        _text(
            "fee",
            _("Fee in rupees"),
            14,
            input_mode="decimal",
            hint=_("For new bookings; booked visits keep theirs."),
        ),
        _text(
            "slot_minutes",
            _("Minutes a visit"),
            3,
            input_mode="numeric",
            hint=_("Free times follow at once."),
        ),
        class_name=TWO,
    )


def _hours() -> list[rx.Component]:
    return [
        rx.el.p(
            _(
                "Write a day as {example}: 24-hour clock, or write am/pm. What lies between two spans is a break; an empty line is a day without visits.",
                example=weekly.EXAMPLE,
            ),
            class_name=f"{theme.MUTED} max-w-text",
        ),
        *[_weekday(day, name) for day, name in zip(weekly.DAYS, weekday_names(), strict=True)],
    ]


def _weekday(day: str, name: str) -> rx.Component:
    wrong = getattr(WRONG, day)
    read = EditDoctorState.read_as[day]
    return rx.el.label(
        rx.el.span(name, class_name="text-sm font-semibold"),
        text_input(
            day,
            default_value=getattr(KNOWN, day),
            max_length=120,
            auto_complete="off",
            placeholder=_("No visits"),
            on_blur=lambda line: EditDoctorState.read_line(day, line),
            class_name="tabular-nums",
            custom_attrs={"aria-invalid": rx.cond(wrong != "", "true", "false")},
        ),
        rx.el.span(
            read, class_name="text-sm tabular-nums text-muted empty:hidden sm:col-start-2", aria_live="polite"
        ),
        rx.cond(
            wrong != "",
            rx.el.span(wrong, class_name="text-sm font-medium text-bad sm:col-start-2", role="alert"),
        ),
        class_name="grid items-center gap-x-4 gap-y-1.5 sm:grid-cols-[7rem_minmax(0,1fr)]",
    )


def _outcome() -> rx.Component:
    """The result of saving: a question about visits, a refusal, or that it is done."""
    again = rx.cond(
        WRONG.changed,
        rx.el.button(
            _("Show what is saved now"),
            type="button",
            on_click=EditDoctorState.load,
            class_name=f"{theme.QUIET}{theme.SMALL} self-start",
        ),
    )
    call = rx.cond(
        EditDoctorState.to_call.length() > 0,
        rx.el.div(
            rx.el.p(_("These visits lie outside the new hours and stay booked. Please call:")),
            visits_to_call(EditDoctorState.to_call, doctors=False),
            class_name="mt-2",
        ),
    )
    done = rx.el.div(
        icons.icon("check"),
        rx.el.div(rx.el.p(EditDoctorState.said), call, class_name="min-w-0 flex-1"),
        class_name=f"{theme.NOTICE} {theme.tone('good')}",
    )
    return rx.fragment(
        rx.cond(WRONG.whole != "", notice(WRONG.whole, "bad", "alert", again)),
        rx.cond(EditDoctorState.affected.length() > 0, _question()),
        rx.el.div(rx.cond(EditDoctorState.said != "", done), role="status", class_name="empty:hidden"),
    )


def _question() -> rx.Component:
    count = EditDoctorState.affected.length()
    return rx.el.div(
        rx.el.p(
            rx.cond(
                count == 1,
                _("1 booked visit lies outside the new hours."),
                _("{count} booked visits lie outside the new hours.", count=count),
            ),
            " ",
            _("Nothing is saved yet. Saving keeps every visit booked: its patient has to be called."),
            class_name="font-medium",
        ),
        visits_to_call(EditDoctorState.affected, doctors=False),
        role="alert",
        class_name=f"{theme.PADDED} flex flex-col gap-3 border-edge!",
    )


def _buttons() -> rx.Component:
    asked = EditDoctorState.affected.length() > 0
    word = rx.cond(SHEET.id == 0, _("Add doctor"), rx.cond(asked, _("Save all the same"), _("Save")))
    think = rx.el.button(
        _("Change the hours again"),
        type="button",
        on_click=EditDoctorState.think_again,
        class_name=theme.QUIET,
    )
    return rx.el.div(
        rx.cond(asked, think),
        rx.el.button(
            rx.cond(EditDoctorState.busy == "save", _("Saving…"), word),
            type="submit",
            aria_busy=EditDoctorState.busy == "save",
            class_name=f"{theme.PRIMARY} min-w-34",
        ),
        class_name="flex flex-col gap-2 sm:flex-row",
    )
