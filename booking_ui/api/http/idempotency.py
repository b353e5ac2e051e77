"""Idempotency-Key on requests that change something: repeated with the same body, they get the stored answer."""

from __future__ import annotations

import json
import re

from fastapi import Request, Response
from starlette.types import Message, Scope, Send

from booking_ui.api.http.envelope import refused
from booking_ui.api.http.identity import Now, host_of, known_caller
from booking_ui.api.http.shapes import Tokens
from booking_ui.domain.clock import utc_now
from booking_ui.domain.errors import BadInput, FieldError, NotFound, NotSignedIn
from booking_ui.edge.threads import call
from booking_ui.languages import _
from booking_ui.services.accounts import authentication
from booking_ui.services.limits import idempotency

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
REGISTER = "/api/auth/register"
# Tokens are never stored, and Razorpay's events have keys of their own.
WITHOUT = frozenset(
    {
        "/api/auth/login",
        "/api/auth/refresh",
        "/api/auth/code",
        "/api/auth/phone/verify",
        "/api/appointments/razorpay-webhook",
    }
)
FORMS = "/api/session/"  # a browser sends no such header
NOT_KEPT = (401, 429)  # the same request may be welcome a moment later, with a fresh token

_KEY = re.compile(r"[!-~]{1,200}")
_CLAIM, _REGISTERED = "idempotency_claim", "registered_person"


def applies(method: str, path: str) -> bool:
    return method in UNSAFE and path not in WITHOUT and not path.startswith(FORMS)


class Replay(Exception):
    """Raised to leave the route: the request was answered before."""

    def __init__(self, answer: idempotency.Answer, path: str) -> None:
        super().__init__()
        self.answer = answer
        self.path = path


async def once(request: Request, at: Now) -> None:
    """Claim the key of this request, if it has one.

    Raises Replay, BadInput, IdempotencyConflict, IdempotencyInFlight.
    """
    key = request.headers.get(HEADER)
    if key is None or not applies(request.method, request.url.path):
        return
    if not _KEY.fullmatch(key):
        raise BadInput(FieldError(HEADER, _("Send 1 to 200 visible characters.")))
    who = await known_caller(request, at)
    keyed = idempotency.Request(
        scope=f"person:{who.person_id}" if who else idempotency.stranger_scope(host_of(request)),
        route=f"{request.method} {request.url.path}"[:200],
        key=key,
        content=request.url.query.encode() + b"\0" + await request.body(),
        person_id=who.person_id if who else None,
    )
    found = await call(idempotency.claim, request=keyed, now=at)
    if isinstance(found, idempotency.Answer):
        raise Replay(found, request.url.path)
    request.scope["state"][_CLAIM] = found


def note_registered(request: Request, person_id: int) -> None:
    """Store the person instead of the answer's tokens."""
    request.scope["state"][_REGISTERED] = person_id


async def repeat_answer(_request: Request, repeated: Exception) -> Response:
    """The stored answer. That of a registration gets fresh tokens, because the first ones are stored nowhere.

    It is refused once every token of the account was ended: the registrant may not be the owner of the address.
    """
    assert isinstance(repeated, Replay)  # registered for it
    body, person_id = repeated.answer.body, repeated.answer.person_id
    if repeated.path == REGISTER and repeated.answer.status == 201 and person_id is not None:
        try:
            pair = await call(authentication.issue_tokens, person_id=person_id, key_number=0, now=utc_now())
        except (NotFound, NotSignedIn) as exc:
            return refused(exc)
        body = json.dumps({**json.loads(body), "data": Tokens.of(pair).model_dump(by_alias=True)}).encode()
    return Response(body, repeated.answer.status, {REPLAYED: "true"}, "application/json")


class Recorder:
    """Holds an answer back until it is stored, if the request claimed a key."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._state = scope["state"]
        self._send = send
        self._held: list[Message] = []

    async def __call__(self, message: Message) -> None:
        if _CLAIM not in self._state:
            await self._send(message)
            return
        self._held.append(message)
        if message["type"] == "http.response.body" and not message.get("more_body"):
            await self._store(self._state.pop(_CLAIM))
            for one in self._held:
                await self._send(one)

    async def _store(self, claim: idempotency.Claim) -> None:
        start, *rest = self._held
        status, kind = start["status"], dict(start["headers"]).get(b"content-type", b"")
        if status >= 500 or status in NOT_KEPT or not kind.startswith(b"application/json"):
            await call(idempotency.release, claim=claim)
            return
        body = b"".join(part.get("body", b"") for part in rest)
        person_id = self._state.get(_REGISTERED)
        if person_id is not None:
            body = json.dumps({**json.loads(body), "data": None}).encode()
        await call(idempotency.store_answer, claim=claim, status=status, body=body, person_id=person_id)
