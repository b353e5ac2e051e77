"""Who is asking, and the tokens she holds."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Principal:
    """Who is calling, from the session or token; never from an argument."""

    person_id: int
    name: str
    email: str
    phone: str
    role: str  # patient, admin, doctor
    doctor_id: int | None = None
    key_number: int = field(default=0, compare=False)  # goes up when all that is open of hers ends


@dataclass(frozen=True)
class TokensView:
    """A fresh pair of tokens; `expires_in` is the access token's life in seconds."""

    access_token: str
    refresh_token: str
    expires_in: int
    person: Principal
