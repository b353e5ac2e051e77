"""A person's own account."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class SessionView:
    """A browser or a program that is signed in."""

    device: str  # "Firefox on Linux"; "A program" for a refresh token
    since_label: str
    used_label: str
    this_one: bool


@dataclass(frozen=True)
class ChannelChoice:
    """A way on which messages about visits can come."""

    channel: str = ""  # mail, sms, whatsapp
    label: str = ""
    address: str = ""
    wanted: bool = True


@dataclass(frozen=True)
class StopView:
    """The link of a message that stops more of them; `channel_label` is English."""

    channel_label: str
    language: str
    stopped: bool


@dataclass(frozen=True)
class AccountView:
    """The account beside the name: whether its address and number are confirmed, who is signed in, whether it may be erased.

    `verified` is also true of an account without an address.
    """

    verified: bool = True
    phone_verified: bool = False
    has_password: bool = True
    sessions: list[SessionView] = field(default_factory=list)
    may_erase: bool = False
    channels: list[ChannelChoice] = field(default_factory=list)
    language: str = "en"  # of messages
