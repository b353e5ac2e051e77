"""The search: a field with the city beside it, chips of specialities below, filters in a column or a sheet.

One native form, spread over the page with `form="search"`. clinic.js submits it when a choice changes, and sets its controls
to what the address asks.
"""

from __future__ import annotations

from collections.abc import Callable

import reflex as rx
from reflex.event import EventSpec
from reflex.vars.function import FunctionStringVar

from booking_ui.components.ui import dialogs, icons, theme
from booking_ui.components.ui.fields import field
from booking_ui.languages import _
from booking_ui.services.views import Facet
from booking_ui.states.patient.search import SORTS, SearchState

FORM = "search"


def search_form() -> rx.Component:
    """The form's own part: field, city, button. Enter searches; clinic.js fills the list below the field while one types."""
    what = rx.el.div(
        icons.icon("search", "absolute left-3.5 top-1/2 -translate-y-1/2 text-muted"),
        rx.el.input(
            type="search",
            name="q",
            role="combobox",
            aria_label=_("Doctor, speciality or symptom"),
            placeholder=_("Doctor, speciality or symptom"),
            auto_complete="off",
            auto_capitalize="none",
            max_length=120,
            custom_attrs={
                "aria-autocomplete": "list",
                "aria-expanded": "false",
                "aria-controls": "suggestions",
                "data-suggest": _("Suggestions: {count}", count="#"),
            },
            class_name=f"{theme.INPUT} h-13 pl-11 text-base",
        ),
        rx.el.ul(
            id="suggestions",
            role="listbox",
            aria_label=_("Suggestions"),
            hidden=True,
            class_name="suggestions",
            custom_attrs={"translate": "no"},
        ),
        class_name="relative min-w-0 flex-1",
    )
    return rx.el.form(
        what,
        rx.el.div(
            _select("city", _("Anywhere"), SearchState.facets.cities, _("City"), "h-13 md:w-48"),
            rx.el.button(_("Search"), type="submit", class_name=f"{theme.PRIMARY} h-13 flex-none"),
            class_name="flex gap-2",
        ),
        id=FORM,
        role="search",
        on_submit=SearchState.search,
        custom_attrs={"data-auto": ""},
        class_name="flex flex-col gap-2 md:flex-row",
    )


def speciality_chips() -> rx.Component:
    return rx.el.fieldset(
        rx.el.legend(_("Speciality"), class_name="sr-only"),
        _chip("", _("All")),
        rx.foreach(
            SearchState.facets.specialities,
            lambda one: _chip(one.value, one.label, rx.el.span(one.count, class_name="text-sm text-muted")),
        ),
        rx.cond(SearchState.loaded, rx.el.span(on_mount=_sync(), class_name="hidden")),
        class_name="strip relative min-w-0 max-md:-mx-4 max-md:px-4 md:flex-wrap min-h-12",
    )


def filter_button() -> rx.Component:
    """Opens the filters where they are a sheet, on a phone."""
    return rx.el.button(
        icons.icon("sliders"),
        _("Filters"),
        rx.cond(
            SearchState.filters > 0,
            rx.el.span(SearchState.filters, class_name="rounded-full bg-brand px-1.5 text-xs text-on-brand"),
        ),
        type="button",
        on_click=dialogs.opens("filters"),
        class_name=f"{theme.QUIET}{theme.SMALL} lg:hidden",
    )


def filter_sheet() -> rx.Component:
    """Order, day, language, gender and fee: one dialog element, which a wide screen shows as a column.

    The gender is offered where the clinic tells it.
    """
    facets = SearchState.facets
    gender = field(_("Gender of the doctor"), _select("gender", _("Any gender"), facets.genders))
    sort = rx.el.select(
        *[rx.el.option(_(text), value="" if value == "soonest" else value) for value, text in SORTS.items()],
        name="sort",
        custom_attrs={"form": FORM},
        class_name=theme.INPUT,
    )
    return rx.el.dialog(
        rx.el.div(
            rx.el.h2(_("Filters"), class_name=theme.HEADING),
            class_name="flex min-h-11 items-center justify-between",
        ),
        field(_("Sort by"), sort),
        field(_("When"), _select("when", _("Any day"), facets.days)),
        field(_("Language"), _select("language", _("Any language"), facets.languages)),
        rx.cond(facets.genders.length() > 0, gender),
        field(
            _("Fee"),
            _select("max_fee", _("Any fee"), facets.fees, text=lambda label: _("Up to {fee}", fee=label)),
        ),
        rx.cond(
            SearchState.filters > 0,
            rx.el.a(
                _("Clear filters"),
                href=SearchState.cleared,
                class_name=f"{theme.PLAIN}{theme.SMALL} self-start -mx-3",
            ),
        ),
        rx.el.button(
            rx.cond(SearchState.found != "", SearchState.found, _("Show doctors")),
            type="button",
            on_click=dialogs.closes("filters"),
            class_name=f"{theme.PRIMARY} w-full lg:hidden",
        ),
        id="filters",
        aria_label=_("Filters"),
        class_name="sheet filters flex-col gap-4",
    )


def _chip(value: str | rx.Var, text: str | rx.Var, *more: rx.Component) -> rx.Component:
    radio = rx.el.input(type="radio", name="speciality", value=value, custom_attrs={"form": FORM})
    return rx.el.label(radio, text, *more, key=value, class_name=f"{theme.CHIP} flex-none")


def _select(
    name: str,
    everything: str,
    options: rx.Var[list[Facet]],
    label: str = "",
    extra: str = "",
    text: Callable[[rx.Var[str]], rx.Var[str] | str] = lambda label: label,
) -> rx.Component:
    """A choice of a filter; each option says how many doctors there would be."""
    spoken = {"aria_label": label} if label else {}
    return rx.el.select(
        rx.el.option(everything, value=""),
        rx.foreach(
            options,
            lambda one: rx.el.option(text(one.label), " (", one.count, ")", value=one.value, key=one.value),
        ),
        name=name,
        custom_attrs={"form": FORM},
        class_name=f"{theme.INPUT} {extra}".strip(),
        **spoken,
    )


def _sync() -> EventSpec:
    """Sets the controls to what the address asks, once their options have arrived."""
    return rx.run_script(FunctionStringVar.create("window.clinic.sync").call())
