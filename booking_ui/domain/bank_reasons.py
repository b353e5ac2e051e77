"""Reasons for which a bank or Razorpay declines a payment, in the language that is spoken.

In English the reader gets Razorpay's own words, which are written for customers; they come in English alone.
"""

from __future__ import annotations

from booking_ui.languages import FIRST, N_, _, spoken

OTHER = N_("Your payment was declined.")
# The codes of `error_reason`: https://razorpay.com/docs/errors/payments/
SENTENCES: dict[str, str] = {
    **dict.fromkeys(
        ("insufficient_fund", "insufficient_funds"), N_("There is not enough money in your account.")
    ),
    "payment_cancelled": N_("You left the bank's page before the payment was done."),
    **dict.fromkeys(
        ("payment_timed_out", "payment_collect_request_expired"), N_("The time for the payment ran out.")
    ),
    **dict.fromkeys(
        ("gateway_technical_error", "bank_technical_error", "server_error"),
        N_("The bank has a technical problem."),
    ),
    **dict.fromkeys(("authentication_failed", "incorrect_otp"), N_("The bank's code (OTP) was not right.")),
    "card_number_invalid": N_("This card number is not right."),
    **dict.fromkeys(
        ("card_disabled_for_online_payments", "international_transaction_not_allowed"),
        N_("This card is not allowed for such payments."),
    ),
    **dict.fromkeys(("invalid_vpa", "vpa_resolution_failed"), N_("This UPI id is not right.")),
    **dict.fromkeys(("card_declined", "payment_declined"), N_("Your bank declined the payment.")),
}


def said(reason: str, words: str) -> str:
    """The sentence for a declined payment; empty when Razorpay gave no reason.

    `reason` is Razorpay's code, `words` are its own for the customer.
    """
    if spoken() == FIRST or not (reason or words):
        return f"{words.strip().rstrip('.')}." if words.strip() else ""
    return _(SENTENCES.get(reason, OTHER))
