"""A patient's dependents: the list, and the forms that add and edit them."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.ui import dialogs, theme
from booking_ui.components.ui.fields import field, hidden, select, text_input
from booking_ui.domain.people.family import MOST, RELATION_LABELS
from booking_ui.services.views import DependentView
from booking_ui.states.patient.family import FamilyState, Problems

RELATIONS = [(relation.value, label) for relation, label in RELATION_LABELS.items()]


def members() -> rx.Component:
    listed = rx.el.ul(
        rx.foreach(FamilyState.people, _member),
        class_name=f"{theme.CARD} divide-y divide-line overflow-hidden",
    )
    nobody = rx.el.p(
        "Nobody yet. Add your child, your parents or anyone else you book visits for.",
        class_name=f"{theme.PADDED} text-muted",
    )
    return rx.el.section(
        rx.el.h2("People you book for", class_name="sr-only"), rx.cond(FamilyState.people, listed, nobody)
    )


def new_member() -> rx.Component:
    form = rx.el.form(
        *_fields(FamilyState.wrong),
        rx.el.button("Add", type="submit", class_name=f"{theme.PRIMARY} self-start sm:min-w-32"),
        on_submit=FamilyState.add,
        key=f"new-{FamilyState.drafts}",
        class_name="flex flex-col gap-4",
    )
    enough = rx.el.p(
        f"You have added {MOST} people, as many as an account can have. Remove one to add another.",
        class_name="text-muted",
    )
    return rx.el.section(
        rx.el.h2("Add a family member", class_name=theme.HEADING),
        rx.cond(FamilyState.full, enough, form),
        class_name=f"{theme.PADDED} flex flex-col gap-4",
    )


def family_skeleton() -> rx.Component:
    return rx.el.div(
        rx.el.div(class_name=f"{theme.SKELETON} h-28"),
        rx.el.div(class_name=f"{theme.SKELETON} h-72"),
        class_name="flex flex-col gap-6",
        aria_hidden="true",
    )


def _fields(wrong: rx.Var[Problems], person: rx.Var[DependentView] | None = None) -> list[rx.Component]:
    known = {} if person is None else {"default_value": person.name}
    of_age = {} if person is None else {"default_value": person.born_on}
    related = {} if person is None else {"default_value": person.relation}
    return [
        field(
            "Name",
            text_input("name", required=True, max_length=80, auto_complete="off", **known),
            problem=wrong.name,
        ),
        rx.el.div(
            field(
                "Relationship to you",
                select("relation", RELATIONS, "Choose", required=True, **related),
                problem=wrong.relation,
            ),
            field(
                "Date of birth (optional)",
                text_input("born_on", type="date", max=FamilyState.latest_day, **of_age),
                problem=wrong.born_on,
            ),
            class_name="grid items-start gap-4 sm:grid-cols-2",
        ),
    ]


def _member(person: rx.Var[DependentView]) -> rx.Component:
    shown, changed = _member_row(person), _edit_form(person)
    return rx.el.li(
        rx.cond(FamilyState.editing == person.id, changed, shown), key=person.id, class_name="p-4 sm:px-6"
    )


def _member_row(person: rx.Var[DependentView]) -> rx.Component:
    dialog_id = "remove-" + person.id.to(str)
    about = rx.el.div(
        rx.el.p(person.name, class_name="font-semibold break-words"),
        rx.el.p(
            person.relation_label,
            rx.cond(person.age_label != "", rx.fragment(" · ", person.age_label)),
            class_name=theme.MUTED,
        ),
        class_name="min-w-0 flex-1",
    )
    return rx.el.div(
        about,
        rx.el.div(
            rx.el.button(
                "Edit",
                type="button",
                on_click=FamilyState.edit(person.id),
                aria_label="Edit " + person.name.to(str),
                class_name=f"{theme.QUIET}{theme.SMALL}",
            ),
            rx.el.button(
                "Remove",
                type="button",
                on_click=dialogs.opens(dialog_id),
                aria_label="Remove " + person.name.to(str),
                class_name=f"{theme.PLAIN}{theme.SMALL} text-bad",
            ),
            class_name="flex flex-none gap-2",
        ),
        _remove_dialog(dialog_id, person),
        class_name="flex flex-wrap items-center gap-3",
    )


def _edit_form(person: rx.Var[DependentView]) -> rx.Component:
    return rx.el.form(
        hidden("dependent_id", person.id.to(str)),
        *_fields(FamilyState.wrong_edit, person),
        rx.el.div(
            rx.el.button("Save", type="submit", class_name=f"{theme.PRIMARY}{theme.SMALL}"),
            rx.el.button(
                "Keep as it was",
                type="button",
                on_click=FamilyState.stop_editing,
                class_name=f"{theme.QUIET}{theme.SMALL}",
            ),
            class_name="flex flex-wrap gap-2",
        ),
        on_submit=FamilyState.save,
        class_name="flex flex-col gap-4",
    )


def _remove_dialog(dialog_id: rx.Var, person: rx.Var[DependentView]) -> rx.Component:
    return dialogs.sheet(
        dialog_id,
        "Remove " + person.name.to(str) + "?",
        rx.el.p("Visits that are booked stay booked, with the name. You can add the person again later."),
        dialogs.asks(dialog_id, "Keep", "Remove", FamilyState.remove(person.id)),
    )
