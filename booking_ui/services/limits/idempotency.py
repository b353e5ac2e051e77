"""One answer for one Idempotency-Key: claimed before the work, stored before the answer leaves.

A process that dies between the two leaves a claim that may be taken over after a minute: the services themselves are safe
to repeat, so nothing is done twice.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, delete, select, update

from booking_ui.config.settings import settings
from booking_ui.db.inserts import insert_once
from booking_ui.db.models import IdempotencyKey
from booking_ui.db.session import read, write
from booking_ui.domain.errors import IdempotencyConflict, IdempotencyInFlight

KEPT = timedelta(hours=24)
LEASE = timedelta(minutes=1)


@dataclass(frozen=True)
class Request:
    """One keyed request: `scope` is the key's owner, `route` method and path, `content` everything else that was sent."""

    scope: str
    route: str
    key: str
    content: bytes
    person_id: int | None = None


@dataclass(frozen=True)
class Claim:
    """The right to answer; void once another process took over."""

    id: int
    claimed_at: datetime


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    person_id: int | None


def claim(*, request: Request, now: datetime) -> Claim | Answer:
    """The right to answer this request, or the answer it was given before.

    Raises IdempotencyConflict, IdempotencyInFlight.
    """
    with write() as tx:
        claim_id = _inserted(tx, request, now)
        if claim_id is not None:
            return Claim(claim_id, now)
        row = tx.exec(
            select(IdempotencyKey)
            .where(
                IdempotencyKey.scope == request.scope,
                IdempotencyKey.route == request.route,
                IdempotencyKey.key == request.key,
            )
            .with_for_update()
        ).one()
        assert row.id is not None  # it was read
        if row.created_at <= now - KEPT:  # too old to count, only not yet deleted
            row.status, row.answer, row.body_digest, row.created_at = None, b"", _digest(request), now
        elif not hmac.compare_digest(row.body_digest, _digest(request)):
            raise IdempotencyConflict
        elif row.status is not None:
            return Answer(row.status, row.answer, row.person_id)
        elif row.claimed_at > now - LEASE:
            raise IdempotencyInFlight
        row.claimed_at = now
        tx.add(row)
        return Claim(row.id, now)


def _inserted(tx: Session, request: Request, now: datetime) -> int | None:
    values = {
        "scope": request.scope,
        "route": request.route,
        "key": request.key,
        "body_digest": _digest(request),
        "person_id": request.person_id,
        "answer": b"",
        "claimed_at": now,
        "created_at": now,
    }
    return insert_once(tx, IdempotencyKey, values)


def stranger_scope(host: str) -> str:
    """The scope of a caller who is not signed in. Keyed, because every IPv4 address can be hashed within minutes."""
    return f"address:{_keyed(b'idempotency addresses, version 1', host.encode())[:32]}"


def _digest(request: Request) -> str:
    """Keyed, because what was sent may hold a password."""
    return _keyed(b"idempotency, version 1", request.content)


def _keyed(purpose: bytes, content: bytes) -> str:
    key = hmac.digest(settings().signing_key().encode(), purpose, hashlib.sha256)
    return hmac.new(key, content, hashlib.sha256).hexdigest()


def store_answer(*, claim: Claim, status: int, body: bytes, person_id: int | None = None) -> None:
    values: dict[str, object] = {"status": status, "answer": body}
    if person_id is not None:
        values["person_id"] = person_id
    with write() as tx:
        tx.exec(update(IdempotencyKey).where(*_still_mine(claim)).values(**values))


def release(*, claim: Claim) -> None:
    """Give the claim up without an answer: the key may be tried again at once."""
    with write() as tx:
        tx.exec(delete(IdempotencyKey).where(*_still_mine(claim)))


def _still_mine(claim: Claim) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        col(IdempotencyKey.id) == claim.id,
        col(IdempotencyKey.claimed_at) == claim.claimed_at,
        col(IdempotencyKey.status).is_(None),
    )


def delete_old(*, now: datetime, limit: int = 5_000) -> int:
    with read() as tx:
        old = tx.exec(
            select(IdempotencyKey.id).where(col(IdempotencyKey.created_at) <= now - KEPT).limit(limit)
        ).all()
    if old:
        with write() as tx:
            tx.exec(delete(IdempotencyKey).where(col(IdempotencyKey.id).in_(old)))
    return len(old)
