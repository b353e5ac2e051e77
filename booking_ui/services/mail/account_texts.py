"""The SMS and WhatsApp messages about an account: codes, and word of another number or mail address."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from booking_ui.db.models import Notification, OneTimeCode, Person
from booking_ui.domain.remark_codes import RemarkCode
from booking_ui.domain.remarks import Remark
from booking_ui.gateways.texts import Text
from booking_ui.languages import N_, _, speaking, spoken
from booking_ui.services.mail import link_secrets, visit_texts

CODE = N_("{code} is your code for {clinic}. It works once, for 10 minutes. Give it to nobody.")
SENT_ALREADY = Remark(RemarkCode.NUMBER_GONE)
CHANGED = {
    "number_changed": N_(
        "Another mobile number signs in to your account at {clinic} now. Not you? Call {support}."
    ),
    "email_changed": N_("Your account at {clinic} has a new email address now. Not you? Call {support}."),
}


def compose(tx: Session, row: Notification, now: datetime) -> Text | Remark:
    """The text, its code made anew, or the reason why it must not be sent."""
    person = tx.get(Person, row.person_id) if row.person_id else None
    if person is not None and person.erased_at is not None:
        return Remark(RemarkCode.NO_ACCOUNT)
    if row.kind in CHANGED:
        return _text(row, row.address, spoken(), CHANGED[row.kind], "") if row.address else SENT_ALREADY
    code = tx.get(OneTimeCode, row.one_time_code_id) if row.one_time_code_id else None
    if code is None or code.expires_at <= now or code.used_at is not None:
        return Remark(RemarkCode.CODE_OVER)
    number = row.address or (person.phone if person else "")
    if not link_secrets.is_for(code, number):
        return SENT_ALREADY
    # In the language of the page that asked for it: a new number has nobody's.
    return _text(row, number, code.language or spoken(), CODE, link_secrets.secret(code))


def _text(row: Notification, number: str, wanted: str, sentence: str, code: str) -> Text:
    with speaking(wanted):
        language, template = visit_texts.chosen_template(row.channel, row.kind)
    values = {**visit_texts.clinic_words(), "code": code}
    with speaking(language):
        body = _(sentence, **values)
    return Text(
        to=number,
        body=body,
        channel=row.channel,
        template=template,
        language=language,
        values=values,
        key=row.key,
    )
