"""/admin/mail: what a clinic without a mail server would have sent."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.desk import mail as parts
from booking_ui.components.desk.controls import heading
from booking_ui.components.desk.layout import desk
from booking_ui.states.desk.mail import MailState


def mail() -> rx.Component:
    # On a node of its own: a component's handlers for leaving run when that node goes.
    gone = rx.el.div(on_unmount=MailState.leave, hidden=True)
    about = rx.cond(MailState.loaded & ~MailState.page.server, parts.about(), rx.fragment())
    return rx.fragment(
        desk(heading("Emails", MailState.load), about, parts.content(), current="/admin/mail/"), gone
    )
