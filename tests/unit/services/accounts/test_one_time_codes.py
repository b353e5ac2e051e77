"""Links and codes by themselves: issued, counted, opened by their newest secret, used once."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlmodel import col, select

from booking_ui.db.models import CodeKind, Notification, OneTimeCode, Person, pk
from booking_ui.db.session import read, write
from booking_ui.domain.errors import LinkOver, RateLimited
from booking_ui.services.accounts import one_time_codes
from booking_ui.services.mail import link_secrets
from tests.support.cast import NOW, Cast

ASHA, NOBODY = "asha@example.com", "nobody@example.com"
SECOND = timedelta(seconds=1)


def ask(kind: CodeKind, address: str = ASHA, now: datetime = NOW, mail: str = "") -> str:
    """The secret of the mail that is queued."""
    with write() as tx:
        one_time_codes.request(tx, address=address, kind=kind, now=now, mail=mail)
    return link_secrets.secret(rows()[-1])


def opened(token: str, kind: CodeKind = CodeKind.RESET, now: datetime = NOW) -> int:
    """The owner of a link, which is spent."""
    with write() as tx:
        person, row = one_time_codes.open_link(tx, token=token, kind=kind, now=now)
        one_time_codes.spend(tx, row, now)
        return pk(person)


def tried(code: str, address: str = ASHA, now: datetime = NOW) -> int | None:
    with write() as tx:
        person = one_time_codes.try_code(tx, address=address, code=code, now=now)
        return pk(person) if person else None


def other_than(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def rows() -> list[OneTimeCode]:
    with read() as tx:
        return list(tx.exec(select(OneTimeCode).order_by(col(OneTimeCode.id))).all())


def mails() -> list[tuple[str, str, int | None]]:
    with read() as tx:
        found = tx.exec(select(Notification).order_by(col(Notification.id))).all()
        return [(row.kind, row.status, row.person_id) for row in found]


@pytest.mark.parametrize(
    ("kind", "mail", "life"),
    [
        (CodeKind.VERIFY, "verify_mail", timedelta(days=3)),
        (CodeKind.RESET, "reset_password", timedelta(minutes=30)),
        (CodeKind.SIGN_IN, "sign_in_code", timedelta(minutes=10)),
    ],
)
def test_each_kind_has_its_mail_and_its_life(cast: Cast, kind: CodeKind, mail: str, life: timedelta) -> None:
    ask(kind)
    (row,) = rows()
    assert (row.person_id, row.created_at, row.expires_at) == (cast.asha, NOW, NOW + life)
    assert row.secret_hash == link_secrets.secret_hash(row)
    assert mails() == [(mail, "waiting", cast.asha)]


def test_an_address_without_an_account_leaves_the_same_rows_and_no_mail_to_send(cast: Cast) -> None:
    secret = ask(CodeKind.SIGN_IN, NOBODY)
    (row,) = rows()
    assert (row.person_id, row.address_hash) == (None, link_secrets.address_hash(NOBODY))
    assert mails() == [("sign_in_code", "ignored", None)]
    assert tried(secret, NOBODY) is None
    assert rows()[0].tries == 1


def test_the_sixth_request_within_an_hour_waits_until_the_first_is_an_hour_old(cast: Cast) -> None:
    for minutes in range(5):
        ask(CodeKind.RESET, now=NOW + timedelta(minutes=minutes))
    with pytest.raises(RateLimited) as refused:
        ask(CodeKind.RESET, now=NOW + timedelta(minutes=10))
    assert refused.value.retry_after_seconds == 50 * 60
    ask(CodeKind.RESET, now=NOW + timedelta(hours=1))
    assert len(rows()) == 6


def test_requests_of_one_address_kind_or_mail_do_not_use_up_those_of_another(cast: Cast) -> None:
    for _ in range(5):
        ask(CodeKind.RESET)
    ask(CodeKind.RESET, "bilal@example.com")
    ask(CodeKind.SIGN_IN)
    ask(CodeKind.RESET, mail="staff_invited")
    assert [kind for kind, _, _ in mails()[5:]] == ["reset_password", "sign_in_code", "staff_invited"]


def test_a_confirmation_goes_to_the_persons_own_address(cast: Cast) -> None:
    with write() as tx:
        one_time_codes.send_verification(tx, tx.get_one(Person, cast.bilal), NOW)
    assert mails() == [("verify_mail", "waiting", cast.bilal)]
    assert rows()[0].address_hash == link_secrets.address_hash("bilal@example.com")


def test_a_link_opens_once_until_its_last_second_and_only_for_its_kind(cast: Cast) -> None:
    token = ask(CodeKind.RESET)
    end = NOW + timedelta(minutes=30)
    for kind, now in ((CodeKind.VERIFY, NOW), (CodeKind.RESET, end)):
        with pytest.raises(LinkOver):
            opened(token, kind, now)
    assert opened(token, now=end - SECOND) == cast.asha
    assert rows()[0].used_at == end - SECOND
    with pytest.raises(LinkOver):
        opened(token)


def test_a_newer_link_ends_the_older_one_of_its_kind_and_address_alone(cast: Cast) -> None:
    verifying, first = ask(CodeKind.VERIFY), ask(CodeKind.RESET)
    second, of_bilal = ask(CodeKind.RESET), ask(CodeKind.RESET, "bilal@example.com")
    with pytest.raises(LinkOver):
        opened(first)
    assert [opened(second), opened(of_bilal), opened(verifying, CodeKind.VERIFY)] == [
        cast.asha,
        cast.bilal,
        cast.asha,
    ]


@pytest.mark.parametrize("token", ["", "x" * 43, "\ud800"])
def test_a_made_up_link_and_the_link_of_nobody_open_nothing(cast: Cast, token: str) -> None:
    for given in (token, ask(CodeKind.RESET, NOBODY)):
        with pytest.raises(LinkOver):
            opened(given)


def test_a_code_fits_once_until_its_last_second_and_only_at_its_address(cast: Cast) -> None:
    code = ask(CodeKind.SIGN_IN)
    end = NOW + timedelta(minutes=10)
    assert (tried(code, now=end), tried(code, "bilal@example.com"), tried(other_than(code))) == (
        None,
        None,
        None,
    )
    assert rows()[0].tries == 1  # what is over is not tried any more
    assert tried(code, now=end - SECOND) == cast.asha
    assert (rows()[0].used_at, rows()[0].tries) == (end - SECOND, 2)
    assert tried(code) is None


def test_the_fifth_try_may_fit_and_the_sixth_may_not(cast: Cast) -> None:
    first = ask(CodeKind.SIGN_IN)
    for _ in range(4):
        assert tried(other_than(first)) is None
    assert tried(first) == cast.asha
    second = ask(CodeKind.SIGN_IN)
    for _ in range(5):
        assert tried(other_than(second)) is None
    assert tried(second) is None
    assert [row.tries for row in rows()] == [5, 5]


def test_only_the_newest_code_fits(cast: Cast) -> None:
    first, second = ask(CodeKind.SIGN_IN), ask(CodeKind.SIGN_IN)
    assert (tried(first), tried(second)) == (None, cast.asha)
