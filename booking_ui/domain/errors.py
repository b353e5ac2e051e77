"""Errors that a person can act on: one type, one stable code, one sentence each.

    BookingError
    ├── NotFound 404 · NotSignedIn 401 (WrongCredentials, WrongCode) · Forbidden 403 · BadInput 422 · RateLimited 429 · TooLarge 413
    ├── WrongPassword 403 · LinkOver 410 · StillNeeded 409
    ├── SlotTaken 409 · SlotGone 410 · HoldExpired 409 · WrongState 409 · TooManyHolds 409 · EmailTaken 409
    ├── BadSignature 400
    └── GatewayError
        ├── GatewayRejected 502      Razorpay understood and refused: do not resend unchanged
        ├── GatewayUnavailable 503   nothing happened there: try again
        └── GatewayUnknown 503       the answer was lost: it may have happened, ask before trying again

The class attribute `message` is the default sentence shown to people.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


class BookingError(Exception):
    """Base of every refusal that a person can act on."""

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 400
    message: ClassVar[str] = "That can't be done."

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or self.message)

    @property
    def sentence(self) -> str:
        return str(self)


class NotFound(BookingError):
    code = "not_found"
    status = 404
    message = "We couldn't find that. It may have been moved, or the address may be mistyped."


class NotSignedIn(BookingError):
    code = "not_signed_in"
    status = 401
    message = "Please sign in to continue."


class WrongCredentials(NotSignedIn):
    code = "wrong_credentials"
    message = "That email and password don't match. Check both and try again."


class WrongCode(NotSignedIn):
    code = "wrong_code"
    message = (
        "That code doesn't fit, or its 10 minutes are over. Check the newest mail, or ask for another code."
    )


class WrongPassword(BookingError):
    code = "wrong_password"
    status = 403
    message = "That is not your present password. If you forgot it, sign out and reset it."


class LinkOver(BookingError):
    """A link from a mail that is unknown, was used, or is too old; which one is not told."""

    code = "link_over"
    status = 410
    message = "This link was used already or is too old. Ask for a new one."


class Forbidden(BookingError):
    code = "forbidden"
    status = 403
    message = "Your account can't do this."


@dataclass(frozen=True)
class FieldError:
    """What is wrong with one field of the input, in a sentence; `kind` where a field has more than one."""

    field: str
    message: str
    kind: str = ""


class BadInput(BookingError):
    code = "validation"
    status = 422
    message = "Please check the marked fields."

    def __init__(self, *errors: FieldError) -> None:
        super().__init__(errors[0].message if len(errors) == 1 else None)
        self.errors = errors


class RateLimited(BookingError):
    code = "rate_limited"
    status = 429
    message = "Too many tries. Please wait a moment."

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__()
        self.retry_after_seconds = retry_after_seconds


class TooLarge(BookingError):
    code = "too_large"
    status = 413
    message = "That is larger than we accept."


class BadSignature(BookingError):
    code = "bad_signature"
    status = 400
    message = "Invalid payment signature"


class SlotTaken(BookingError):
    """Somebody else holds or has booked the slot; `nearest_slot_ids` are the closest free ones of the doctor."""

    code = "slot_taken"
    status = 409
    message = "That time was just taken. Please pick another."

    def __init__(self, message: str | None = None, nearest_slot_ids: tuple[int, ...] = ()) -> None:
        super().__init__(message)
        self.nearest_slot_ids = nearest_slot_ids


class SlotGone(BookingError):
    code = "slot_gone"
    status = 410
    message = "That time is no longer offered. Please pick another."


class HoldExpired(BookingError):
    code = "hold_expired"
    status = 409
    message = "Your hold on this time ended. You can hold it again if it is still free."


class WrongState(BookingError):
    code = "wrong_state"
    status = 409
    message = "This booking has moved on. Refresh to see where it stands."


class TooManyHolds(BookingError):
    code = "too_many_holds"
    status = 409
    message = "You are already holding as many times as we allow at once. Pay for one or let one go first."


class EmailTaken(BookingError):
    code = "email_taken"
    status = 409
    message = "There is already an account with this email. Sign in instead."


class StillNeeded(BookingError):
    code = "still_needed"
    status = 409
    message = "Your account is still needed: a visit lies ahead or money is on its way. Try again when both are done."


class GatewayError(BookingError):
    """Talking to Razorpay did not give what was asked."""

    code = "gateway_error"
    status = 503

    def __init__(
        self, message: str | None = None, *, http_status: int | None = None, reason: str = ""
    ) -> None:
        super().__init__(message)
        self.http_status = http_status
        self.reason = reason


class GatewayRejected(GatewayError):
    code = "gateway_rejected"
    status = 502
    message = "The payment service refused this. Please try another way to pay, or call us."


class GatewayUnavailable(GatewayError):
    code = "gateway_unavailable"
    status = 503
    message = "The payment service can't be reached right now. Your time is still held; please try again in a moment."


class GatewayUnknown(GatewayError):
    code = "gateway_unavailable"
    status = 503
    message = (
        "The payment service did not answer in time. Your time is still held; please try again in a moment."
    )
