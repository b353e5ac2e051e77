"""The ways on which a message reaches a person."""

from __future__ import annotations

from enum import StrEnum


class Channel(StrEnum):
    MAIL = "mail"
    SMS = "sms"
    WHATSAPP = "whatsapp"


TEXTED = (Channel.SMS, Channel.WHATSAPP)
"""The channels that reach a telephone."""
