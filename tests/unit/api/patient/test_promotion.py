"""Whoever registered an address that is somebody else's gets nothing when it becomes the desk's, however she hurries."""

from __future__ import annotations

from typing import Literal

import pytest
from argon2 import PasswordHasher

from booking_ui.services.accounts import passwords, staff
from tests.support.api import Caller
from tests.support.cast import NOW

KEY = {"Idempotency-Key": "5f0c1a52-7d5e-4c0e-9c1c-3a4b7f1f6d21"}
STRANGER = {
    "name": "Esha Kapoor",
    "email": "esha@clinic.example",
    "phone": "9876543210",
    "password": "the stranger's own words",
}


def promote() -> None:
    staff.appoint(email=STRANGER["email"], name="", password="", now=NOW)


class Slow(PasswordHasher):
    """The product's own hasher; while the stranger's password is looked at, the address becomes the desk's."""

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002 - argon2's name
        fits = super().verify(hash, password)
        promote()
        return fits


def test_registering_again_with_the_same_key_gives_no_tokens_of_the_desk(anybody: Caller) -> None:
    assert anybody.post("/api/auth/register", STRANGER, **KEY).status_code == 201
    promote()
    again = anybody.post("/api/auth/register", STRANGER, **KEY)
    assert (again.status_code, again.json()["code"], again.json()["data"]) == (401, "not_signed_in", None)


def test_a_password_that_was_right_a_moment_ago_opens_nothing_any_more(
    anybody: Caller, configured: pytest.MonkeyPatch
) -> None:
    anybody.post("/api/auth/register", STRANGER)
    configured.setattr(passwords, "_hasher", Slow())
    mine = {"email": STRANGER["email"], "password": STRANGER["password"]}
    assert anybody.post("/api/auth/login", mine).status_code == 401


def test_nor_does_it_in_the_form_that_a_browser_sends(
    anybody: Caller, configured: pytest.MonkeyPatch
) -> None:
    anybody.post("/api/auth/register", STRANGER)
    configured.setattr(passwords, "_hasher", Slow())
    answer = anybody.form("/api/session/sign-in", STRANGER)
    assert "problem=wrong_credentials" in answer.headers["location"]
    assert "set-cookie" not in answer.headers
