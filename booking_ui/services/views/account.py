"""What a person sees of her own account."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SessionView:
    """A browser or a program that is signed in."""

    device: str  # "Firefox on Linux"; "A program" for a refresh token
    since_label: str
    used_label: str
    this_one: bool


@dataclass(frozen=True)
class AccountView:
    """The account beside the name: whether its address is confirmed, who is signed in, whether it may be erased."""

    verified: bool
    has_password: bool
    sessions: list[SessionView]
    may_erase: bool
