"""The API's access tokens, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import jwt
import pytest

from booking_ui.db.models import Person, Role
from booking_ui.db.session import write
from booking_ui.domain.errors import NotSignedIn
from booking_ui.services.accounts import access_tokens, authentication
from booking_ui.services.views import Principal

NOW = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
pytestmark = pytest.mark.usefixtures("db")


def asha(email: str = "asha@example.com") -> Principal:
    return authentication.open_account(
        name="Asha Rao", email=email, phone="9876543210", password="farah's password", now=NOW
    )


def test_an_access_token_opens_for_a_quarter_of_an_hour() -> None:
    who = asha()
    pair = authentication.issue_tokens(person_id=who.person_id, now=NOW)
    assert pair.expires_in == 900
    assert pair.person == who
    assert (
        authentication.access_token_principal(
            access_token=pair.access_token, now=NOW + timedelta(seconds=899)
        )
        == who
    )
    with pytest.raises(NotSignedIn):
        authentication.access_token_principal(
            access_token=pair.access_token, now=NOW + timedelta(seconds=900)
        )


def test_an_access_token_carries_no_role_and_a_role_taken_away_is_gone_at_once() -> None:
    devi = asha("devi@example.com")
    pair = authentication.issue_tokens(person_id=devi.person_id, now=NOW)
    claims = jwt.decode(pair.access_token, options={"verify_signature": False})
    assert set(claims) == {"sub", "key", "iat", "exp", "aud", "kind"}
    for role in (Role.ADMIN, Role.PATIENT):
        with write() as tx:
            tx.get_one(Person, devi.person_id).role = role
        assert (
            authentication.access_token_principal(access_token=pair.access_token, now=NOW).role == role.value
        )


@pytest.mark.parametrize(
    ("change", "algorithm", "key"),
    [
        ({}, "HS256", b"somebody else's key, long enough for sha256"),
        ({}, "none", ""),
        ({}, "HS512", None),
        ({"aud": "another-app"}, "HS256", None),
        ({"kind": "refresh"}, "HS256", None),
        ({"sub": "999"}, "HS256", None),
        ({"exp": None}, "HS256", None),
        ({"sub": None}, "HS256", None),
    ],
)
@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
def test_a_forged_access_token_opens_nothing(
    change: dict[str, str | None], algorithm: str, key: bytes | str | None
) -> None:
    who = asha()
    claims = {"sub": str(who.person_id), "iat": NOW, "exp": NOW + timedelta(minutes=5)} | {
        "aud": "booking-api",
        "kind": "access",
    }
    claims = {name: value for name, value in {**claims, **change}.items() if value is not None}
    forged = jwt.encode(claims, access_tokens._key() if key is None else key, algorithm=algorithm)
    with pytest.raises(NotSignedIn):
        authentication.access_token_principal(access_token=forged, now=NOW)


@pytest.mark.parametrize("token", ["", "a.b.c", "é", "." * 9_000, "\x00"])
def test_a_bearer_that_is_no_token_is_nobody(token: str) -> None:
    with pytest.raises(NotSignedIn):
        authentication.access_token_principal(access_token=token, now=NOW)
