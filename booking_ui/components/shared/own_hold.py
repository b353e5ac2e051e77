"""The line in a page's header about the slot that the patient holds: what is held, how long still, and the way to pay."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.ui import theme
from booking_ui.components.ui.as_written import as_written
from booking_ui.components.ui.sentences import with_parts
from booking_ui.components.ui.timer import clock, timer
from booking_ui.config.settings import settings
from booking_ui.languages import _, to
from booking_ui.states.shared.own_hold import OwnHoldState

MAKES_ROOM = " max-lg:[header:has(.own-hold)_&]:hidden"
"""Appended to the classes of what gives way to the line where the window is narrow."""

STANDS_FIRM = " [header:has(.own-hold)_&]:flex-none"
"""Appended to the classes of what keeps its width beside the line, whose sentence wraps instead."""


def own_hold() -> rx.Component:
    """Rendered only while there is a hold; clinic.js hides it at zero, before the server has ended the hold."""
    hold = OwnHoldState.first
    what = rx.fragment(
        as_written(hold.time, class_name="lg:hidden"),
        as_written(hold.when, ", ", hold.doctor, class_name="max-lg:hidden"),
    )
    said = rx.el.p(
        *with_parts(_("{time} is held for you, {left} left."), time=what, left=clock()),
        class_name="text-sm leading-tight max-sm:text-[0.8125rem]",
    )
    pay = rx.el.a(
        _("Pay"),
        href=to("/checkout/") + hold.reference.to(str) + "/",
        class_name=f"{theme.QUIET}{theme.SMALL} flex-none",
    )
    running = timer(
        said,
        left=hold.seconds_left,
        whole=settings().payment_timeout_minutes * 60,
        of=hold.reference.to(str) + hold.until.to(str),
    )
    line = rx.el.div(
        running,
        pay,
        role="group",
        aria_label=_("Your hold"),
        class_name="own-hold flex min-w-0 items-center gap-3 sm:mx-auto",
    )
    return rx.cond(hold.reference != "", line)
