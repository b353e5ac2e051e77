"""An answer that is made once and sent many times."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Scope


@dataclass(frozen=True)
class Kept:
    """The bytes of an answer, compressed as well where that saves anything, and the tag by which browsers name it."""

    body: bytes
    gzipped: bytes
    tag: str
    kind: str


def kept(body: bytes, kind: str, *, level: int = 6) -> Kept:
    """`kind` is the Content-Type; level 0 keeps nothing compressed, such as of a picture."""
    # A weak tag: it names the text, whether it is sent compressed or not.
    tag = f'W/"{hashlib.sha256(body).hexdigest()[:32]}"'
    return Kept(body, gzip.compress(body, level, mtime=0) if level else b"", tag, kind)


def answer(scope: Scope, found: Kept, *, caching: str, status: int = 200) -> Response:
    """The answer for this request; 304 without a body to a browser that has it. `caching` is the Cache-Control."""
    asked = Headers(scope=scope)
    headers = {"ETag": found.tag, "Cache-Control": caching, "Vary": "Accept-Encoding"}
    if status == 200 and found.tag in [one.strip() for one in asked.get("if-none-match", "").split(",")]:
        return Response(status_code=304, headers=headers)
    body = found.body
    if found.gzipped and _takes_gzip(asked.get("accept-encoding", "")):
        body, headers["Content-Encoding"] = found.gzipped, "gzip"
    return Response(body, status_code=status, headers=headers, media_type=found.kind)


def _takes_gzip(header: str) -> bool:
    wishes = [one.partition(";") for one in header.split(",")]
    return any(name.strip() == "gzip" and wish.replace(" ", "") != "q=0" for name, _sep, wish in wishes)
