"""The desk's doctors: a row each with their leave, the form that closes days, and the patients to call."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.ui import icons, theme
from booking_ui.components.ui.avatar import avatar
from booking_ui.components.ui.fields import field, hidden, notice, text_input
from booking_ui.components.ui.links import plain_link
from booking_ui.languages import _, to
from booking_ui.states.desk.doctors import DoctorsState

QUIET = f"{theme.QUIET}{theme.SMALL}"


def done() -> rx.Component:
    """A message about what was just done, and the visits that now lie on closed days."""
    call = rx.cond(
        DoctorsState.to_call.length() > 0,
        rx.el.div(
            rx.el.p(_("These visits stay booked. Please call:"), class_name="font-medium"),
            visits_to_call(DoctorsState.to_call),
            class_name="mt-2",
        ),
    )
    done = rx.el.div(
        icons.icon("check"),
        rx.el.div(rx.el.p(DoctorsState.said), call, class_name="min-w-0 flex-1"),
        class_name=f"{theme.NOTICE} {theme.tone('good')}",
    )
    return rx.el.div(
        rx.cond(DoctorsState.said != "", done, rx.fragment()), role="status", class_name="empty:hidden"
    )


def close_days() -> rx.Component:
    """The form; where visits lie on the days, the question whether to close them all the same."""
    return rx.el.section(
        rx.el.h2(_("Close days"), class_name="text-base"),
        rx.el.p(
            _(
                "Leave of one doctor, or a holiday of the whole clinic. Free times go at once; booked visits stay."
            ),
            class_name=f"{theme.MUTED} max-w-text",
        ),
        rx.cond(DoctorsState.question.affected.length() > 0, _question(), _close_days_form()),
        aria_label=_("Close days"),
        class_name="flex flex-col gap-3",
    )


def _close_days_form() -> rx.Component:
    doctors = rx.el.select(
        rx.el.option(_("The whole clinic (holiday)"), value=""),
        rx.foreach(
            DoctorsState.clinic.doctors, lambda one: rx.el.option(one.name, value=one.id.to(str), key=one.id)
        ),
        name="doctor",
        class_name=theme.INPUT,
    )
    wrong = DoctorsState.problems
    return rx.el.form(
        rx.cond(wrong.whole != "", notice(wrong.whole, "bad"), rx.fragment()),
        rx.el.div(
            field(_("Who"), doctors, problem=wrong.doctor),
            field(
                _("First day"), text_input("first_day", type="date", required=True), problem=wrong.first_day
            ),
            field(_("Last day (optional)"), text_input("last_day", type="date"), problem=wrong.last_day),
            field(
                _("Why"),
                text_input("name", required=True, max_length=80, placeholder=_("Republic Day")),
                problem=wrong.name,
            ),
            class_name="grid gap-4 sm:grid-cols-2 xl:grid-cols-[16rem_11rem_12rem_minmax(0,1fr)]",
        ),
        rx.el.button(
            rx.cond(DoctorsState.busy, _("Closing…"), _("Close days")),
            type="submit",
            aria_busy=DoctorsState.busy,
            class_name=f"{theme.PRIMARY} min-w-34 sm:self-start",
        ),
        on_submit=DoctorsState.close_days,
        class_name="flex flex-col gap-4",
    )


def _question() -> rx.Component:
    asked = DoctorsState.question
    count = asked.affected.length()
    return rx.el.div(
        rx.el.p(
            rx.cond(
                count == 1,
                _("1 visit is booked on {days}.", days=asked.days),
                _("{count} visits are booked on {days}.", count=count, days=asked.days),
            ),
            " ",
            _("Closing keeps them: their patients have to be called."),
            class_name="font-medium",
        ),
        visits_to_call(asked.affected),
        rx.el.div(
            rx.el.button(
                _("Leave the days open"),
                type="button",
                on_click=DoctorsState.think_again,
                class_name=theme.QUIET,
            ),
            rx.el.button(
                rx.cond(DoctorsState.busy, _("Closing…"), _("Close anyway")),
                type="button",
                on_click=DoctorsState.close_anyway,
                aria_busy=DoctorsState.busy,
                class_name=theme.PRIMARY,
            ),
            class_name="flex flex-col gap-2 sm:flex-row",
        ),
        role="alert",
        class_name=f"{theme.PADDED} flex flex-col gap-3 border-edge!",
    )


def visits_to_call(visits: rx.Var, *, doctors: bool = True) -> rx.Component:
    """Visits that stay booked, a line each with the patient to call; `doctors` shows the doctor too."""
    return rx.el.ul(
        rx.foreach(visits, lambda visit: _visit_to_call(visit, doctors)),
        class_name="flex flex-col divide-y divide-line text-sm",
    )


def _visit_to_call(visit: rx.Var, doctors: bool) -> rx.Component:
    unpaid = _("{doctor} · not paid yet", doctor=visit.doctor_name)
    whose = rx.cond(visit.paid, visit.doctor_name, unpaid)
    columns = "minmax(0,3fr)_9.5rem_minmax(0,2fr)" if doctors else "minmax(0,1fr)_9.5rem_6rem"
    return rx.el.li(
        rx.el.a(
            visit.reference,
            href=to(f"/admin/booking/{visit.reference}/"),
            class_name=f"{theme.LINK} tap font-mono",
        ),
        rx.el.span(visit.when_label, class_name="tabular-nums"),
        rx.el.span(visit.patient_name, class_name="min-w-0 break-words"),
        plain_link(
            visit.phone_label,
            href=f"tel:{visit.patient_phone}",
            class_name=f"{theme.LINK} tap whitespace-nowrap tabular-nums",
        ),
        rx.el.span(
            whose if doctors else rx.cond(visit.paid, "", _("Not paid yet")),
            class_name="min-w-0 text-muted empty:hidden",
        ),
        key=visit.reference,
        class_name=f"flex min-h-9 flex-wrap items-center gap-x-4 gap-y-1 py-1 md:grid md:grid-cols-[6rem_11rem_{columns}]",
    )


def holidays() -> rx.Component:
    none = rx.el.p(_("No holiday ahead."), class_name=theme.MUTED)
    return rx.el.section(
        rx.el.h2(_("Holidays of the clinic"), class_name="text-base"),
        rx.cond(
            DoctorsState.clinic.holidays.length() > 0,
            rx.el.ul(rx.foreach(DoctorsState.clinic.holidays, _day_off), class_name="divide-y divide-line"),
            rx.cond(DoctorsState.loaded, none, rx.el.div(class_name=f"{theme.SKELETON} h-9")),
        ),
        aria_label=_("Holidays of the clinic"),
        class_name="flex flex-col gap-2",
    )


def all_doctors() -> rx.Component:
    waiting = rx.el.div(
        *[rx.el.div(class_name=f"{theme.SKELETON} h-16") for _ in range(6)], class_name="flex flex-col gap-3"
    )
    everybody = rx.el.ul(
        rx.foreach(DoctorsState.clinic.doctors, _doctor_row),
        class_name="divide-y divide-line border-y border-line",
    )
    nobody = rx.el.p(
        _("No doctor yet. Add the first with weekly hours; patients see free times at once."),
        class_name=theme.MUTED,
    )
    return rx.el.section(
        rx.el.div(
            rx.el.h2(_("All doctors"), class_name="text-base"),
            rx.el.a(_("Add a doctor"), href=to("/admin/doctors/new/"), class_name=QUIET),
            class_name="flex flex-wrap items-center justify-between gap-2",
        ),
        rx.cond(
            DoctorsState.clinic.until_label != "",
            rx.el.p(
                _("Visits ahead, and free times up to {until}.", until=DoctorsState.clinic.until_label),
                class_name=f"{theme.MUTED} max-w-text",
            ),
        ),
        rx.cond(
            DoctorsState.loaded,
            rx.cond(DoctorsState.clinic.doctors.length() > 0, everybody, nobody),
            waiting,
        ),
        aria_label=_("All doctors"),
        class_name="flex flex-col gap-2",
    )


def _doctor_row(one: rx.Var) -> rx.Component:
    name = rx.el.div(
        rx.el.p(
            rx.el.a(
                one.name, href=to(f"/admin/doctors/{one.slug}/"), class_name=f"{theme.LINK} tap font-semibold"
            ),
            rx.cond(
                one.active,
                rx.fragment(),
                rx.el.span(
                    _("Not bookable"),
                    class_name=f"{theme.PILL} {theme.tone('waiting')} ml-2 px-2! font-medium!",
                ),
            ),
        ),
        rx.el.p(
            one.speciality, " · ", one.city, " · ", one.fee_label, class_name=f"{theme.MUTED} break-words"
        ),
        class_name="min-w-0 flex-1 basis-56",
    )
    ahead = rx.el.p(
        rx.cond(one.visits == 1, _("1 visit"), _("{count} visits", count=one.visits)),
        " · ",
        rx.cond(one.free_times == 1, _("1 free time"), _("{count} free times", count=one.free_times)),
        class_name="text-sm tabular-nums text-muted sm:w-44",
    )
    switch = rx.el.button(
        rx.cond(one.active, _("Stop booking"), _("Open for booking")),
        rx.el.span(" ", one.name, class_name="sr-only"),
        type="button",
        on_click=DoctorsState.set_active(one.id, ~one.active),
        class_name=f"{QUIET} min-w-38 flex-none",
    )
    off = rx.cond(
        one.off.length() > 0,
        rx.el.ul(rx.foreach(one.off, _day_off), class_name="w-full divide-y divide-line sm:pl-13"),
    )
    return rx.el.li(
        avatar(one.initials, one.tint, "avatar-small"),
        name,
        ahead,
        switch,
        off,
        key=one.id,
        class_name="flex flex-wrap items-center gap-x-4 gap-y-2 py-3",
    )


def _day_off(one: rx.Var) -> rx.Component:
    stay = rx.el.span(
        rx.cond(
            one.visits == 1, _("1 visit still booked"), _("{count} visits still booked", count=one.visits)
        ),
        class_name="text-sm font-medium text-waiting",
    )
    return rx.el.li(
        icons.icon("calendar", "size-4 text-muted"),
        rx.el.span(one.days_label, class_name="text-sm tabular-nums"),
        rx.el.span(one.name, class_name="min-w-0 text-sm break-words text-muted"),
        rx.cond(one.visits > 0, stay, rx.fragment()),
        rx.el.button(
            _("Open again"),
            rx.el.span(" ", one.days_label, ", ", one.name, class_name="sr-only"),
            type="button",
            on_click=DoctorsState.open_days(one.id),
            class_name="ml-auto inline-flex h-9 items-center rounded-control px-2 text-sm font-medium text-brand hover:bg-brand-soft pointer-coarse:h-11",
        ),
        rx.foreach(one.words, lambda word: _word_form(one, word)),
        key=one.id,
        class_name="flex flex-wrap items-center gap-x-3 gap-y-1",
    )


def _word_form(one: rx.Var, word: rx.Var) -> rx.Component:
    """The reason in another language, below its days."""
    wrong = DoctorsState.word_problem
    mine = (wrong.day_off_id == one.id) & (wrong.language == word.language)
    control = text_input(
        "text",
        default_value=word.text,
        max_length=80,
        auto_complete="off",
        custom_attrs={"lang": word.language},
    )
    return rx.el.form(
        hidden("day_off_id", one.id.to(str)),
        hidden("language", word.language),
        field(
            _("In {language}", language=word.language_label),
            control,
            problem=rx.cond(mine, wrong.sentence, ""),
        ),
        rx.el.button(
            _("Save"),
            rx.el.span(" ", one.days_label, ", ", word.language_label, class_name="sr-only"),
            type="submit",
            aria_busy=DoctorsState.busy,
            class_name=f"{QUIET} self-end",
        ),
        on_submit=DoctorsState.say_reason,
        key=f"{one.id} {word.language} {word.text}",
        class_name="grid w-full grid-cols-[minmax(0,1fr)_auto] items-end gap-2 pb-2 sm:max-w-xl sm:pl-7",
    )
