"""The secrets of links and codes: made anew from the row and our key, and stored nowhere."""

from __future__ import annotations

import hashlib

import pytest

from booking_ui.config.settings import settings
from booking_ui.db.models import CodeKind, OneTimeCode
from booking_ui.services.mail import link_secrets
from tests.support.cast import NOW

LINKS = [CodeKind.VERIFY, CodeKind.RESET]
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


def row(kind: CodeKind, nonce: str = "n" * 43) -> OneTimeCode:
    return OneTimeCode(
        kind=kind, nonce=nonce, address_hash="", secret_hash="", created_at=NOW, expires_at=NOW
    )


@pytest.mark.parametrize("kind", LINKS)
def test_a_link_has_forty_three_letters_that_an_address_may_have(kind: CodeKind) -> None:
    secret = link_secrets.secret(row(kind))
    assert (len(secret), set(secret.replace("-", "").replace("_", "")) - set(ALPHABET)) == (43, set())


def test_a_code_has_six_digits_zeros_in_front_too() -> None:
    codes = [link_secrets.secret(row(CodeKind.SIGN_IN, str(number))) for number in range(200)]
    assert {(len(code), code.isdecimal()) for code in codes} == {(6, True)}
    assert any(code.startswith("0") for code in codes)
    assert len(set(codes)) > 190


@pytest.mark.parametrize("kind", CodeKind)
def test_the_same_row_makes_the_same_secret_and_another_nonce_another(kind: CodeKind) -> None:
    assert link_secrets.secret(row(kind)) == link_secrets.secret(row(kind))
    assert link_secrets.secret(row(kind)) != link_secrets.secret(row(kind, "m" * 43))


def test_a_link_of_one_kind_is_none_of_the_other() -> None:
    assert link_secrets.secret(row(CodeKind.VERIFY)) != link_secrets.secret(row(CodeKind.RESET))


@pytest.mark.parametrize("kind", CodeKind)
def test_another_key_of_the_clinic_makes_other_secrets_and_hashes(
    kind: CodeKind, configured: pytest.MonkeyPatch
) -> None:
    def made() -> tuple[str, str, str]:
        one = row(kind)
        return (
            link_secrets.secret(one),
            link_secrets.code_hash(one, "123456"),
            link_secrets.address_hash("asha@example.com"),
        )

    before = made()
    configured.setenv("SECRET_KEY", "another secret key, long enough to sign with")
    settings.cache_clear()
    assert [old == new for old, new in zip(before, made(), strict=True)] == [False, False, False]


@pytest.mark.parametrize("kind", LINKS)
def test_a_link_is_found_by_the_hash_of_what_the_mail_has(kind: CodeKind) -> None:
    one = row(kind)
    secret = link_secrets.secret(one)
    assert link_secrets.secret_hash(one) == hashlib.sha256(secret.encode()).hexdigest()
    assert link_secrets.secret_hash(one) == link_secrets.link_hash(secret)


def test_a_codes_hash_is_its_rows_own_and_not_the_plain_one() -> None:
    one, other = row(CodeKind.SIGN_IN), row(CodeKind.SIGN_IN, "m" * 43)
    code = link_secrets.secret(one)
    assert link_secrets.secret_hash(one) == link_secrets.code_hash(one, code)
    assert link_secrets.code_hash(one, code) != link_secrets.code_hash(other, code)
    assert link_secrets.code_hash(one, code) != link_secrets.link_hash(code)


def test_what_people_send_is_hashed_whatever_it_is() -> None:
    for sent in ("", "\ud800", "\x00", "x" * 100_000):
        found = (link_secrets.link_hash(sent), link_secrets.code_hash(row(CodeKind.SIGN_IN), sent))
        assert [len(one) for one in found] == [64, 64]


def test_an_address_has_one_hash_that_does_not_show_it() -> None:
    found = link_secrets.address_hash("asha@example.com")
    assert found == link_secrets.address_hash("asha@example.com")
    assert found != link_secrets.address_hash("bilal@example.com")
    assert found != hashlib.sha256(b"asha@example.com").hexdigest()
