"""The header of every page: the clinic's name, the link to one's own first page, and the account menu."""

from __future__ import annotations

from collections.abc import Callable

import reflex as rx

from booking_ui.components.shared.own_hold import MAKES_ROOM, STANDS_FIRM
from booking_ui.components.ui import icons, theme
from booking_ui.components.ui.as_written import as_written, untranslated
from booking_ui.components.ui.links import plain_link
from booking_ui.config.settings import settings
from booking_ui.languages import N_, _, action, name_of, speaking, spoken, to
from booking_ui.states.shared.session import SessionState

# The first page of each role: (role, its name, address, icon).
FIRST_PAGES = (
    ("admin", N_("Bookings"), "/admin/", "table"),
    ("doctor", N_("My day"), "/day/", "calendar"),
    ("patient", N_("My appointments"), "/appointments/", "calendar"),
)


def header(*middle: rx.Component, width: str = theme.PAGE, more: str = "") -> rx.Component:
    """`middle` stands after the clinic's name, `width` is the class of the content, `more` another class of the whole."""
    links = rx.el.nav(
        _nav_link(_("Find a doctor"), "/", ""),
        _first_page(_nav_link),
        _account(),
        aria_label=_("Main"),
        class_name=f"ml-auto flex items-center gap-1{STANDS_FIRM}",
    )
    return rx.el.header(
        rx.el.div(_brand(), *middle, links, class_name=f"{width} flex min-h-16 items-center gap-3"),
        class_name=f"sticky top-0 z-30 border-b border-line bg-surface {more}".strip(),
    )


def sign_out(button: rx.Component) -> rx.Component:
    """POSTs natively, since the cookie is the browser's; the answer ends the rights of every open tab at once."""
    return rx.el.form(button, action=action("/api/session/sign-out"), method="post", on_submit=None)


def light_or_dark(look: str, icon_size: str = "") -> rx.Component:
    return rx.el.button(
        icons.icon("sun", icon_size),
        _("Light or dark"),
        type="button",
        on_click=rx.toggle_color_mode,
        class_name=look,
    )


def other_languages(look: str, *before: rx.Component) -> list[rx.Component]:
    """A link to the same page in each other language, `before` its name. clinic.js completes its address, since parts of it
    are known in the browser alone, and asks the server to remember the choice."""
    return [
        _in_language(language, look, before)
        for language in settings().offered_languages
        if language != spoken()
    ]


def _in_language(language: str, look: str, before: tuple[rx.Component, ...]) -> rx.Component:
    with speaking(language):
        home = to("/")
    return plain_link(
        *before,
        name_of(language),
        href=home,
        lang=language,
        href_lang=language,
        custom_attrs={"data-language": language},
        class_name=look,
    )


def _brand() -> rx.Component:
    mark = rx.el.svg(
        rx.el.path(d="M3.5 15.5a8.5 8.5 0 0 1 17 0M1.5 19.5h21M12 2.5v2m8 2-1.4 1.4M4 6.5l1.4 1.4"),
        view_box="0 0 24 24",
        class_name="icon size-7 text-brand",
        aria_hidden="true",
    )
    return rx.el.a(
        mark,
        as_written(settings().merchant_name, class_name="max-sm:[header:has(.own-hold)_&]:sr-only"),
        href=to("/"),
        class_name=f"flex min-h-11 items-center gap-2 text-[1.0625rem] font-bold tracking-tight{STANDS_FIRM}",
    )


def _first_page(link: Callable[[str, str, str], rx.Component]) -> rx.Component | rx.Var:
    """The link to the first page of the role that is signed in; none for a stranger."""
    links = [(role, link(_(name), address, icon)) for role, name, address, icon in FIRST_PAGES]
    return rx.match(SessionState.who.role, *links, rx.fragment())


def _nav_link(name: str, address: str, _icon: str) -> rx.Component:
    return rx.el.a(name, href=to(address), class_name=f"nav-link max-md:hidden{MAKES_ROOM}")


def _menu_link(name: str, address: str, icon: str) -> rx.Component:
    return rx.el.a(icons.icon(icon), name, href=to(address), class_name="menu-item")


def _account() -> rx.Component:
    waiting = rx.el.span(class_name="size-9 rounded-full bg-sunken")
    # In one's own account the menu has them; on the narrowest phones the footer.
    stranger = rx.fragment(
        *other_languages("nav-link max-[23.75rem]:hidden"),
        rx.el.a(_("Sign in"), href=to("/sign-in/"), class_name=f"{theme.QUIET}{theme.SMALL} ml-1"),
    )
    return rx.cond(
        SessionState.known,
        rx.cond(SessionState.who.role == "", stranger, rx.fragment(_account_button(), _account_menu())),
        waiting,
    )


def _account_button() -> rx.Component:
    return rx.el.button(
        as_written(SessionState.who.initials, class_name="avatar avatar-small hue-0"),
        as_written(SessionState.who.first_name, class_name="max-w-32 truncate font-medium max-md:hidden"),
        icons.icon("chevron", "size-4"),
        rx.el.span(_("Account menu"), class_name="sr-only"),
        type="button",
        custom_attrs={"popoverTarget": "account-menu"},
        class_name="ml-1 flex min-h-11 items-center gap-2 rounded-control px-2 hover:bg-sunken",
    )


def _account_menu() -> rx.Component:
    return rx.el.div(
        rx.el.div(
            rx.el.p(SessionState.who.name, class_name="truncate font-semibold"),
            rx.el.p(
                rx.cond(SessionState.who.email != "", SessionState.who.email, SessionState.who.phone),
                class_name="truncate text-sm text-muted",
            ),
            custom_attrs=untranslated(),
            class_name="border-b border-line px-3 pt-1 pb-3 mb-2",
        ),
        rx.el.a(icons.icon("search"), _("Find a doctor"), href=to("/"), class_name="menu-item md:hidden"),
        _first_page(_menu_link),
        _menu_link(_("Account"), "/account/", "user"),
        light_or_dark("menu-item"),
        *other_languages("menu-item", icons.icon("globe")),
        sign_out(rx.el.button(icons.icon("out"), _("Sign out"), type="submit", class_name="menu-item")),
        custom_attrs={"popover": "auto"},
        id="account-menu",
        class_name="menu",
    )
