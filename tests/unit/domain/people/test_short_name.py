"""Names cut short for headers and avatars."""

from __future__ import annotations

import pytest

from booking_ui.domain.people.short_name import first_name, initials, tint


@pytest.mark.parametrize(
    ("name", "first", "letters"),
    [
        ("Dr Chandra Sekhar Rao", "Chandra", "CR"),
        ("Dr. Chandra Rao", "Chandra", "CR"),
        ("Prof. Dr Meena Iyer", "Meena", "MI"),
        ("Asha", "Asha", "A"),
        ("A.P. Menon", "A.P.", "AM"),
        ("élodie o’brien-díaz", "élodie", "ÉO"),
        ("आशा राव", "आशा", "आर"),
        ("Dr", "Dr", ""),
        ("", "", ""),
    ],
)
def test_titles_are_left_out(name: str, first: str, letters: str) -> None:
    assert (first_name(name), initials(name)) == (first, letters)


def test_a_name_keeps_its_colour_and_names_have_all_eight() -> None:
    names = [f"Dr {letter}mit Rao" for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"]
    assert {tint(name) for name in names} == set(range(8))
    assert tint("Dr Chandra Rao") == tint("Dr Chandra Rao")
