"""The text message that brings a code."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from booking_ui.config.settings import settings
from booking_ui.db.models import Notification, OneTimeCode
from booking_ui.domain.channel import Channel
from booking_ui.gateways import texts
from booking_ui.languages import N_, _, speaking, spoken
from booking_ui.services.mail import link_secrets

BODY = N_("{code} is your code for {clinic}. It works once, for 10 minutes. Give it to nobody.")


def compose(tx: Session, row: Notification, now: datetime) -> texts.Text | str:
    """The text, with the code made anew, or the reason why it must not be sent.

    It speaks the language of the page that asked for it: a new number has nobody's.
    """
    code = tx.get(OneTimeCode, row.one_time_code_id) if row.one_time_code_id else None
    if code is None or code.expires_at <= now or code.used_at is not None:
        return N_("used or over before it could be sent")
    values = {"code": link_secrets.secret(code), "clinic": settings().merchant_name}
    with speaking(code.language or spoken()):
        return texts.Text(
            to=row.address,
            body=_(BODY, **values),
            channel=Channel.SMS,
            template="",
            language=spoken(),
            values=values,
            key=row.key,
        )
