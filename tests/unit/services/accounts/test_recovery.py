"""Mailed links and codes: what they open, how often, how long, and what they tell a stranger. On both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import col, select

from booking_ui.config.settings import settings
from booking_ui.db.models import Notification, OneTimeCode, Person
from booking_ui.db.session import read
from booking_ui.domain.errors import (
    BadInput,
    LinkOver,
    NotSignedIn,
    RateLimited,
    WrongCode,
    WrongCredentials,
)
from booking_ui.services.accounts import authentication, recovery
from booking_ui.services.journal import audit
from booking_ui.services.upkeep import delivery, invariants
from booking_ui.services.views import Principal
from tests.support.mails import Post
from tests.support.schedule import counted

NOW = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
pytestmark = pytest.mark.usefixtures("db")

MAIL, PASSWORD, OTHER = "asha@example.com", "asha's long password", "another good one"


@pytest.fixture(autouse=True)
def post(monkeypatch: pytest.MonkeyPatch) -> Post:
    return Post(monkeypatch)


def asha() -> Principal:
    return authentication.open_account(
        name="Asha Rao", email=MAIL, phone="9876543210", password=PASSWORD, now=NOW
    )


def rows() -> list[OneTimeCode]:
    with read() as tx:
        return list(tx.exec(select(OneTimeCode).order_by(col(OneTimeCode.id))).all())


def her(who: Principal) -> Person:
    with read() as tx:
        return tx.get_one(Person, who.person_id)


def code_for(post: Post, now: datetime = NOW) -> str:
    recovery.request_code(email=MAIL, now=now)
    return post.newest(now)


def link_for(post: Post, now: datetime = NOW) -> str:
    recovery.request_reset_link(email=MAIL, now=now)
    return post.newest(now)


def test_a_new_account_is_asked_whether_its_address_is_its_own(post: Post) -> None:
    who = asha()
    assert her(who).email_verified_at is None
    token = post.newest(NOW)
    assert (post.sent[0].to, post.sent[0].subject) == (MAIL, "Is this your email?")
    assert f"{settings().base_url}/verify/#{token}" in post.sent[0].text
    recovery.verify_email(token=token, now=NOW)
    assert her(who).email_verified_at == NOW


@pytest.mark.parametrize(("kind", "lives"), [("verify", timedelta(days=3)), ("reset", timedelta(minutes=30))])
def test_a_link_lives_until_its_last_second_and_works_once(post: Post, kind: str, lives: timedelta) -> None:
    asha()
    token = post.newest(NOW) if kind == "verify" else link_for(post)

    def use(now: datetime) -> None:
        if kind == "verify":
            recovery.verify_email(token=token, now=now)
        else:
            recovery.reset_password(token=token, password=OTHER, now=now)

    with pytest.raises(LinkOver):
        use(NOW + lives)
    use(NOW + lives - timedelta(seconds=1))
    with pytest.raises(LinkOver):
        use(NOW + lives - timedelta(seconds=1))


def test_a_link_opens_only_what_it_was_made_for(post: Post) -> None:
    asha()
    verifying = post.newest(NOW)
    with pytest.raises(LinkOver):
        recovery.reset_password(token=verifying, password=OTHER, now=NOW)
    with pytest.raises(LinkOver):
        recovery.verify_email(token=link_for(post), now=NOW)


@pytest.mark.parametrize("token", ["", "x", "x" * 43, "\ud800" * 43, "\x00", "' OR 1=1 --", "a" * 100_000])
def test_a_made_up_link_opens_nothing(token: str) -> None:
    asha()
    for attempt in (
        lambda: recovery.verify_email(token=token, now=NOW),
        lambda: recovery.reset_password(token=token, password=OTHER, now=NOW),
    ):
        with pytest.raises(LinkOver):
            attempt()


def test_a_reset_changes_the_password_and_ends_everything_that_was_open(post: Post) -> None:
    who = asha()
    session = authentication.open_session(person_id=who.person_id, now=NOW)
    pair = authentication.issue_tokens(person_id=who.person_id, now=NOW)
    recovery.reset_password(token=link_for(post), password=OTHER, now=NOW)
    assert authentication.session_principal(token=session, now=NOW) is None
    with pytest.raises(NotSignedIn):
        authentication.access_token_principal(access_token=pair.access_token, now=NOW)
    with pytest.raises(NotSignedIn):
        authentication.refresh_tokens(refresh_token=pair.refresh_token, now=NOW)
    with pytest.raises(WrongCredentials):
        authentication.authenticate(email=MAIL, password=PASSWORD, now=NOW)
    assert authentication.authenticate(email=MAIL, password=OTHER, now=NOW) == who
    assert her(who).email_verified_at == NOW
    delivery.deliver_due(now=NOW)
    assert post.sent[-1].subject == "Your password was changed"


def test_a_password_that_is_refused_leaves_the_link_and_the_old_password_good(
    post: Post,
) -> None:
    who = asha()
    token = link_for(post)
    for bad in ("short", "12345678", "asharao1"):
        with pytest.raises(BadInput):
            recovery.reset_password(token=token, password=bad, now=NOW)
    assert authentication.authenticate(email=MAIL, password=PASSWORD, now=NOW) == who
    assert recovery.reset_password(token=token, password=OTHER, now=NOW) == who


def test_only_the_newest_reset_link_works(post: Post) -> None:
    asha()
    first, second = link_for(post), link_for(post)
    with pytest.raises(LinkOver):
        recovery.reset_password(token=first, password=OTHER, now=NOW)
    recovery.reset_password(token=second, password=OTHER, now=NOW)


def test_a_code_signs_in_once_within_ten_minutes(post: Post) -> None:
    who = asha()
    code = code_for(post)
    assert len(code) == 6
    late = NOW + timedelta(minutes=10)
    with pytest.raises(WrongCode):
        recovery.authenticate_by_code(email=MAIL, code=code, now=late)
    spoken = f" {code[:3]} {code[3:]} "
    assert (
        recovery.authenticate_by_code(email=MAIL.upper(), code=spoken, now=late - timedelta(seconds=1)) == who
    )
    with pytest.raises(WrongCode):
        recovery.authenticate_by_code(email=MAIL, code=code, now=NOW)


def test_a_code_is_read_in_the_digits_of_every_script_and_as_it_was_copied(post: Post) -> None:
    who = asha()
    code = code_for(post)
    devanagari = code.translate({ord("0") + digit: chr(ord("०") + digit) for digit in range(10)})
    assert (
        recovery.authenticate_by_code(
            email=MAIL, code=f"\u202a{devanagari[:3]}\u00a0{devanagari[3:]}\u202c", now=NOW
        )
        == who
    )


def test_after_five_wrong_tries_the_right_code_is_refused_too(post: Post) -> None:
    asha()
    code = code_for(post)
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    for _ in range(5):
        with pytest.raises(WrongCode):
            recovery.authenticate_by_code(email=MAIL, code=wrong, now=NOW)
    with pytest.raises(WrongCode):
        recovery.authenticate_by_code(email=MAIL, code=code, now=NOW)
    assert rows()[-1].tries == 5
    assert recovery.authenticate_by_code(email=MAIL, code=code_for(post), now=NOW).email == MAIL


def test_only_the_newest_code_works_and_only_for_its_address(post: Post) -> None:
    asha()
    authentication.open_account(
        name="Bilal", email="b@example.com", phone="9876543210", password=PASSWORD, now=NOW
    )
    first, second = code_for(post), code_for(post)
    for email, code in (
        (MAIL, first),
        ("b@example.com", second),
        ("nobody@example.com", second),
        ("", second),
    ):
        with pytest.raises(WrongCode):
            recovery.authenticate_by_code(email=email, code=code, now=NOW)
    assert recovery.authenticate_by_code(email=MAIL, code=second, now=NOW).email == MAIL


def test_the_first_proof_of_an_address_ends_what_a_stranger_may_have_set_up(post: Post) -> None:
    who = asha()
    planted = authentication.open_session(person_id=who.person_id, now=NOW)
    recovery.authenticate_by_code(email=MAIL, code=code_for(post), now=NOW)
    assert authentication.session_principal(token=planted, now=NOW) is None
    with pytest.raises(WrongCredentials):
        authentication.authenticate(email=MAIL, password=PASSWORD, now=NOW)


def test_a_confirmed_account_keeps_its_password_when_it_uses_a_code(post: Post) -> None:
    who = asha()
    recovery.verify_email(token=post.newest(NOW), now=NOW)
    recovery.authenticate_by_code(email=MAIL, code=code_for(post), now=NOW)
    assert authentication.authenticate(email=MAIL, password=PASSWORD, now=NOW) == who


@pytest.mark.parametrize("ask", [recovery.request_reset_link, recovery.request_code])
def test_known_and_unknown_addresses_take_the_same_statements(ask: Callable[..., None]) -> None:
    asha()
    runs = []
    for email in (MAIL, "nobody@example.com"):
        with counted() as statements:
            ask(email=email, now=NOW)
        runs.append(statements)
    assert runs[0] == runs[1]
    assert len(runs[0]) >= 4


@pytest.mark.parametrize("asked_before", [True, False])
def test_a_wrong_code_takes_the_same_statements_for_everybody(asked_before: bool) -> None:
    asha()
    runs = []
    for email in (MAIL, "nobody@example.com"):
        if asked_before:
            recovery.request_code(email=email, now=NOW)
    for email in (MAIL, "nobody@example.com"):
        with counted() as statements, pytest.raises(WrongCode):
            recovery.authenticate_by_code(email=email, code="000 000x", now=NOW)
        runs.append(statements)
    assert runs[0] == runs[1]
    assert runs[0]


def test_nobodys_address_is_mailed_nothing_and_its_code_opens_nothing(post: Post) -> None:
    recovery.request_code(email="nobody@example.com", now=NOW)
    recovery.request_reset_link(email="nobody@example.com", now=NOW)
    assert delivery.deliver_due(now=NOW) == 0
    assert post.sent == []
    assert [row.person_id for row in rows()] == [None, None]
    assert invariants.total(invariants.count(now=NOW)) == 0


def test_asking_too_often_is_refused_alike_for_everybody(post: Post) -> None:
    asha()
    for email in (MAIL, "nobody@example.com"):
        for _ in range(5):
            recovery.request_code(email=email, now=NOW)
        with pytest.raises(RateLimited) as refused:
            recovery.request_code(email=email, now=NOW + timedelta(minutes=59))
        assert refused.value.retry_after_seconds == 60
        recovery.request_code(email=email, now=NOW + timedelta(hours=1))
    del post


def test_a_mail_that_comes_too_late_is_not_sent(post: Post) -> None:
    asha()
    delivery.deliver_due(now=NOW)
    recovery.request_code(email=MAIL, now=NOW)
    delivery.deliver_due(now=NOW + timedelta(minutes=10))
    assert [one.subject for one in post.sent] == ["Is this your email?"]
    with read() as tx:
        last = tx.exec(select(Notification).order_by(col(Notification.id).desc())).first()
    assert last is not None
    assert (last.status, last.next_attempt_at) == ("ignored", None)


def test_what_is_stored_opens_nothing(post: Post) -> None:
    asha()
    secrets = [post.newest(NOW), link_for(post), code_for(post)]
    with read() as tx:
        stored = "".join(
            row.model_dump_json()
            for table in (OneTimeCode, Notification)
            for row in tx.exec(select(table)).all()
        )
    assert not [one for one in secrets[:2] if one in stored]
    assert MAIL not in stored
    for row in rows():
        for kept in (row.secret_hash, row.nonce):
            with pytest.raises(LinkOver):
                recovery.reset_password(token=kept, password=OTHER, now=NOW)


def test_the_trail_says_what_happened_and_no_secret(post: Post) -> None:
    who = asha()
    recovery.verify_email(token=post.newest(NOW), now=NOW)
    recovery.authenticate_by_code(email=MAIL, code=code_for(post), now=NOW)
    recovery.reset_password(token=link_for(post), password=OTHER, now=NOW)
    with read() as tx:
        trail = audit.trail(tx, f"person:{who.person_id}")
    assert [row.action for row in trail] == ["registered", "mail_verified", "code_used", "password_reset"]
    assert "@" not in "".join(row.model_dump_json() for row in trail)


def test_a_confirmed_address_is_not_asked_again(post: Post) -> None:
    who = asha()
    assert recovery.request_verification_link(person_id=who.person_id, now=NOW)
    recovery.verify_email(token=post.newest(NOW), now=NOW)
    assert not recovery.request_verification_link(person_id=who.person_id, now=NOW)


def test_no_address_at_all_is_bad_input() -> None:
    for ask in (recovery.request_code, recovery.request_reset_link):
        with pytest.raises(BadInput):
            ask(email="not a mail", now=NOW)
    assert rows() == []
