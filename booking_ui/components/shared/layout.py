"""The frame of a page: skip link, header, content, message line, footer; the desk frames its pages with the same parts."""

from __future__ import annotations

import json
from collections.abc import Callable

import reflex as rx

from booking_ui.components.shared.header import header, light_or_dark, other_languages
from booking_ui.components.shared.own_hold import own_hold
from booking_ui.components.ui import icons, theme
from booking_ui.components.ui.as_written import untranslated
from booking_ui.components.ui.links import plain_link
from booking_ui.components.ui.sentences import with_parts
from booking_ui.config.settings import settings
from booking_ui.languages import FIRST, _, speaking
from booking_ui.states.shared.session import NoticeState, SessionState

# Runs inline, before Reflex's scripts: they tell the server the whole address as soon as they start, and the secret of a
# mailed link must have left it by then. clinic.js writes the kept secret into the form.
HIDE_LINK = """if (/^#[\\w-]{43}$/.test(location.hash)) {
  sessionStorage.setItem("link-token", location.hash.slice(1));
  history.replaceState(history.state, "", location.pathname + location.search);
}"""

# Runs inline, before the page is shown: a screen reader chooses its voice by <html lang>. `languageOf` also serves clinic.js.
# An address that leads nowhere has no language of its own unless it begins with one: the visitor's last choice serves there.
SAY_LANGUAGE = f"""{{
  const others = {json.dumps([one for one in settings().offered_languages if one != FIRST])};
  const other = (name) => (others.includes(name) ? name : undefined);
  const chosen = () => other(/(?:^|; )lang=(\\w+)/.exec(document.cookie)?.[1]);
  window.languageOf = (path) => other(path.split("/")[1]) ?? "{FIRST}";
  window.languageOfNothing = () => other(location.pathname.split("/")[1]) ?? chosen() ?? "{FIRST}";
}}
document.documentElement.lang = languageOf(location.pathname);"""


def page(*children: rx.Component, width: str = "", paying: bool = False, **props: object) -> rx.Component:
    """A page of patients, doctors and strangers. `width` is a class that narrows its content, such as "max-w-text".

    Where the patient is `paying` already, the header says nothing of the hold.
    """
    return rx.el.div(
        skip_link(),
        header(*([] if paying else [own_hold()])),
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


def phone_link() -> rx.Component:
    """The clinic's number; a tap calls it."""
    phone = settings().support_phone
    return plain_link(
        phone,
        href=f"tel:{phone.replace(' ', '')}",
        custom_attrs=untranslated(),
        class_name=f"{theme.LINK} whitespace-nowrap",
    )


def hydrated_mark() -> rx.Component:
    """A mark that tests wait for: the page's own data has arrived."""
    return rx.cond(SessionState.is_hydrated, rx.el.span(id="hydrated", hidden=True))


def announcer() -> rx.Component:
    """A region for screen readers alone: clinic.js announces the page that was reached, and that time is short."""
    return rx.el.div(
        id="announcer",
        class_name="sr-only",
        aria_live="assertive",
        custom_attrs={"data-hurry": _("Two minutes left to pay.")},
    )


def message_line() -> rx.Component:
    """Messages from the server. The region is always there, so that screen readers notice what enters it."""
    bar = rx.el.div(
        rx.el.p(NoticeState.text, class_name="min-w-0 flex-1"),
        rx.el.button(
            icons.icon("close"),
            rx.el.span(_("Close"), class_name="sr-only"),
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
    """Shown while there is no connection. Reflex reconnects by itself; clicks wait and are sent then."""
    return rx.el.div(
        icons.icon("offline"),
        *_in_every_language(_offline_sentence),
        role="status",
        class_name="fixed inset-x-0 bottom-0 z-50 flex items-center justify-center gap-2 border-t border-line tone-waiting px-4 py-3 text-sm font-medium",
    )


def _offline_sentence() -> str:
    return _("You're offline. We'll reconnect by ourselves; nothing is lost.")


def _in_every_language(sentence: Callable[[], str]) -> list[rx.Component]:
    """For what stands once in the app, not in each page: the language of the address shows its own."""
    said: list[rx.Component] = []
    for language in settings().offered_languages:
        with speaking(language):
            words = sentence()
        said.append(rx.el.span(words, lang=language, class_name=f"hidden [html[lang={language}]_&]:inline"))
    return said


def skip_link() -> rx.Component:
    return plain_link(_("Skip to the content"), href="#main", class_name="skip")


def _footer() -> rx.Component:
    hours = settings().support_hours
    hand = _("Need a hand? Call {phone}, {hours}.") if hours else _("Need a hand? Call {phone}.")
    quiet = "inline-flex min-h-11 items-center gap-2 rounded-control px-2 hover:text-ink"
    return rx.el.footer(
        rx.el.div(
            rx.el.p(*with_parts(hand, phone=phone_link(), hours=_(hours))),
            rx.el.div(
                rx.el.span(f"© {settings().merchant_name}", custom_attrs=untranslated()),
                light_or_dark(quiet, "size-4"),
                *other_languages(quiet),
                class_name="flex flex-wrap items-center gap-x-4",
            ),
            class_name=f"{theme.PAGE} flex flex-col gap-2 py-6 text-sm text-muted sm:flex-row sm:items-center sm:justify-between",
        ),
        class_name="border-t border-line",
    )
