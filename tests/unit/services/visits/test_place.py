"""The place of a visit in one line, and on a map."""

from __future__ import annotations

import pytest

from booking_ui.services.visits import place


@pytest.mark.parametrize(
    ("address", "city", "line"),
    [
        ("12, 100 Feet Road", "Bengaluru", "12, 100 Feet Road, Bengaluru"),
        ("12, 100 Feet Road, Bengaluru 560038", "Bengaluru", "12, 100 Feet Road, Bengaluru 560038"),
        ("12, 100 फ़ीट रोड, बेंगलुरु", "बेंगलुरु", "12, 100 फ़ीट रोड, बेंगलुरु"),
        ("1 MG Road, BENGALURU", "Bengaluru", "1 MG Road, BENGALURU"),
    ],
)
def test_a_city_is_named_once(address: str, city: str, line: str) -> None:
    assert place.line(address, city) == line


def test_a_map_is_asked_for_the_place_alone() -> None:
    assert place.on_map("1 & 2, MG Road") == (
        "https://www.google.com/maps/search/?api=1&query=1%20%26%202%2C%20MG%20Road"
    )
