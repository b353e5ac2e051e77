"""The person who calls, and the tokens they hold."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Principal:
    """The person who calls, known from the session or token, never from an argument."""

    person_id: int
    name: str
    email: str
    phone: str
    role: str  # patient, admin, doctor
    doctor_id: int | None = None
    key_number: int = field(
        default=0, compare=False
    )  # goes up when all of the person's sessions and tokens end


@dataclass(frozen=True)
class TokensView:
    """A fresh pair of tokens; `expires_in` is the access token's life in seconds."""

    access_token: str
    refresh_token: str
    expires_in: int
    person: Principal
