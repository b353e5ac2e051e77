"""/admin/mail: the emails that a clinic without a mail server would have sent."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.desk import mail as parts
from booking_ui.components.desk.controls import heading
from booking_ui.languages import _
from booking_ui.pages.desk.page import desk_page
from booking_ui.states.desk.mail import MailState


def mail() -> rx.Component:
    about = rx.cond(MailState.loaded & ~MailState.page.server, parts.about(), rx.fragment())
    return desk_page(
        heading(_("Emails"), MailState.load),
        about,
        parts.content(),
        current="/admin/mail/",
        leave=MailState.leave,
    )
