"""What a web page may not reach: the keys of this sandbox are known to everybody, so a page could use them too."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.requests import Request

from . import errors

_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


def refuse_pages(request: Request) -> None:
    """Let programs on this machine through, and nothing that a browser sends for a page.

    A page of another origin names it. One whose name was turned to this machine after it was loaded (DNS rebinding) is of
    the same origin, but its name stands in Host. Raises Refusal.
    """
    try:
        host = urlsplit(f"//{request.headers.get('host', '')}").hostname
    except ValueError:  # a bracket without its other half
        host = None
    if "origin" in request.headers or host not in _LOOPBACK:
        raise errors.Refusal("This is not for web pages.", status=403)
