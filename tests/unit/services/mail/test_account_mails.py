"""The mails about an account: each with its own link or code, or the reason why it isn't sent."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import col, select

from booking_ui.config.settings import settings
from booking_ui.db.models import CodeKind, DeliveryStatus, Notification, OneTimeCode, Person, pk
from booking_ui.db.session import read, write
from booking_ui.gateways.mail import Message
from booking_ui.services.accounts import one_time_codes
from booking_ui.services.mail import account_mails, link_secrets
from tests.support.cast import NOW, Cast
from tests.support.rows import keep

GONE, OVER = "nobody has this account any more", "used or over before it could be sent"


@pytest.fixture(autouse=True)
def _the_clinic(configured: pytest.MonkeyPatch) -> None:
    configured.setenv("PUBLIC_URL", "https://clinic.example")
    configured.setenv("MERCHANT_NAME", "Saanjh & Co")
    configured.setenv("SUPPORT_PHONE", "+91 80 1234 5678")
    settings.cache_clear()


def asked(kind: CodeKind, mail: str = "") -> tuple[int, str]:
    """The due mail and its secret."""
    with write() as tx:
        one_time_codes.request(tx, address="asha@example.com", kind=kind, now=NOW, mail=mail)
    with read() as tx:
        row = tx.exec(select(Notification).order_by(col(Notification.id).desc())).first()
        assert row is not None
        return pk(row), link_secrets.secret(tx.get_one(OneTimeCode, row.one_time_code_id))


def composed(mail_id: int, after: timedelta = timedelta(0)) -> Message | str:
    with read() as tx:
        return account_mails.compose(tx, tx.get_one(Notification, mail_id), NOW + after)


@pytest.mark.parametrize(
    ("kind", "mail", "subject", "path"),
    [
        (CodeKind.VERIFY, "verify_mail", "Is this your email?", "/verify/"),
        (CodeKind.RESET, "reset_password", "Choose a new password", "/reset/new/"),
        (CodeKind.RESET, "staff_invited", "Your sign-in at Saanjh & Co", "/reset/new/"),
    ],
)
def test_a_link_stands_behind_the_sign_that_no_browser_sends(
    cast: Cast, kind: CodeKind, mail: str, subject: str, path: str
) -> None:
    mail_id, secret = asked(kind, mail)
    found = composed(mail_id)
    assert isinstance(found, Message)
    link = f"https://clinic.example{path}#{secret}"
    assert (found.to, found.subject, found.calendar) == ("asha@example.com", subject, None)
    assert f"\n{link}\n" in found.text
    assert found.text.endswith("\n\nSaanjh & Co\n")
    assert f'<a href="{link}"' in found.html
    assert f">{account_mails.VERBS[mail]}</a>" in found.html
    assert "Saanjh &amp; Co" in found.html


def test_a_code_stands_in_two_threes_and_has_no_button(cast: Cast) -> None:
    mail_id, code = asked(CodeKind.SIGN_IN)
    found = composed(mail_id)
    assert isinstance(found, Message)
    assert found.text == (
        f"Hello, your code is\n\n    {code[:3]} {code[3:]}\n\nIt works once, for 10 minutes. We never ask for it by "
        "phone. If you didn't ask for it, ignore this mail.\n\nSaanjh & Co\n"
    )
    assert "<a " not in found.html
    assert code not in found.subject


def test_a_changed_password_is_told_with_the_way_to_reset_it(cast: Cast) -> None:
    row = Notification(
        key="password_changed:1",
        person_id=cast.asha,
        kind="password_changed",
        status=DeliveryStatus.WAITING,
        created_at=NOW,
    )
    found = composed(pk(keep(row)), timedelta(days=30))
    assert isinstance(found, Message)
    assert (found.subject, found.key) == ("Your password was changed", "password_changed:1")
    assert "reset it at once: https://clinic.example/reset/\nand call us: +91 80 1234 5678." in found.text
    assert "<a " not in found.html


def test_a_link_or_code_is_sent_until_its_last_second(cast: Cast) -> None:
    mail_id, _ = asked(CodeKind.SIGN_IN)
    assert isinstance(composed(mail_id, timedelta(minutes=10) - timedelta(seconds=1)), Message)
    assert composed(mail_id, timedelta(minutes=10)) == OVER


def test_a_code_that_was_used_is_not_sent_any_more(cast: Cast) -> None:
    mail_id, code = asked(CodeKind.SIGN_IN)
    with write() as tx:
        assert one_time_codes.try_code(tx, address="asha@example.com", code=code, now=NOW)
    assert composed(mail_id) == OVER


def test_an_erased_account_is_written_to_no_more(cast: Cast) -> None:
    mail_id, _ = asked(CodeKind.RESET)
    with write() as tx:
        tx.get_one(Person, cast.asha).erased_at = NOW
    assert composed(mail_id) == GONE
