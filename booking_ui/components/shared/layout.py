"""The frame of every page: skip link, header, message line, main, footer; and the desk's rail for the admin pages."""

from __future__ import annotations

import reflex as rx
from reflex_components_core.el.elements.inline import A

from booking_ui.components.ui import icons, theme
from booking_ui.config.settings import settings
from booking_ui.states.shared.session import NoticeState, SessionState

# Stands in the page itself, before Reflex's scripts, which start when they arrive and tell the server the whole address:
# the secret of a mailed link must have left it by then. clinic.js hands what was kept to the form.
HIDE_LINK = """if (/^#[\\w-]{43}$/.test(location.hash)) {
  sessionStorage.setItem("link-token", location.hash.slice(1));
  history.replaceState(history.state, "", location.pathname + location.search);
}"""

# The desk's sections: (address, word, icon). The admin pages append theirs by naming it in `desk(current=…)`.
DESK_NAV = [
    ("/admin/", "Bookings", "desk"),
    ("/admin/doctors/", "Doctors", "calendar"),
    ("/admin/payouts/", "Payouts", "bank"),
    ("/admin/audit/", "Audit", "clock"),
    ("/admin/webhooks/", "Webhooks", "route"),
    ("/admin/books/", "Books", "shield"),
    ("/admin/mail/", "Emails", "mail"),
]


def page(*children: rx.Component, width: str = "", **props: object) -> rx.Component:
    """A public page around its content. `width` narrows it: "max-w-text"."""
    return rx.el.div(
        _skip_link(),
        _header(),
        rx.el.main(
            *children,
            id="main",
            tab_index=-1,
            class_name=f"{theme.PAGE} {width} flex-1 pt-6 pb-16 md:pt-8".replace("  ", " "),
            **props,
        ),
        message_line(),
        announcer(),
        _footer(),
        hydrated_mark(),
        class_name="flex min-h-dvh flex-col",
    )


def desk(*children: rx.Component, current: str) -> rx.Component:
    """An admin page: the rail on the left (a row on a phone), everything at full width. `current` is a DESK_NAV address."""
    rail = rx.el.nav(
        *[
            rx.el.a(
                icons.icon(icon, "max-sm:hidden"),
                text,
                href=address,
                class_name="nav-link gap-2",
                custom_attrs={"aria-current": "page"} if address == current else {},
            )
            for address, text, icon in DESK_NAV
        ],
        aria_label="Desk",
        class_name="flex gap-1 overflow-x-auto border-line px-4 py-2 max-lg:border-b lg:sticky lg:top-[calc(4rem+1px)] lg:h-[calc(100dvh-4rem-1px)] lg:w-52 lg:flex-none lg:flex-col lg:self-start lg:overflow-y-auto lg:border-r lg:py-6",
    )
    main = rx.el.main(
        *children,
        id="main",
        tab_index=-1,
        class_name="min-h-[80dvh] min-w-0 flex-1 px-4 py-6 md:px-6 lg:min-h-[calc(100dvh-4rem-1px)]",
    )
    return rx.fragment(
        _skip_link(),
        _header("w-full px-4 lg:pr-6 lg:pl-7", "wide"),
        rx.el.div(rail, main, class_name="flex flex-col lg:flex-row"),
        message_line(),
        announcer(),
        hydrated_mark(),
    )


def plain_link(*children: rx.Component | str | rx.Var, **props: object) -> rx.Component:
    """A link that the browser follows by itself: fragments, mail, phone, downloads, other sites."""
    return A.create(*children, **props)


def phone_link() -> rx.Component:
    """The clinic's number; a tap calls it."""
    phone = settings().support_phone
    return plain_link(
        phone, href=f"tel:{phone.replace(' ', '')}", class_name=f"{theme.LINK} whitespace-nowrap"
    )


def hydrated_mark() -> rx.Component:
    """What tests wait for: the page's own data has arrived."""
    return rx.cond(SessionState.is_hydrated, rx.el.span(id="hydrated", hidden=True))


def announcer() -> rx.Component:
    """Where clinic.js says, to screen readers only, which page was reached and that time is short."""
    return rx.el.div(id="announcer", class_name="sr-only", aria_live="assertive")


def message_line() -> rx.Component:
    """Sentences from the server. The region is always there, so that screen readers notice what enters it."""
    bar = rx.el.div(
        rx.el.p(NoticeState.text, class_name="min-w-0 flex-1"),
        rx.el.button(
            icons.icon("close"),
            rx.el.span("Close", class_name="sr-only"),
            type="button",
            on_click=NoticeState.dismiss,
            class_name="grid size-11 flex-none place-items-center rounded-control hover:bg-sunken",
        ),
        class_name="enter card mx-auto flex max-w-xl items-center gap-2 py-1 pr-1 pl-4 shadow-float",
    )
    return rx.el.div(
        rx.cond(NoticeState.text != "", bar),
        role="status",
        aria_live="polite",
        class_name="fixed inset-x-4 bottom-24 z-40 lg:bottom-8",
    )


def offline_banner() -> rx.Component:
    """Said while the connection is away. Reflex reconnects by itself; clicks wait and are sent then."""
    return rx.el.div(
        icons.icon("offline"),
        "You're offline. We'll reconnect by ourselves; nothing is lost.",
        role="status",
        class_name="fixed inset-x-0 bottom-0 z-50 flex items-center justify-center gap-2 border-t border-line tone-waiting px-4 py-3 text-sm font-medium",
    )


def _skip_link() -> rx.Component:
    return plain_link("Skip to the content", href="#main", class_name="skip")


def _brand() -> rx.Component:
    mark = rx.el.svg(
        rx.el.path(d="M3.5 15.5a8.5 8.5 0 0 1 17 0M1.5 19.5h21M12 2.5v2m8 2-1.4 1.4M4 6.5l1.4 1.4"),
        view_box="0 0 24 24",
        class_name="icon size-7 text-brand",
        aria_hidden="true",
    )
    return rx.el.a(
        mark,
        rx.el.span(settings().merchant_name),
        href="/",
        class_name="flex min-h-11 items-center gap-2 text-[1.0625rem] font-bold tracking-tight",
    )


def _header(room: str = theme.PAGE, more: str = "") -> rx.Component:
    links = rx.el.nav(
        rx.el.a("Find a doctor", href="/", class_name="nav-link max-md:hidden"),
        rx.match(
            SessionState.who.role,
            ("admin", rx.el.a("Bookings", href="/admin/", class_name="nav-link max-md:hidden")),
            ("doctor", rx.el.a("My day", href="/day/", class_name="nav-link max-md:hidden")),
            (
                "patient",
                rx.el.a("My appointments", href="/appointments/", class_name="nav-link max-md:hidden"),
            ),
            rx.fragment(),
        ),
        _account(),
        aria_label="Main",
        class_name="ml-auto flex items-center gap-1",
    )
    return rx.el.header(
        rx.el.div(_brand(), links, class_name=f"{room} flex min-h-16 items-center gap-3"),
        class_name=f"sticky top-0 z-30 border-b border-line bg-surface {more}".strip(),
    )


def _account() -> rx.Component:
    waiting = rx.el.span(class_name="size-9 rounded-full bg-sunken")
    stranger = rx.el.a("Sign in", href="/sign-in/", class_name=f"{theme.QUIET}{theme.SMALL} ml-1")
    return rx.cond(
        SessionState.known,
        rx.cond(SessionState.who.role == "", stranger, rx.fragment(_account_button(), _account_menu())),
        waiting,
    )


def _account_button() -> rx.Component:
    return rx.el.button(
        rx.el.span(SessionState.who.initials, class_name="avatar avatar-small hue-0"),
        rx.el.span(SessionState.who.first_name, class_name="max-w-32 truncate font-medium max-md:hidden"),
        icons.icon("chevron", "size-4"),
        rx.el.span("Account menu", class_name="sr-only"),
        type="button",
        custom_attrs={"popoverTarget": "account-menu"},
        class_name="ml-1 flex min-h-11 items-center gap-2 rounded-control px-2 hover:bg-sunken",
    )


def _account_menu() -> rx.Component:
    return rx.el.div(
        rx.el.div(
            rx.el.p(SessionState.who.name, class_name="truncate font-semibold"),
            rx.el.p(SessionState.who.email, class_name="truncate text-sm text-muted"),
            class_name="border-b border-line px-3 pt-1 pb-3 mb-2",
        ),
        rx.el.a(icons.icon("search"), "Find a doctor", href="/", class_name="menu-item md:hidden"),
        rx.match(
            SessionState.who.role,
            ("admin", rx.el.a(icons.icon("desk"), "Bookings", href="/admin/", class_name="menu-item")),
            ("doctor", rx.el.a(icons.icon("calendar"), "My day", href="/day/", class_name="menu-item")),
            (
                "patient",
                rx.el.a(
                    icons.icon("calendar"), "My appointments", href="/appointments/", class_name="menu-item"
                ),
            ),
            rx.fragment(),
        ),
        rx.el.a(icons.icon("user"), "Account", href="/account/", class_name="menu-item"),
        rx.el.button(
            icons.icon("sun"),
            "Light or dark",
            type="button",
            on_click=rx.toggle_color_mode,
            class_name="menu-item",
        ),
        sign_out(rx.el.button(icons.icon("out"), "Sign out", type="submit", class_name="menu-item")),
        custom_attrs={"popover": "auto"},
        id="account-menu",
        class_name="menu",
    )


def sign_out(button: rx.Component) -> rx.Component:
    """A native POST: the cookie is the browser's, and the answer ends every open tab's right at once."""
    return rx.el.form(button, action="/api/session/sign-out", method="post", on_submit=None)


def _footer() -> rx.Component:
    return rx.el.footer(
        rx.el.div(
            rx.el.p(
                "Need a hand? Call ",
                phone_link(),
                ", every day from 8 am to 9 pm.",
            ),
            rx.el.div(
                rx.el.span(f"© {settings().merchant_name}"),
                rx.el.button(
                    icons.icon("sun", "size-4"),
                    "Light or dark",
                    type="button",
                    on_click=rx.toggle_color_mode,
                    class_name="inline-flex min-h-11 items-center gap-2 rounded-control px-2 hover:text-ink",
                ),
                class_name="flex flex-wrap items-center gap-x-4",
            ),
            class_name=f"{theme.PAGE} flex flex-col gap-2 py-6 text-sm text-muted sm:flex-row sm:items-center sm:justify-between",
        ),
        class_name="border-t border-line",
    )
