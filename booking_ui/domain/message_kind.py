"""The kinds of messages: their names for people."""

from __future__ import annotations

from booking_ui.languages import N_, _


class MessageKind(str):
    """The kind of a message, as its row has it."""

    __slots__ = ()

    @property
    def name(self) -> str:
        """Its name in the language that is spoken; one that is not known any more stands as it is."""
        return _(LABELS.get(self, self))


LABELS = {
    "confirmed": N_("Visit confirmed"),
    "rescheduled": N_("Visit moved"),
    "payment_failed": N_("Payment failed"),
    "cancelled": N_("Visit cancelled"),
    "slot_lost": N_("Money came too late"),
    "refunded": N_("Refund sent"),
    "refund_failed": N_("Refund not gone through"),
    "reminder": N_("Reminder of a visit"),
    "reminder_soon": N_("Visit in two hours"),
    "hold_made": N_("Time held by the desk"),
    "hold_ends": N_("Hold ends soon"),
    "day_closed": N_("Doctor away after all"),
    "unpaid": N_("Time still free"),
    "verify_mail": N_("Confirm the email"),
    "reset_password": N_("Choose a new password"),
    "sign_in_code": N_("Sign-in code"),
    "email_code": N_("Code for a new email"),
    "erase_code": N_("Code to erase the account"),
    "email_changed": N_("Email changed"),
    "number_changed": N_("Number changed"),
    "password_changed": N_("Password changed"),
    "staff_invited": N_("Sign-in at the clinic"),
    "case_opened": N_("Cases at the desk"),
}
