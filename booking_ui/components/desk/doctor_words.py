"""The words about a doctor in the other languages of the clinic: a form for each, beside the English that is stored."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.ui import theme
from booking_ui.components.ui.fields import field, hidden, notice, text_input
from booking_ui.languages import _
from booking_ui.states.desk.doctor import EditDoctorState

SHEET = EditDoctorState.sheet
ENGLISH = SHEET.written
WRONG = EditDoctorState.word_problems


def doctor_words() -> rx.Component:
    """A section for each other language; nothing before the doctor is stored."""
    return rx.cond(
        SHEET.id > 0, rx.el.div(rx.foreach(SHEET.words, _section), class_name="flex flex-col gap-6")
    )


def _section(words: rx.Var) -> rx.Component:
    heading = _("In {language}", language=words.language_label)
    mine = EditDoctorState.words_in == words.language
    said = rx.cond(
        mine & (EditDoctorState.words_said != ""), notice(EditDoctorState.words_said, "good", "check")
    )
    return rx.el.section(
        rx.el.h2(heading, class_name="text-base"),
        rx.el.p(
            _(
                "What is empty is said in English. A speciality, city, part of a city or language is said so for every doctor who has it."
            ),
            class_name=f"{theme.MUTED} max-w-text",
        ),
        rx.el.div(said, class_name="empty:hidden"),
        _form(words),
        aria_label=heading,
        class_name="flex flex-col gap-3 border-t border-line pt-6",
    )


def _form(words: rx.Var) -> rx.Component:
    busy = (EditDoctorState.busy == "words") & (EditDoctorState.words_in == words.language)
    return rx.el.form(
        hidden("doctor_id", SHEET.id.to(str)),
        hidden("language", words.language),
        hidden("seen", words.seen),
        rx.el.div(
            _text(words, "speciality", _("Speciality"), 60),
            _text(words, "languages", _("Languages"), 400),
            _text(words, "city", _("City"), 60),
            _text(words, "area", _("Part of the city"), 80),
            class_name="grid items-start gap-4 sm:grid-cols-2",
        ),
        _text(words, "address", _("Address"), 240),
        rx.cond(ENGLISH.about != "", _about(words)),
        rx.cond(_wrong(words, "whole") != "", notice(_wrong(words, "whole"), "bad", "alert", _again())),
        rx.el.button(
            rx.cond(busy, _("Saving…"), _("Save")),
            rx.el.span(" ", words.language_label, class_name="sr-only"),
            type="submit",
            aria_busy=busy,
            class_name=f"{theme.QUIET} min-w-34 sm:self-start",
        ),
        key=words.seen,  # after a save the fields start from what is stored now
        on_submit=EditDoctorState.save_words,
        class_name="flex flex-col gap-4",
    )


def _text(words: rx.Var, name: str, label: str, most: int) -> rx.Component:
    control = text_input(
        name,
        default_value=getattr(words.written, name),
        max_length=most,
        auto_complete="off",
        custom_attrs={"lang": words.language},
    )
    return field(label, control, hint=getattr(ENGLISH, name), problem=_wrong(words, name))


def _about(words: rx.Var) -> rx.Component:
    control = rx.el.textarea(
        name="about",
        default_value=words.written.about,
        max_length=1200,
        rows="4",
        class_name=f"{theme.INPUT} min-h-28!",
        custom_attrs={"lang": words.language},
    )
    return field(_("About the doctor"), control, hint=ENGLISH.about, problem=_wrong(words, "about"))


def _wrong(words: rx.Var, name: str) -> rx.Var:
    sentence: rx.Var = getattr(WRONG, name)
    return rx.cond(WRONG.language == words.language, sentence, "")


def _again() -> rx.Component:
    return rx.cond(
        WRONG.changed,
        rx.el.button(
            _("Show what is saved now"),
            type="button",
            on_click=EditDoctorState.load,
            class_name=f"{theme.QUIET}{theme.SMALL} self-start",
        ),
    )
