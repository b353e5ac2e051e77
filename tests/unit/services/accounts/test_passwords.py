"""Password hashes: one fits its own password alone, and what is no hash fits none."""

from __future__ import annotations

import pytest

from booking_ui.services.accounts import passwords

PASSWORD = "asha's long password"


def test_a_hash_fits_its_own_password_and_no_other() -> None:
    stored = passwords.hashed(PASSWORD)
    given = (PASSWORD, PASSWORD.upper(), f"{PASSWORD} ", "")
    assert [passwords.matches(stored, one) for one in given] == [True, False, False, False]


def test_a_hash_says_how_it_was_made_and_is_never_made_twice() -> None:
    first, second = passwords.hashed(PASSWORD), passwords.hashed(PASSWORD)
    assert first.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert second.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert first != second


def test_letters_that_keyboards_compose_differently_are_one_password() -> None:
    assert passwords.matches(passwords.hashed("caf\u00e9 in Shimla"), "cafe\u0301 in Shimla")
    assert passwords.matches(passwords.hashed("\uff11\uff12345678 otters"), "12345678 otters")


@pytest.mark.parametrize("stored", [None, "", passwords.NO_PASSWORD, PASSWORD, "$argon2id$v=19$broken"])
def test_what_is_no_hash_fits_no_password(stored: str | None) -> None:
    assert not passwords.matches(stored, PASSWORD)
    assert not passwords.matches(stored, stored or "")


@pytest.mark.parametrize("password", ["1234567", "p" * 129])
def test_a_password_that_nobody_may_choose_does_not_fit_its_own_hash(password: str) -> None:
    assert not passwords.matches(passwords.hashed(password), password)


def test_half_a_character_is_a_wrong_password_and_no_error() -> None:
    assert not passwords.matches(passwords.hashed(PASSWORD), "\ud800" * 8)
