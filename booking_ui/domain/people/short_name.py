"""Names cut short for headers and avatars. Titles are left out: "Dr Chandra Rao" is Chandra, CR."""

from __future__ import annotations

from zlib import crc32

_TITLES = frozenset({"dr", "prof"})


def first_name(name: str) -> str:
    """Chandra; a name of titles alone stays as it is."""
    return next((word for word in name.split() if not _is_title(word)), name)


def initials(name: str) -> str:
    """CR; one letter for one word."""
    words = [word for word in name.replace(".", " ").split() if not _is_title(word)]
    return "".join(word[0] for word in words[:1] + words[1:][-1:]).upper()


def tint(name: str) -> int:
    """A colour for the avatar, 0 to 7, always the same for one name."""
    return crc32(name.encode()) % 8


def _is_title(word: str) -> bool:
    return word.casefold().rstrip(".") in _TITLES
