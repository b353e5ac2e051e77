"""What an address in a setting may look like."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_SPACED = re.compile(r"[\s;,'\"<>\\]")  # nothing of these stands in a host, and the address enters a header


def one_of(url: str, schemes: tuple[str, ...]) -> bool:
    """Whether it is empty, or an address with one of these schemes and a host."""
    if not url:
        return True
    try:
        parts = urlsplit(url)
        return parts.scheme in schemes and bool(parts.hostname) and not _SPACED.search(parts.netloc)
    except ValueError:  # brackets that don't close
        return False


def is_origin(text: str) -> bool:
    """Whether it is what a browser sends as Origin."""
    return one_of(text, ("http", "https")) and bare(text) and "*" not in text


def bare(url: str) -> bool:
    """Whether it is scheme and host, with nothing after them but perhaps a slash."""
    parts = urlsplit(url)
    return parts.path in ("", "/") and not parts.query and not parts.fragment and "@" not in parts.netloc


def local(url: str) -> bool:
    """Whether it leads to this very machine."""
    return (urlsplit(url).hostname or "") in {"127.0.0.1", "localhost", "::1"}
