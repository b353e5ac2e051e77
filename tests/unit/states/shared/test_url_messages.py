"""Codes in an address become sentences; nothing else in it does."""

from __future__ import annotations

from booking_ui.states.shared.url_messages import field_problems, problem_message


def test_problem_codes_become_sentences() -> None:
    assert problem_message("") == ""
    assert (
        problem_message("wrong_credentials")
        == "That email and password don't match. Check both and try again."
    )
    assert problem_message("email_taken") == "There is already an account with this email. Sign in instead."
    assert problem_message("<script>") == "That didn't work. Please try again."


def test_each_wrong_field_has_its_own_sentence() -> None:
    found = field_problems("phone,password.guessable,<script>,name.x")
    assert {field for field, said in found.items() if said} == {"phone", "password"}
    assert found["password"].startswith("This password is among the first anyone would try.")
