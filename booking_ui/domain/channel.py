"""The ways on which a message reaches a person."""

from __future__ import annotations

from enum import StrEnum

from booking_ui.languages import N_


class Channel(StrEnum):
    MAIL = "mail"
    SMS = "sms"
    WHATSAPP = "whatsapp"


TEXTED = (Channel.SMS, Channel.WHATSAPP)
"""The channels that reach a telephone."""

NAMES = {Channel.MAIL: N_("Mail"), Channel.SMS: N_("SMS"), Channel.WHATSAPP: N_("WhatsApp")}
"""Their names for people."""
