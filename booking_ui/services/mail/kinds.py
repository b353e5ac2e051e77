"""The kinds of mails in words, for the desk."""

from __future__ import annotations

LABELS = {
    "confirmed": "Visit confirmed",
    "rescheduled": "Visit moved",
    "payment_failed": "Payment failed",
    "cancelled": "Visit cancelled",
    "slot_lost": "Money came too late",
    "refunded": "Refund sent",
    "reminder": "Reminder of a visit",
    "hold_ends": "Hold ends soon",
    "unpaid": "Time still free",
    "verify_mail": "Confirm the email",
    "reset_password": "Choose a new password",
    "sign_in_code": "Sign-in code",
    "password_changed": "Password changed",
    "staff_invited": "Sign-in at the clinic",
    "case_opened": "Cases at the desk",
}
