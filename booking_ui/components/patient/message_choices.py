"""The account page's part about messages: the ways on which they come, and their language."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.ui import theme
from booking_ui.components.ui.fields import field, native_form
from booking_ui.config.settings import settings
from booking_ui.languages import _, name_of
from booking_ui.services.views import ChannelChoice
from booking_ui.states.patient.account import AccountState


def message_choices() -> rx.Component:
    """For patients whom at least one channel reaches; nothing for anybody else."""
    account, wrong = AccountState.account, AccountState.problems
    ways = rx.el.fieldset(
        rx.el.legend(_("Messages about your visits come by"), class_name="mb-2 font-medium"),
        rx.foreach(account.channels, _way),
        rx.cond(
            wrong["channels"] != "",
            rx.el.p(wrong["channels"], role="alert", class_name="text-sm font-medium text-bad"),
        ),
        class_name="flex flex-col gap-1",
    )
    languages = rx.el.select(
        *[rx.el.option(name_of(one), value=one, lang=one) for one in settings().offered_languages],
        name="language",
        default_value=account.language,
        class_name=theme.INPUT,
    )
    form = native_form(
        "/api/session/messages", _("Save choices"), ways, field(_("Language of messages"), languages)
    )
    return rx.cond(
        account.channels.length() > 0,
        rx.el.section(
            rx.el.h2(_("Messages"), class_name=theme.HEADING),
            form,
            class_name=f"{theme.PADDED} flex flex-col gap-4",
        ),
    )


def _way(one: rx.Var[ChannelChoice]) -> rx.Component:
    return rx.el.label(
        rx.el.input(
            type="checkbox",
            name=one.channel,
            value="yes",
            default_checked=one.wanted,
            class_name="size-5 flex-none",
        ),
        rx.el.span(
            one.label,
            rx.el.span(one.address, class_name="block text-sm break-all text-muted"),
            class_name="min-w-0",
        ),
        class_name="flex min-h-11 items-center gap-3",
    )
