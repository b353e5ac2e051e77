"""The name of a browser and its system, by which people know a device again. Versions and models are not stored."""

from __future__ import annotations

from booking_ui.languages import N_, _

# The first match counts: every browser also claims to be its ancestors.
BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Firefox", "Firefox"),
            ("FxiOS", "Firefox"), ("CriOS", "Chrome"), ("Chrome", "Chrome"), ("Safari", "Safari"))  # fmt: skip
SYSTEMS = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"),
           ("Mac OS X", "Mac"), ("CrOS", "ChromeOS"), ("Linux", "Linux"))  # fmt: skip


_UNKNOWN = N_("A browser")
_ON = " on "


def device_label(user_agent: str) -> str:
    """Firefox on Linux, in English, as it is stored; "A browser" when its user agent names none that we know."""
    browser = next((name for mark, name in BROWSERS if mark in user_agent), _UNKNOWN)
    system = next((name for mark, name in SYSTEMS if mark in user_agent), "")
    return f"{browser}{_ON}{system}" if system else browser


def device_words(label: str) -> str:
    """A stored label for people; an empty one is some browser."""
    browser, _sep, system = label.partition(_ON)
    name = browser if browser and browser != _UNKNOWN else _(_UNKNOWN)
    return _("{browser} on {system}", browser=name, system=system) if system else name
