"""The home page: the search for a doctor, and the doctors that it finds."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.patient.doctor_card import card_skeleton, doctor_card
from booking_ui.components.patient.search import filter_button, filter_sheet, search_form, speciality_chips
from booking_ui.components.shared.layout import page, phone_link
from booking_ui.components.ui import theme
from booking_ui.components.ui.sentences import with_parts
from booking_ui.languages import _, to
from booking_ui.states.patient.search import SearchState


def search() -> rx.Component:
    return page(
        rx.el.h1(
            _("See the right doctor, at a time that suits you."),
            class_name="max-w-[22ch] text-xl md:text-2xl",
        ),
        rx.el.p(_("Pick a free time, pay the fee, and it's yours."), class_name="mt-2 text-muted"),
        rx.el.div(search_form(), speciality_chips(), class_name="mt-5 flex flex-col gap-3"),
        rx.el.div(
            rx.el.div(filter_sheet(), class_name="lg:w-56 lg:flex-none"),
            rx.el.section(_results_head(), _results(), aria_label=_("Doctors"), class_name="min-w-0 flex-1"),
            class_name="mt-6 lg:flex lg:gap-8",
        ),
    )


def _results_head() -> rx.Component:
    return rx.el.div(
        rx.el.h2(
            rx.el.span(
                rx.cond(SearchState.loaded, SearchState.summary, _("Looking for free times…")), role="status"
            ),
            class_name="text-base",
        ),
        filter_button(),
        class_name="flex min-h-11 items-center justify-between gap-4",
    )


def _results() -> rx.Component:
    listed = rx.fragment(
        rx.el.ul(rx.foreach(SearchState.doctors, doctor_card), class_name="mt-2 flex flex-col gap-3"),
        rx.cond(
            SearchState.more != "",
            rx.el.a(_("Show more doctors"), href=SearchState.more, class_name=f"{theme.QUIET} mt-4"),
        ),
    )
    waiting = rx.el.div(*[card_skeleton() for _ in range(4)], class_name="mt-2 flex flex-col gap-3")
    return rx.cond(SearchState.loaded, rx.cond(SearchState.doctors, listed, _no_doctors()), waiting)


def _no_doctors() -> rx.Component:
    return rx.cond(SearchState.narrowed, _none_fits(), _none_yet())


def _none_yet() -> rx.Component:
    return rx.el.p(
        *with_parts(
            _("The clinic is still opening its diary. Until then call us on {phone} for a time."),
            phone=phone_link(),
        ),
        class_name=f"{theme.PADDED} mt-2 text-muted",
    )


def _none_fits() -> rx.Component:
    near = rx.el.div(
        rx.el.p(_("Near to that:"), class_name="text-muted"),
        rx.el.ul(
            rx.foreach(
                SearchState.near,
                lambda one: rx.el.li(
                    rx.el.a(one.label, href=one.address, class_name=f"{theme.QUIET}{theme.SMALL}"),
                    key=one.address,
                ),
            ),
            class_name="mt-2 flex flex-wrap gap-2",
        ),
    )
    return rx.el.div(
        rx.cond(SearchState.near.length() > 0, near, _plain_words()),
        rx.el.a(_("Show every doctor"), href=to("/"), class_name=theme.PRIMARY),
        class_name=f"{theme.PADDED} mt-2 flex flex-col items-start gap-4",
    )


def _plain_words() -> rx.Component:
    return rx.el.p(
        _("Try fewer filters, another city, or a plain word such as “skin”, “fever” or “child”."),
        class_name="text-muted",
    )
