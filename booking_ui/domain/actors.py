"""Actors: who did what an audit row records, as one string of a kind and, behind a colon, which one of it.

Razorpay's are made where the ways are named by which its facts reach us: `payment.Source.actor`.
"""

from __future__ import annotations

from typing import Protocol

WORKER = "worker"
SWEEP = "system:sweep"
CONCLUSIONS = "system:conclusions"
TERMINAL = "system:terminal"
ANONYMOUS = "anonymous"


class _SignedIn(Protocol):
    @property
    def role(self) -> str: ...
    @property
    def person_id(self) -> int: ...


def signed_in(who: _SignedIn) -> str:
    """admin:3."""
    return f"{who.role}:{who.person_id}"


def patient(person_id: int) -> str:
    """patient:7."""
    return f"patient:{person_id}"


def account(person_id: int) -> str:
    """person:7, whatever the role: somebody acting on their own account."""
    return f"person:{person_id}"


def split(actor: str) -> tuple[str, str]:
    """(kind, which one); the second is empty for an actor of whom there is only one."""
    kind, _, which = actor.partition(":")
    return kind, which
