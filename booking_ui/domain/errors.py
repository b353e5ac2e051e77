"""Errors that a person can act on: one type, one stable code, one sentence each.

    BookingError
    ├── NotFound 404 · NotSignedIn 401 (WrongCredentials, WrongCode) · Forbidden 403 · BadInput 422 (NameNeeded) · RateLimited 429 (NetworkHolds, HoldsPaused) · TooLarge 413 · TooSlow 408
    ├── WrongPassword 403 · LinkOver 410 · StillNeeded 409
    ├── SlotTaken 409 · SlotGone 410 · HoldExpired 409 · WrongState 409 · TooManyHolds 409 (UnconfirmedHolds) · EmailTaken 409 · PhoneTaken 409 · ProofNeeded 409 · EmailUnconfirmed 409
    ├── ChangedMeanwhile 409 · LastAdmin 409 · AskedAlready 409
    ├── TooLateToCancel 409 · TooLateToReschedule 409 · FeeDiffers 409 · TooManyDependents 409
    ├── IdempotencyConflict 409 · IdempotencyInFlight 409
    ├── BadSignature 400
    ├── DatabaseAway 503            our records can not be reached or written
    ├── NoTexts 503                 this clinic sends no text messages
    ├── ReceiptBusy 503             too many receipts are being made
    └── GatewayError
        ├── GatewayRejected 502      Razorpay understood and refused: do not resend unchanged
        ├── GatewayUnavailable 503   nothing happened there: try again
        └── GatewayUnknown 503       the answer was lost: it may have happened, ask before trying again

The class attribute `message` is the default sentence for people, in English: `sentence` translates it when it is read. A
sentence that is given to the constructor is translated already. `str()` is for logs and records. The docstring tells a
program what to do: the API's description publishes it (api/http/description.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from booking_ui.languages import N_, _


class BookingError(Exception):
    """Base of every refusal on which a person can act."""

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 400
    message: ClassVar[str] = N_("That can't be done.")
    page_code: ClassVar[str] = (
        ""  # in a page's address, where refusals with one code have sentences of their own
    )
    retry_after_seconds: int = 0  # when trying again makes sense; 0: trying alone changes nothing

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or self.message)
        self.own_sentence = message or ""

    @property
    def sentence(self) -> str:
        """The refusal for people, in the language that is spoken."""
        return self.own_sentence or _(self.message)


class NotFound(BookingError):
    """Nothing there, or somebody else's: which of the two is not told."""

    code = "not_found"
    status = 404
    message = N_("We couldn't find that. It may have been moved, or the address may be mistyped.")


class NotSignedIn(BookingError):
    """Sign in, or refresh the access token."""

    code = "not_signed_in"
    status = 401
    message = N_("Please sign in to continue.")


class WrongCredentials(NotSignedIn):
    """Mail and password do not belong together; which one is wrong is not told."""

    code = "wrong_credentials"
    message = N_("That email and password don't match. Check both and try again.")


class WrongCode(NotSignedIn):
    code = "wrong_code"
    message = N_(
        "That code doesn't fit, or its 10 minutes are over. Check the newest email, or ask for another code."
    )


class WrongTextedCode(WrongCode):
    page_code = "wrong_texted_code"
    message = N_(
        "That code doesn't fit, or its 10 minutes are over. Look at the newest message, or ask for another code."
    )


class WrongPassword(BookingError):
    code = "wrong_password"
    status = 403
    message = N_("That is not your current password. If you forgot it, sign out and reset it.")


class LinkOver(BookingError):
    """A link from a mail that is unknown, was used, or is too old; which one is not told."""

    code = "link_over"
    status = 410
    message = N_("This link was used already or is too old. Ask for a new one.")


class Forbidden(BookingError):
    """Another role may do this, or the form came from another site's page."""

    code = "forbidden"
    status = 403
    message = N_("Your account can't do this.")


@dataclass(frozen=True)
class FieldError:
    """One wrong field of the input, with a sentence; `kind` tells the errors of one field apart."""

    field: str
    message: str
    kind: str = ""


class BadInput(BookingError):
    """`errors` names each wrong field with a sentence."""

    code = "validation"
    status = 422
    message = N_("Please check the marked fields.")

    def __init__(self, *errors: FieldError) -> None:
        super().__init__(errors[0].message if len(errors) == 1 else None)
        self.errors = errors


class NameNeeded(BadInput):
    """The code is right and the number is new: send both again with the `name` of the new patient."""

    code = "name_needed"
    message = N_("We don't know this number yet. Tell us your name, once.")

    def __init__(self) -> None:
        super().__init__(FieldError("name", _(self.message)))


class RateLimited(BookingError):
    """Wait for `Retry-After` seconds."""

    code = "rate_limited"
    status = 429
    message = N_("Too many tries. Please wait a moment.")

    def __init__(self, retry_after_seconds: int, message: str | None = None) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class TooLarge(BookingError):
    """A body of more than 256 KiB."""

    code = "too_large"
    status = 413
    message = N_("That is larger than we accept.")


class TooSlow(BookingError):
    """The body did not arrive within ten seconds."""

    code = "too_slow"
    status = 408
    message = N_("That took too long to arrive. Please send it again.")


class BadSignature(BookingError):
    """Not signed by Razorpay, or not for this booking."""

    code = "bad_signature"
    status = 400
    message = N_("Invalid payment signature")


class SlotTaken(BookingError):
    """Somebody else holds or has booked the time; `data.nearest` offers the closest free ones."""

    code = "slot_taken"
    status = 409
    message = N_("That time was just taken. Please pick another.")

    def __init__(self, message: str | None = None, nearest_slot_ids: tuple[int, ...] = ()) -> None:
        super().__init__(message)
        self.nearest_slot_ids = nearest_slot_ids


class SlotGone(BookingError):
    """The time has begun, was withdrawn, or begins within the notice that the clinic asks for."""

    code = "slot_gone"
    status = 410
    message = N_("That time is no longer offered. Please pick another.")


class HoldExpired(BookingError):
    """The time to pay is over: hold it again."""

    code = "hold_expired"
    status = 409
    message = N_("Your hold on this time ended. You can hold it again if it is still free.")


class WrongState(BookingError):
    """The booking has moved on: read it again, then decide."""

    code = "wrong_state"
    status = 409
    message = N_("This booking has moved on. Refresh to see where it stands.")


class ChangedMeanwhile(BookingError):
    """Somebody else saved first: read it again, then decide."""

    code = "changed_meanwhile"
    status = 409
    message = N_("Somebody else changed this while you were writing. Nothing of yours was saved.")


class AskedAlready(BookingError):
    """Razorpay is being asked about this booking: read it after `Retry-After` seconds."""

    code = "asked_already"
    status = 409
    message = N_("Razorpay is being asked about this booking right now. Look again in a few seconds.")
    retry_after_seconds = 3


class LastAdmin(BookingError):
    code = "last_admin"
    status = 409
    message = N_("That is the last account of the desk. Make another one first.")


class TooLateToCancel(BookingError):
    """The last cutoff of the cancellation policy has passed: only the desk cancels now."""

    code = "too_late_to_cancel"
    status = 409
    message = N_("It's too late to cancel this visit online. Please call us.")


class TooLateToReschedule(BookingError):
    code = "too_late_to_reschedule"
    status = 409
    message = N_("It's too close to the visit to move it online. Call us: we can cancel it for you by phone.")


class FeeDiffers(BookingError):
    """The new time has another fee than the one that was paid."""

    code = "fee_differs"
    status = 409
    message = N_("That time has a different fee. Cancel and book again, or choose a time at the same fee.")


class TooManyDependents(BookingError):
    code = "too_many_dependents"
    status = 409
    message = N_("You have added as many people as an account can have. Remove one first.")


class TooManyHolds(BookingError):
    """Pay for a held time or let it go first."""

    code = "too_many_holds"
    status = 409
    message = N_(
        "You are already holding as many times as we allow at once. Pay for one or let one go first."
    )


class UnconfirmedHolds(TooManyHolds):
    page_code = "unconfirmed_holds"
    message = N_(
        "You can hold one time until your email address is confirmed. Open the link in our email to confirm it, or pay "
        "for the time you hold or let it go first."
    )


class NetworkHolds(RateLimited):
    page_code = "network_holds"
    message = N_(
        "Many times are held from your network and not paid for. Pay for one that is held, or try again in a few minutes."
    )


class TooManyCodes(RateLimited):
    page_code = "too_many_codes"
    message = N_(
        "Several codes were sent already. Use the newest one, wait a while, or sign in with your email."
    )


class HoldsPaused(RateLimited):
    """Several holds ran out with no payment tried: hold another time after `Retry-After` seconds."""

    code = "holds_paused"
    message = N_(
        "You held several times and paid for none. Please wait a few minutes before you hold another."
    )

    def __init__(self, retry_after_seconds: int, until: str) -> None:
        super().__init__(
            retry_after_seconds,
            _(
                "You held several times and paid for none. You can hold another one from {until}.",
                until=until,
            ),
        )


class EmailTaken(BookingError):
    """Sign in instead."""

    code = "email_taken"
    status = 409
    message = N_("There is already an account with this email. Sign in instead.")


class PhoneTaken(BookingError):
    """Another account signs in with this number: sign in with it, or erase that account first."""

    code = "phone_taken"
    status = 409
    message = N_("Another account signs in with this number. Sign in with the number to see it.")


class EmailUnconfirmed(BookingError):
    """Open the link that was mailed to the account's address first."""

    code = "email_unconfirmed"
    status = 409
    message = N_("Confirm your email first: open the link in our mail. Then add your number.")


class ProofNeeded(BookingError):
    """The account signs in with its number: a new one takes a code that is sent to it."""

    code = "proof_needed"
    status = 409
    message = N_("You sign in with your number. To change it, ask for a code to the new one.")


class StillNeeded(BookingError):
    code = "still_needed"
    status = 409
    message = N_(
        "Your account is still needed: a visit lies ahead or money is on its way. Try again when both are done."
    )


class IdempotencyConflict(BookingError):
    """The key was used for another body. A new request needs a new key."""

    code = "idempotency_conflict"
    status = 409
    message = N_("This Idempotency-Key was already used for another request.")


class IdempotencyInFlight(BookingError):
    """The first request with this key is still being answered. Send it again after `Retry-After` seconds."""

    code = "idempotency_in_flight"
    status = 409
    message = N_("The first request with this Idempotency-Key is still being answered.")
    retry_after_seconds = 1


class DatabaseAway(BookingError):
    """Our records can't be read or written now. Try again after `Retry-After` seconds, and read first what became of it."""

    code = "database_unavailable"
    status = 503
    message = N_(
        "Our records can't be reached right now. Please try again in a moment, and look first where things stand."
    )
    retry_after_seconds = 5


class NoTexts(BookingError):
    """Text messages are not set up here: register or sign in with a mail address."""

    code = "no_texts"
    status = 503
    message = N_("We can't send text messages. Please sign in with your email.")


class ReceiptBusy(BookingError):
    """Too many receipts are being made at once: try again after `Retry-After` seconds."""

    code = "receipt_busy"
    status = 503
    message = N_("The receipt is not ready yet. Please try again in a moment.")
    retry_after_seconds = 5


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
    """Razorpay understood and refused: another way to pay, or call the clinic."""

    code = "gateway_rejected"
    status = 502
    message = N_("The payment service refused this. Please try another way to pay, or call us.")


class GatewayUnavailable(GatewayError):
    """Razorpay can't be reached: the hold is kept, try again in a moment."""

    code = "gateway_unavailable"
    status = 503
    retry_after_seconds = 10
    message = N_(
        "The payment service can't be reached right now. Your time is still held; please try again in a moment."
    )


class GatewayUnreadable(GatewayUnavailable):
    """Razorpay answered with a payment or a refund whose shape we do not know; `entity_id` is "" when not even that is."""

    def __init__(self, *, entity_id: str, reason: str) -> None:
        super().__init__(reason=reason)
        self.entity_id = entity_id


class GatewayUnknown(GatewayError):
    code = "gateway_unavailable"
    status = 503
    retry_after_seconds = 10
    message = N_(
        "The payment service did not answer in time. Your time is still held; please try again in a moment."
    )
