"""A patient's dependents: the list, and the forms that add and edit them."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.ui import dialogs, theme
from booking_ui.components.ui.as_written import untranslated
from booking_ui.components.ui.fields import field, hidden, select, text_input
from booking_ui.domain.people.family import MOST, RELATION_LABELS
from booking_ui.languages import _
from booking_ui.services.views import DependentView
from booking_ui.states.patient.family import FamilyState, Problems


def members() -> rx.Component:
    listed = rx.el.ul(
        rx.foreach(FamilyState.people, _member),
        class_name=f"{theme.CARD} divide-y divide-line overflow-hidden",
    )
    nobody = rx.el.p(
        _("Nobody yet. Add your child, your parents or anyone else you book visits for."),
        class_name=f"{theme.PADDED} text-muted",
    )
    return rx.el.section(
        rx.el.h2(_("People you book for"), class_name="sr-only"), rx.cond(FamilyState.people, listed, nobody)
    )


def new_member() -> rx.Component:
    form = rx.el.form(
        *_fields(FamilyState.wrong),
        rx.el.button(_("Add"), type="submit", class_name=f"{theme.PRIMARY} self-start sm:min-w-32"),
        on_submit=FamilyState.add,
        key=f"new-{FamilyState.drafts}",
        class_name="flex flex-col gap-4",
    )
    enough = rx.el.p(
        _(
            "You have added {count} people, as many as an account can have. Remove one to add another.",
            count=MOST,
        ),
        class_name="text-muted",
    )
    return rx.el.section(
        rx.el.h2(_("Add a family member"), class_name=theme.HEADING),
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
    relations = [(relation.value, _(label)) for relation, label in RELATION_LABELS.items()]
    return [
        field(
            _("Name"),
            text_input("name", required=True, max_length=80, auto_complete="off", **known),
            problem=wrong.name,
        ),
        rx.el.div(
            field(
                _("Relationship to you"),
                select("relation", relations, _("Choose"), required=True, **related),
                problem=wrong.relation,
            ),
            field(
                _("Date of birth (optional)"),
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
        rx.el.p(person.name, class_name="font-semibold break-words", custom_attrs=untranslated()),
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
                _("Edit"),
                type="button",
                on_click=FamilyState.edit(person.id),
                aria_label=_("Edit {name}", name=person.name),
                class_name=f"{theme.QUIET}{theme.SMALL}",
            ),
            rx.el.button(
                _("Remove"),
                type="button",
                on_click=dialogs.opens(dialog_id),
                aria_label=_("Remove {name}", name=person.name),
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
            rx.el.button(_("Save"), type="submit", class_name=f"{theme.PRIMARY}{theme.SMALL}"),
            rx.el.button(
                _("Keep as it was"),
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
        _("Remove {name}?", name=person.name),
        rx.el.p(_("Visits that are booked stay booked, with the name. You can add the person again later.")),
        dialogs.asks(dialog_id, _("Keep"), _("Remove"), FamilyState.remove(person.id)),
    )
