"""Which passwords are refused: those that anyone would try first, and no others."""

from __future__ import annotations

import time

import pytest

from booking_ui.domain.people.password import guessable

ABOUT_HER = ("Asha Rao", "asha.rao@example.com", "9876543210")


@pytest.mark.parametrize(
    "password",
    [
        "12345678", "password", "Password123", "P@ssw0rd", "qwertyuiop", "11111111", "abcdefgh", "changeme",
        "passwordpassword", "aaaaaaaaaaaaaaaaaaaa", "letmein1", "iloveyou",
        "asha.rao@example.com", "9876543210", "asharao1",
        "a" * 128,
    ],
)  # fmt: skip
def test_what_anyone_would_try_first_is_refused(password: str) -> None:
    assert guessable(password, *ABOUT_HER)


@pytest.mark.parametrize(
    "password",
    [
        "demo-clinic", "correct-horse-9", "Passw0rd!23", "farah's password", "Test@1234", "s3cret-pw", "Secret123!",
        "Password@123", "test-password-1", "mera naam joker", "मेरा-पासवर्ड-लंबा", "x9$Kq2!v",
        "violet otter Shimla",
    ],
)  # fmt: skip
def test_an_ordinary_password_is_left_alone(password: str) -> None:
    assert not guessable(password, *ABOUT_HER)


def test_her_own_name_is_easier_for_her_than_for_somebody_else() -> None:
    assert guessable("vaidehi1", "Vaidehi", "v@example.com")
    assert not guessable("vaidehi1", "Bilal", "b@example.com")


def test_the_longest_and_nastiest_password_is_judged_in_a_moment() -> None:
    for nasty in ("1!1!|(@4" * 16, "1" * 128, "p4$$w0rd" * 16, "qazwsx12" * 16):
        began = time.perf_counter()
        guessable(nasty, "Asha " * 20, "a" * 100)
        assert time.perf_counter() - began < 2, nasty  # a tenth on a quiet machine
