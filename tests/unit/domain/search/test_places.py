"""Cities, their names and distances."""

from __future__ import annotations

import pytest

from booking_ui.domain.search.places import OTHER_NAMES, in_devanagari, kilometres


@pytest.mark.parametrize(
    ("one", "other", "far"), [("Pune", "Mumbai", 124), ("Delhi", "Gurugram", 23), ("Delhi", "Chennai", 1748)]
)
def test_distances_are_those_of_a_map(one: str, other: str, far: int) -> None:
    assert kilometres(one, other) == pytest.approx(far, abs=15)
    assert kilometres(one, other) == kilometres(other, one)
    assert kilometres(one, one) == 0


def test_a_city_has_its_first_name_in_devanagari() -> None:
    assert (in_devanagari("Pune"), in_devanagari("Kolkata"), in_devanagari("Atlantis")) == (
        "पुणे",
        "कोलकाता",
        "Atlantis",
    )


def test_an_unknown_city_is_at_no_distance() -> None:
    assert kilometres("Pune", "Atlantis") is None


def test_no_name_belongs_to_two_cities() -> None:
    names = [name for city, others in OTHER_NAMES.items() for name in (city, *others)]
    assert len(names) == len(set(names))
