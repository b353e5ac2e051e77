"""The place of a visit: its address as one line, and a map of it."""

from __future__ import annotations

from urllib.parse import quote


def line(address: str, city: str) -> str:
    """The address with its city, which most addresses name already."""
    return address if city.casefold() in address.casefold() else f"{address}, {city}"


def on_map(where: str) -> str:
    """A search on a map, which telephones open in an app of theirs. It says nothing of the patient or the booking."""
    return f"https://www.google.com/maps/search/?api=1&query={quote(where)}"
