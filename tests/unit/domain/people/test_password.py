"""Which passwords are refused: those that anyone would try first, and no others."""

from __future__ import annotations

import random

import pytest
from zxcvbn import matching

from booking_ui.domain.people.password import guessable, readable

ABOUT_ASHA = ("Asha Rao", "asha.rao@example.com", "9876543210")


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
    assert guessable(password, *ABOUT_ASHA)


@pytest.mark.parametrize(
    "password",
    [
        "demo-clinic", "correct-horse-9", "Passw0rd!23", "farah's password", "Test@1234", "s3cret-pw", "Secret123!",
        "Password@123", "test-password-1", "mera naam joker", "मेरा-पासवर्ड-लंबा", "x9$Kq2!v",
        "violet otter Shimla",
    ],
)  # fmt: skip
def test_an_ordinary_password_is_left_alone(password: str) -> None:
    assert not guessable(password, *ABOUT_ASHA)


def test_an_own_name_is_easier_for_its_owner_than_for_somebody_else() -> None:
    assert guessable("vaidehi1", "Vaidehi", "v@example.com")
    assert not guessable("vaidehi1", "Bilal", "b@example.com")


LOOKALIKES = "4@8({[<369!|10$5+7%2"


@pytest.mark.parametrize("length", [8, 16, 24, 64, 128])
def test_the_nastiest_password_costs_a_few_dozen_look_ups(
    length: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_up: list[int] = []
    look_up = matching.dictionary_match

    def counted(password: str, *given: object, **named: object) -> object:
        looked_up.append(len(password))
        return look_up(password, *given, **named)

    monkeypatch.setattr(matching, "dictionary_match", counted)
    draw = random.Random(length)
    nasty = [
        LOOKALIKES * 7,
        LOOKALIKES[::-1] * 7,
        "1!1!|(@4" * 16,
        "1" * 128,
        "p4$$w0rd" * 16,
        "qazwsx12" * 16,
    ]
    nasty += ["".join(draw.choice(LOOKALIKES) for _ in range(length)) for _ in range(20)]
    for password in nasty:
        looked_up.clear()
        guessable(password[:length], "Asha " * 20, "a" * 100)
        assert len(looked_up) <= 60, password
        assert max(looked_up) <= 24


def test_of_a_long_password_the_beginning_is_judged() -> None:
    assert readable("violet otter Shimla and more") == "violet otter Shimla and "
    assert not guessable("violet otter Shimla" + "a" * 100, *ABOUT_ASHA)
    assert guessable("a" * 24 + "violet otter Shimla", *ABOUT_ASHA)


def test_signs_beyond_a_usual_disguise_stand_for_no_letter() -> None:
    for usual in ("P@$$w0rd!1", "9876543210", "1234567890", "T3st@1234!", "L3tm31n{}"):
        assert readable(usual) == usual
    assert readable("4@({[<1!|") == "4@({[<1!~"


def test_a_mail_longer_than_what_is_judged_is_no_password_for_its_owner() -> None:
    mail = "asha.ramachandran.iyengar@hospital.example"
    for own in (mail, mail.upper()):
        assert guessable(own, "Asha Iyengar", mail)
