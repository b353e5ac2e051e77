"""The mails about an account. A link has its token behind the #, which browsers never send to a server."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from booking_ui.config.settings import settings
from booking_ui.db.models import Notification, OneTimeCode, Person
from booking_ui.domain.remark_codes import RemarkCode
from booking_ui.domain.remarks import Remark
from booking_ui.gateways import mail
from booking_ui.languages import N_, _, to
from booking_ui.services.mail import letter, link_secrets, receivers, visit_mails

SUBJECTS = {
    "verify_mail": N_("Is this your email?"),
    "reset_password": N_("Choose a new password"),
    "sign_in_code": N_("Your sign-in code"),
    "email_code": N_("Your code to use this email"),
    "erase_code": N_("Your code to erase your account"),
    "email_changed": N_("The email of your account was changed"),
    "number_changed": N_("The number of your account was changed"),
    "password_changed": N_("Your password was changed"),
    "staff_invited": N_("Your sign-in at {clinic}"),
}
BODIES = {
    "verify_mail": N_(
        "{name}, please confirm that this email is yours, so that nobody else can use it:\n{link}\n\n"
        "The link works for 3 days. If you didn't open an account with us, ignore this mail."
    ),
    "reset_password": N_(
        "{name}, choose a new password here:\n{link}\n\nThe link works once, for 30 minutes. "
        "Everybody who is signed in with your account will be signed out.\n"
        "If you didn't ask for it, ignore this mail: nothing has changed."
    ),
    "sign_in_code": N_(
        "{name}, your code is\n\n    {code}\n\nIt works once, for 10 minutes. We never ask for it by phone. "
        "If you didn't ask for it, ignore this mail."
    ),
    "email_code": N_(
        "{name}, your code is\n\n    {code}\n\nIt proves that this email is yours. It works once, for 10 minutes. "
        "If you didn't ask for it, ignore this mail."
    ),
    "erase_code": N_(
        "{name}, your code is\n\n    {code}\n\nIt erases your account for good. It works once, for 10 minutes. "
        "We never ask for it by phone. If you didn't ask for it, ignore this mail: nothing has changed."
    ),
    "email_changed": N_(
        "{name}, your account has another email now: nothing is sent to this one any more.\n"
        "If that wasn't you, call us: {phone}."
    ),
    "number_changed": N_(
        "{name}, a new mobile number signs in to your account now.\nIf that wasn't you, call us: {phone}."
    ),
    "password_changed": N_(
        "{name}, the password of your account was changed, and everybody else was signed out.\n"
        "If that wasn't you, reset it at once: {reset}\nand call us: {phone}."
    ),
    "staff_invited": N_(
        "{name}, you can sign in at {clinic} now. Choose your password here:\n{link}\n\n"
        "The link works once, for 30 minutes. Is it over? Ask for another one at {reset} with this address."
    ),
}
VERBS = {
    "verify_mail": N_("Confirm my email"),
    "reset_password": N_("Choose a new password"),
    "staff_invited": N_("Choose my password"),
}
PAGES = {"verify_mail": "/verify/", "reset_password": "/reset/new/", "staff_invited": "/reset/new/"}


def compose(tx: Session, row: Notification, now: datetime) -> mail.Message | Remark:
    """The mail, with the link or code made anew, or the reason why it must not be sent."""
    person = tx.get(Person, row.person_id)
    code = tx.get(OneTimeCode, row.one_time_code_id) if row.one_time_code_id else None
    if person is None or person.erased_at is not None:
        return Remark(RemarkCode.NO_ACCOUNT)
    if code and (code.expires_at <= now or code.used_at is not None):
        return Remark(RemarkCode.CODE_OVER)
    address = row.address or person.email
    if address is None:
        return receivers.NO_ADDRESS
    if code and not link_secrets.is_for(code, address):
        return Remark(RemarkCode.ADDRESS_GONE)
    base, secret = settings().base_url, link_secrets.secret(code) if code else ""
    own = address == person.email and person.email_verified_at is not None
    words = {
        "name": person.name if own else _(visit_mails.STRANGER),
        "code": f"{secret[:3]} {secret[3:]}",
        "link": f"{base}{to(PAGES.get(row.kind, '/'))}#{secret}",
        "reset": base + to("/reset/"),
        "phone": settings().support_phone,
        "clinic": settings().merchant_name,
    }
    text = _(BODIES[row.kind], **words)
    return mail.Message(
        to=address,
        subject=_(SUBJECTS[row.kind], **words),
        text=f"{text}\n\n{settings().merchant_name}\n",
        html=letter.page(text, words["link"] if row.kind in PAGES else "", _(VERBS.get(row.kind, ""))),
        key=row.key,
    )
