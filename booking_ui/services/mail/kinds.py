"""The kinds of messages: in words, for the desk, and the channels that each goes by."""

from __future__ import annotations

from booking_ui.domain.channel import NAMES as CHANNELS
from booking_ui.domain.channel import Channel
from booking_ui.domain.message_kind import LABELS

__all__ = ["CHANNELS", "LABELS", "goes_by"]

ONLY_TEXTED = frozenset({"reminder_soon"})
"""Of no use in a mailbox."""

ONLY_MAILED = frozenset({"unpaid"})
"""Of no use to a telephone that was just told of the failed payment."""


def goes_by(kind: str, channel: Channel) -> bool:
    """True for a kind of message about a visit that this channel carries."""
    return kind not in (ONLY_TEXTED if channel is Channel.MAIL else ONLY_MAILED)
