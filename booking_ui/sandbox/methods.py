"""Test cards, addresses and banks, and the reasons they fail for (razorpay.com/docs, "Test card details")."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Reason:
    """The cause of a failure, as a payment's error_* fields say it. The customer reads `description`."""

    name: str
    description: str
    code: str = "BAD_REQUEST_ERROR"
    source: str = "customer"
    step: str = "payment_authorization"


_TRY_OTHER = "Please try again or use another way to pay."
_REASONS = [
    Reason("payment_failed", f"Your bank did not let this payment through. {_TRY_OTHER}", source="bank"),
    Reason(
        "payment_cancelled",
        "The payment was cancelled before it was finished. You can try again whenever you are ready.",
        step="payment_authentication",
    ),
    Reason(
        "payment_timed_out",
        f"The bank's page was open for too long, so the payment was stopped. {_TRY_OTHER}",
        step="payment_authentication",
    ),
    Reason(
        "gateway_technical_error",
        f"The bank's systems had a hiccup. If any money left your account it comes back by itself. {_TRY_OTHER}",
        code="GATEWAY_ERROR",
        source="gateway",
    ),
    Reason(
        "bank_technical_error",
        f"Your bank's systems are not answering just now. {_TRY_OTHER}",
        "GATEWAY_ERROR",
        "bank",
    ),
    Reason("server_error", f"Something went wrong on our side. {_TRY_OTHER}", "SERVER_ERROR", "internal"),
    Reason(
        "insufficient_fund",
        "There is not enough balance for this payment. Please use another card or another way to pay.",
    ),
    Reason(
        "insufficient_funds",
        "There is not enough balance for this payment. Please use another account or another way to pay.",
    ),
    Reason(
        "card_declined",
        "Your bank declined this card. Please use another card, or call your bank.",
        source="issuer_bank",
    ),
    Reason(
        "card_number_invalid",
        "This card number does not look right. Please check it and try again.",
        step="payment_initiation",
    ),
    Reason(
        "card_disabled_for_online_payments",
        "This card is switched off for online payments. Turn it on in your bank's app, or use another card.",
        source="issuer_bank",
    ),
    Reason(
        "authentication_failed",
        f"Your bank could not confirm that it was you. {_TRY_OTHER}",
        code="GATEWAY_ERROR",
        step="payment_authentication",
    ),
    Reason(
        "incorrect_otp",
        "The one-time password was not right. Please try again with a new one.",
        step="payment_authentication",
    ),
    Reason(
        "international_transaction_not_allowed",
        "International cards are not accepted here. Please use a card issued in India.",
        source="business",
    ),
    Reason(
        "invalid_vpa",
        "This UPI ID does not exist. Please check it and try again.",
        step="payment_initiation",
    ),
    Reason(
        "vpa_resolution_failed",
        f"We could not reach this UPI ID. {_TRY_OTHER}",
        "GATEWAY_ERROR",
        "customer_psp",
    ),
    Reason("payment_declined", f"The request was declined in your UPI app. {_TRY_OTHER}"),
    Reason(
        "payment_collect_request_expired",
        f"The request in your UPI app was not answered in time. {_TRY_OTHER}",
        step="payment_authentication",
    ),
    Reason(
        "credit_failed", f"The money could not be credited. {_TRY_OTHER}", "GATEWAY_ERROR", "beneficiary_bank"
    ),
]
REASONS = {reason.name: reason for reason in _REASONS}

# A UPI attempt that is refused by the bank carries another source and step than a card's.
UPI_FAILED = Reason(
    "payment_failed",
    f"Your UPI app did not let this payment through. {_TRY_OTHER}",
    source="gateway",
    step="payment_response",
)


@dataclass(frozen=True)
class Card:
    network: str
    international: bool = False


SUCCESS_CARDS = {
    "4100280000001007": Card("Visa"),
    "5500670000001002": Card("MasterCard"),
    "6527658900001005": Card("RuPay"),
    "36082800091007": Card("Diners Club"),
    "340256000401007": Card("American Express"),
    "5555555555554444": Card("MasterCard", True),
    "5105105105105100": Card("MasterCard", True),
    "5104060000000008": Card("MasterCard", True),
    "4012888888881881": Card("Visa", True),
}
ERROR_CARDS = {
    "4100280000090000": "payment_timed_out",
    "5305620000060000": "payment_timed_out",
    "4100280000080001": "insufficient_fund",
    "5305620000050001": "insufficient_fund",
    "4100280000070002": "payment_cancelled",
    "5305620000040002": "payment_cancelled",
    "4100280000060003": "card_declined",
    "4100280000050004": "card_declined",
    "4100280000040005": "card_declined",
    "5305620000030003": "card_declined",
    "5305620000020004": "card_declined",
    "5305620000010005": "card_declined",
    "4100280000030006": "card_disabled_for_online_payments",
    "5305620000000006": "card_disabled_for_online_payments",
    "4100280000010008": "card_number_invalid",
    "5305620000080008": "card_number_invalid",
    "4100280000020007": "gateway_technical_error",
    "5305620000090007": "gateway_technical_error",
    "4100280000000009": "authentication_failed",
    "5305620000070009": "authentication_failed",
}
BANKS = {
    "HDFC": "HDFC Bank",
    "ICIC": "ICICI Bank",
    "SBIN": "State Bank of India",
    "UTIB": "Axis Bank",
    "KKBK": "Kotak Mahindra Bank",
    "BARB_R": "Bank of Baroda",
    "PUNB_R": "Punjab National Bank",
    "YESB": "Yes Bank",
}
WALLETS = ("payzapp", "mobikwik", "olamoney")


def card(number: str) -> Card:
    known = SUCCESS_CARDS.get(number)
    if known:
        return known
    return Card(
        {"3": "American Express", "4": "Visa", "5": "MasterCard", "6": "RuPay"}.get(number[:1], "Unknown")
    )


def card_failure(number: str) -> str:
    """The reason that the bank page's Failure button stands for."""
    return ERROR_CARDS.get(number, "gateway_technical_error")
