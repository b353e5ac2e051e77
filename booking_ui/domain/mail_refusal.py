"""Refusals of a message: the reason why it did not leave, as a value."""

from __future__ import annotations

from enum import StrEnum


class Refusal(StrEnum):
    """The reason why the last try of a message failed. Its sentence is made where it is shown."""

    SENDER = "sender"  # the server does not send for our address
    RECIPIENT = "recipient"
    CONTENT = "content"
    SIGN_IN = "sign_in"  # the password of SMTP_URL
    NO_TLS = "no_tls"
    SERVER = "server"  # the server answered with another error
    AWAY = "away"
    NO_ADDRESS = "no_address"  # no message can be made for what stands as the address
    BROKEN = "broken"  # an error of ours
    TOO_MANY = "too_many"  # by ourselves, for now: RATE_LIMIT_MAILS
    LOST = "lost"  # the answer: the message may have been taken
    QUIET = "quiet"  # by ourselves, until the end of QUIET_HOURS
