"""Requests as they come in: whose sandbox, which body, and that no web page sent them."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

from starlette.requests import Request

from booking_ui.sandbox import errors
from booking_ui.sandbox.box import Box
from booking_ui.sandbox.store import Doc

_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


def box_of(request: Request) -> Box:
    box: Box = request.app.state.box
    return box


async def json_body(request: Request) -> Doc:
    raw = await request.body()
    if not raw.strip():
        return {}
    try:
        body = json.loads(raw)
    except ValueError as exc:
        raise errors.Refusal("The request body is not valid JSON.") from exc
    if body is None:
        return {}
    if not isinstance(body, dict):
        raise errors.Refusal("The request body must be a JSON object.")
    return body


def refuse_pages(request: Request) -> None:
    """Let programs on this machine through, and nothing that a browser sends for a page.

    The sandbox's keys are known to everybody, so a page could use them too. A page of another origin names it. One whose name was turned to this machine after it was loaded (DNS rebinding) is of
    the same origin, but its name stands in Host. Raises Refusal.
    """
    try:
        host = urlsplit(f"//{request.headers.get('host', '')}").hostname
    except ValueError:  # a bracket without its other half
        host = None
    if "origin" in request.headers or host not in _LOOPBACK:
        raise errors.Refusal("This is not for web pages.", status=403)
