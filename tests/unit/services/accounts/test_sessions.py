"""Cookie sessions and the API's tokens, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from sqlmodel import col, select

from booking_ui.config.settings import settings
from booking_ui.db.models import AuditEntry, Person, Role, SignIn
from booking_ui.db.session import read, write
from booking_ui.domain.errors import NotFound, NotSignedIn
from booking_ui.services.accounts import authentication, sessions
from booking_ui.services.journal import audit
from booking_ui.services.views import Principal
from tests.support.schedule import counted

NOW = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
pytestmark = pytest.mark.usefixtures("db")


def asha(email: str = "asha@example.com") -> Principal:
    return authentication.open_account(
        name="Asha Rao", email=email, phone="9876543210", password="farah's password", now=NOW
    )


def sign_ins() -> list[SignIn]:
    with read() as tx:
        return list(tx.exec(select(SignIn).order_by(col(SignIn.id))).all())


def trail(person_id: int) -> list[AuditEntry]:
    with read() as tx:
        return audit.trail(tx, f"person:{person_id}")


def staff(who: Principal) -> None:
    with write() as tx:
        tx.get_one(Person, who.person_id).role = Role.ADMIN


def test_a_session_that_is_used_lives_thirty_days_and_not_a_second_longer() -> None:
    who = asha()
    token = authentication.open_session(person_id=who.person_id, now=NOW)
    for day in (10, 20, 29):
        assert authentication.session_principal(token=token, now=NOW + timedelta(days=day)) == who
    end = NOW + timedelta(days=30)
    assert authentication.session_principal(token=token, now=end - timedelta(seconds=1)) == who
    assert authentication.session_principal(token=token, now=end) is None


def test_a_session_that_lies_unused_for_a_fortnight_is_over() -> None:
    who = asha()
    token = authentication.open_session(person_id=who.person_id, now=NOW)
    unused = timedelta(days=14)
    assert authentication.session_principal(token=token, now=NOW + unused - timedelta(seconds=1)) == who
    again = authentication.open_session(person_id=who.person_id, now=NOW)
    assert authentication.session_principal(token=again, now=NOW + unused) is None


def test_the_desks_session_ends_after_two_idle_hours_and_after_its_shift() -> None:
    devi = asha("devi@example.com")
    staff(devi)
    idle = authentication.open_session(person_id=devi.person_id, now=NOW)
    assert authentication.session_principal(token=idle, now=NOW + timedelta(hours=2)) is None
    busy = authentication.open_session(person_id=devi.person_id, now=NOW)
    seen = [
        authentication.session_principal(token=busy, now=NOW + timedelta(hours=h)) is not None
        for h in range(13)
    ]
    assert seen == [True] * 12 + [False]


def test_a_new_session_ends_the_one_it_replaces() -> None:
    who = asha()
    planted = authentication.open_session(person_id=who.person_id, now=NOW)
    fresh = authentication.open_session(person_id=who.person_id, now=NOW, instead_of=planted)
    assert fresh != planted
    assert authentication.session_principal(token=planted, now=NOW) is None
    assert authentication.session_principal(token=fresh, now=NOW) == who


def test_a_stolen_table_of_sessions_opens_nothing() -> None:
    token = authentication.open_session(person_id=asha().person_id, now=NOW)
    kept = sign_ins()[0].token_hash
    assert kept != token
    assert authentication.session_principal(token=kept, now=NOW) is None
    assert authentication.session_principal(token=kept[:43], now=NOW) is None


def test_a_closed_session_is_over_at_once_and_closing_twice_leaves_one_row() -> None:
    who = asha()
    token = authentication.open_session(person_id=who.person_id, now=NOW)
    other = authentication.open_session(person_id=who.person_id, now=NOW)
    authentication.close_session(token=token, now=NOW)
    authentication.close_session(token=token, now=NOW)
    assert authentication.session_principal(token=token, now=NOW) is None
    assert authentication.session_principal(token=other, now=NOW) == who
    assert [row.action for row in trail(who.person_id)].count("signed_out") == 1


def test_closing_an_unknown_session_does_nothing() -> None:
    authentication.close_session(token="x" * 43, now=NOW)
    authentication.close_session(token="", now=NOW)
    assert sign_ins() == []


def test_a_session_is_resolved_by_one_query() -> None:
    token = authentication.open_session(person_id=asha().person_id, now=NOW)
    with counted() as statements:
        authentication.session_principal(token=token, now=NOW)
    assert len([s for s in statements if s.startswith("SELECT")]) == 1


@pytest.mark.parametrize("token", ["", "x", "é" * 43, "\x00" * 43, "a" * 10_000])
def test_a_cookie_that_is_no_token_is_nobody(token: str) -> None:
    assert authentication.session_principal(token=token, now=NOW) is None


def test_a_refresh_token_is_no_session_and_a_session_no_refresh_token() -> None:
    who = asha()
    pair = authentication.issue_tokens(person_id=who.person_id, now=NOW)
    session = authentication.open_session(person_id=who.person_id, now=NOW)
    assert authentication.session_principal(token=pair.refresh_token, now=NOW) is None
    with pytest.raises(NotSignedIn):
        authentication.refresh_tokens(refresh_token=session, now=NOW)
    assert authentication.session_principal(token=session, now=NOW) == who


def test_refreshing_gives_a_new_pair_and_ends_the_old_token() -> None:
    who = asha()
    first = authentication.issue_tokens(person_id=who.person_id, now=NOW)
    later = NOW + timedelta(days=29)
    second = authentication.refresh_tokens(refresh_token=first.refresh_token, now=later)
    assert second.refresh_token != first.refresh_token
    assert authentication.access_token_principal(access_token=second.access_token, now=later) == who
    assert [row.revoked_at for row in sign_ins()] == [later, None]


def test_a_replayed_refresh_token_ends_every_refresh_token_of_that_person_alone() -> None:
    who, bilal = asha(), asha("bilal@example.com")
    first = authentication.issue_tokens(person_id=who.person_id, now=NOW)
    second = authentication.refresh_tokens(refresh_token=first.refresh_token, now=NOW)
    phone = authentication.issue_tokens(person_id=who.person_id, now=NOW)
    others = authentication.issue_tokens(person_id=bilal.person_id, now=NOW)
    for stolen in (first, second, phone, first):
        with pytest.raises(NotSignedIn):
            authentication.refresh_tokens(refresh_token=stolen.refresh_token, now=NOW)
    assert [row.action for row in trail(who.person_id)].count("tokens_revoked") == 1
    assert authentication.refresh_tokens(refresh_token=others.refresh_token, now=NOW).person == bilal


def test_a_replay_does_not_end_cookie_sessions() -> None:
    who = asha()
    session = authentication.open_session(person_id=who.person_id, now=NOW)
    pair = authentication.issue_tokens(person_id=who.person_id, now=NOW)
    authentication.refresh_tokens(refresh_token=pair.refresh_token, now=NOW)
    with pytest.raises(NotSignedIn):
        authentication.refresh_tokens(refresh_token=pair.refresh_token, now=NOW)
    assert authentication.session_principal(token=session, now=NOW) == who


def test_of_two_refreshes_at_once_one_gets_the_pair() -> None:
    pair = authentication.issue_tokens(person_id=asha().person_id, now=NOW)
    start = Barrier(2)

    def trade() -> str:
        start.wait(timeout=20)
        try:
            authentication.refresh_tokens(refresh_token=pair.refresh_token, now=NOW)
        except NotSignedIn:
            return "refused"
        return "traded"

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(future.result() for future in [pool.submit(trade) for _ in range(2)])
    assert outcomes == ["refused", "traded"]
    assert [row.revoked_at for row in sign_ins()] == [NOW, NOW]


def test_an_expired_refresh_token_is_refused_and_accuses_nobody() -> None:
    who = asha()
    old = authentication.issue_tokens(person_id=who.person_id, now=NOW)
    end = NOW + timedelta(days=30)
    fresh = authentication.issue_tokens(person_id=who.person_id, now=end)
    with pytest.raises(NotSignedIn):
        authentication.refresh_tokens(refresh_token=old.refresh_token, now=end)
    assert authentication.refresh_tokens(refresh_token=fresh.refresh_token, now=end).person == who


@pytest.mark.parametrize(
    ("role", "life", "every"),
    [
        (Role.ADMIN, timedelta(hours=12), timedelta(hours=1)),
        (Role.DOCTOR, timedelta(hours=12), timedelta(hours=1)),
        (Role.PATIENT, timedelta(days=30), timedelta(days=1)),
    ],
)
def test_trading_refresh_tokens_never_outlives_the_sign_in_of_the_role(
    role: Role, life: timedelta, every: timedelta
) -> None:
    who = asha()
    with write() as tx:
        tx.get_one(Person, who.person_id).role = role
    pair = authentication.issue_tokens(person_id=who.person_id, now=NOW)
    end, at = NOW + life, NOW
    while at + every < end:
        at += every
        pair = authentication.refresh_tokens(refresh_token=pair.refresh_token, now=at)
    last = end - timedelta(seconds=60)
    pair = authentication.refresh_tokens(refresh_token=pair.refresh_token, now=last)
    assert pair.expires_in == 60
    with pytest.raises(NotSignedIn):
        authentication.access_token_principal(access_token=pair.access_token, now=end)
    with pytest.raises(NotSignedIn):
        authentication.refresh_tokens(refresh_token=pair.refresh_token, now=end)


def test_a_sign_in_of_an_older_rule_or_another_role_ends_as_the_role_of_now_says() -> None:
    devi = asha("devi@example.com")
    old = authentication.issue_tokens(person_id=devi.person_id, now=NOW)
    session = authentication.open_session(person_id=devi.person_id, now=NOW)
    staff(devi)
    for hours in range(1, 12):
        used = authentication.session_principal(token=session, now=NOW + timedelta(hours=hours))
        assert used is not None
    end = NOW + timedelta(hours=12)
    assert authentication.session_principal(token=session, now=end) is None
    with pytest.raises(NotSignedIn):
        authentication.refresh_tokens(refresh_token=old.refresh_token, now=end)


def test_a_replayed_refresh_token_ends_the_access_tokens_too() -> None:
    who = asha()
    first = authentication.issue_tokens(person_id=who.person_id, now=NOW)
    second = authentication.refresh_tokens(refresh_token=first.refresh_token, now=NOW)
    with pytest.raises(NotSignedIn):
        authentication.refresh_tokens(refresh_token=first.refresh_token, now=NOW)
    for pair in (first, second):
        with pytest.raises(NotSignedIn):
            authentication.access_token_principal(access_token=pair.access_token, now=NOW)


def test_a_revoked_refresh_token_gives_nothing() -> None:
    pair = authentication.issue_tokens(person_id=asha().person_id, now=NOW)
    authentication.revoke_refresh_token(refresh_token=pair.refresh_token, now=NOW)
    authentication.revoke_refresh_token(refresh_token="unknown", now=NOW)
    with pytest.raises(NotSignedIn):
        authentication.refresh_tokens(refresh_token=pair.refresh_token, now=NOW)
    assert len(sign_ins()) == 1


def test_tokens_for_nobody_are_refused() -> None:
    for issue in (authentication.issue_tokens, authentication.open_session):
        with pytest.raises(NotFound):
            issue(person_id=404, now=NOW)
    assert sign_ins() == []


def test_many_sign_ins_at_once_keep_the_chain_whole() -> None:
    who = asha()
    with ThreadPoolExecutor(6) as pool:
        tokens = list(
            pool.map(lambda _: authentication.open_session(person_id=who.person_id, now=NOW), range(6))
        )
    rows = trail(who.person_id)
    assert len(set(tokens)) == 6
    assert [row.seq for row in rows] == list(range(1, 8))
    assert all(row.hash == audit.digest(row) for row in rows)


def test_over_https_the_cookies_name_is_one_that_a_subdomain_cannot_set(
    configured: pytest.MonkeyPatch,
) -> None:
    assert sessions.cookie_name() == "sid"
    configured.setenv("PUBLIC_URL", "https://book.clinic.example")
    settings.cache_clear()
    assert sessions.cookie_name() == "__Host-sid"


def test_a_proof_of_before_everything_was_ended_opens_nothing() -> None:
    who = asha()
    with write() as tx:
        proven = sessions.lock_if_current(tx, who.person_id, who.key_number)
        sessions.end_all(tx, proven, NOW)
    with write() as tx, pytest.raises(NotSignedIn):
        sessions.lock_if_current(tx, who.person_id, who.key_number)
    with write() as tx:
        assert sessions.lock_if_current(tx, who.person_id, None).key_number == who.key_number + 1
