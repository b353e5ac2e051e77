"""Nothing that a stranger chose stands in a mail to an address that its owner has not confirmed."""

from __future__ import annotations

from email import message_from_bytes, policy
from pathlib import Path

import pytest
from sqlmodel import update

from booking_ui.config.settings import settings
from booking_ui.db.models import CodeKind, Notification, Person
from booking_ui.db.session import write
from booking_ui.services.accounts import one_time_codes
from booking_ui.services.booking import cancel, claim, dependents
from booking_ui.services.mail import account_mails, outbox, visit_mails
from booking_ui.services.upkeep import delivery
from tests.support.cast import NOW, Cast
from tests.support.paying import paid_at_the_desk

CHOSEN = ("Zebrawood", "Quagga", "splinters")
"""The patient's name, the dependent's and the reason of the visit: all of them from before today's rules for names."""


@pytest.fixture
def folder(configured: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    configured.setenv("DATA_DIR", str(tmp_path))
    settings.cache_clear()
    return tmp_path / "mail"


def everything_is_sent(cast: Cast, folder: Path, *, confirmed: bool) -> str:
    """Every kind of mail to Asha, as one text with its heads, both bodies and calendar entries."""
    with write() as tx:
        tx.exec(
            update(Person).values(name="Zebrawood evil.example", email_verified_at=NOW if confirmed else None)
        )
    child = dependents.add(patient_id=cast.asha, name="Quagga", relation="child", now=NOW)
    for slot, dependent in ((0, None), (1, child.id)):
        visit = claim.claim(
            patient_id=cast.asha,
            slot_id=cast.slots[slot],
            now=NOW,
            dependent_id=dependent,
            reason="splinters",
        ).id
        paid_at_the_desk(cast, visit)
        with write() as tx:
            for kind in visit_mails.BODIES:
                outbox.add_visit_message(tx, appointment_id=visit, kind=kind, now=NOW)
        delivery.deliver_due(now=NOW, limit=50)
        cancel.cancel_by_policy(patient_id=cast.asha, appointment_id=visit, now=NOW)
    with write() as tx:
        one_time_codes.send_verification(tx, tx.get_one(Person, cast.asha), NOW)
        for kind, mail in ((CodeKind.RESET, ""), (CodeKind.SIGN_IN, ""), (CodeKind.RESET, "staff_invited")):
            one_time_codes.request(tx, address="asha@example.com", kind=kind, now=NOW, mail=mail)
        for told in ("password_changed", "email_code", "erase_code", "email_changed", "number_changed"):
            outbox.add_account_mail(tx, person_id=cast.asha, code_id=None, kind=told, key="1", now=NOW)
    delivery.deliver_due(now=NOW, limit=50)
    mails = [message_from_bytes(file.read_bytes(), policy=policy.default) for file in folder.glob("*.eml")]
    assert len(mails) >= len(account_mails.BODIES) + 6
    parts = [str(part.get_content()) for mail in mails for part in mail.walk() if not part.is_multipart()]
    heads = [str(value) for mail in mails for value in mail.values()]
    return "\n".join([*heads, *parts])


def test_an_unconfirmed_address_reads_no_word_of_a_stranger(cast: Cast, folder: Path) -> None:
    text = everything_is_sent(cast, folder, confirmed=False)
    assert [word for word in CHOSEN if word in text] == []
    assert "Hello, please confirm that this email is yours" in text
    assert "Hello, your family member's visit to Dr Chandra Rao is confirmed" in text


def test_a_confirmed_address_reads_its_names(cast: Cast, folder: Path) -> None:
    text = everything_is_sent(cast, folder, confirmed=True)
    assert [word for word in CHOSEN if word in text] == ["Zebrawood", "Quagga"]
    assert "Hello" not in text


@pytest.mark.usefixtures("folder")
def test_every_kind_of_mail_was_tried(cast: Cast) -> None:
    """A kind that is added later must be added above too."""
    assert {
        "verify_mail",
        "reset_password",
        "sign_in_code",
        "password_changed",
        "staff_invited",
        "email_code",
        "erase_code",
        "email_changed",
        "number_changed",
    } == set(account_mails.BODIES)
    assert Notification.__tablename__ == "notification"
