"""The SMS and WhatsApp messages with a code."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from booking_ui.db.models import Notification, OneTimeCode, Person
from booking_ui.gateways.texts import Text
from booking_ui.languages import N_, _, speaking, spoken
from booking_ui.services.mail import link_secrets, visit_texts

CODE = N_("{code} is your code for {clinic}. It works once, for 10 minutes. Give it to nobody.")


def compose(tx: Session, row: Notification, now: datetime) -> Text | str:
    """The text with the code made anew, or in English the reason why it must not be sent.

    It speaks the language of the page that asked for it: a new number has nobody's.
    """
    person = tx.get(Person, row.person_id) if row.person_id else None
    if person is not None and person.erased_at is not None:
        return N_("nobody has this account any more")
    code = tx.get(OneTimeCode, row.one_time_code_id) if row.one_time_code_id else None
    if code is None or code.expires_at <= now or code.used_at is not None:
        return N_("used or over before it could be sent")
    number = row.address or (person.phone if person else "")
    if not number:
        return N_("the number of a stranger is not kept once it was sent")
    with speaking(code.language or spoken()):
        language, template = visit_texts.chosen_template(row.channel, row.kind)
    with speaking(language):
        values = {**visit_texts.clinic_words(), "code": link_secrets.secret(code)}
        body = _(CODE, **values)
    return Text(
        to=number,
        body=body,
        channel=row.channel,
        template=template,
        language=language,
        values=values,
        key=row.key,
    )
