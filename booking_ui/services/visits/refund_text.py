"""Refunds in words for the patient."""

from __future__ import annotations

from collections.abc import Iterable

from booking_ui.config.settings import settings
from booking_ui.db import queues
from booking_ui.db.models import Payment, Refund
from booking_ui.domain.money import rupees
from booking_ui.domain.payment import RefundStatus
from booking_ui.domain.refund_policy import REFUND_TAKES
from booking_ui.languages import _

USUAL = 2 * queues.REFUNDS.lease  # longer than the first try may be in a worker's hand


def owed_paise(refunds: Iterable[Refund]) -> int:
    """Paise that should have gone back and did not: refunds that failed and were not replaced."""
    return sum(
        r.amount_paise
        for r in refunds
        if r.status is RefundStatus.FAILED and r.replaced_by_id is None and r.dispute_id is None
    )


def owed(paise: int) -> str:
    """The sentence about a refund that failed: the desk sends it again."""
    return _(
        "{amount} has not gone back yet. The clinic knows and will send it again; nothing for you to do. "
        "Questions? Call {phone}.",
        amount=rupees(paise),
        phone=settings().support_phone,
    )


def by_hand(refund: Refund) -> bool:
    """True for a refund that the clinic gives back itself: nothing of it is at Razorpay, on its way there, or waits."""
    return refund.gateway_refund_id is None and refund.next_attempt_at is None and refund.dispute_id is None


def waits(refund: Refund) -> bool:
    """True while a refund waits for the patient's bank, which may give the money back itself."""
    return refund.status is RefundStatus.PENDING and refund.dispute_id is not None


def label(payment: Payment, refunds: Iterable[Refund]) -> str:
    """The state of one booking's refunds; empty when there is none."""
    known = list(refunds)
    sent, handed = _counted(known)
    paise = owed_paise(known)
    said = (
        _on_its_way(payment, sent) if sent else "",
        given_by_hand(payment, handed) if handed else "",
        *_by_the_bank(payment, known),
        owed(paise) if paise else "",
    )
    return " ".join(filter(None, said))


def promise(payment: Payment, refunds: Iterable[Refund]) -> str:
    """The part of the payment that comes back, and its way, for a mail that may be read much later; empty if nothing does."""
    known = list(refunds)
    sent, handed = _counted(known)
    paise = owed_paise(known)
    said = (
        _("{total} goes back to where it was paid from.", total=_sum(payment, sent)) if sent else "",
        given_by_hand(payment, handed) if handed else "",
        *_by_the_bank(payment, known),
        owed(paise) if paise else "",
    )
    return " ".join(filter(None, said))


def given_by_hand(payment: Payment, refunds: list[Refund]) -> str:
    """The sentence about refunds that the clinic gives back itself."""
    given = all(r.status is RefundStatus.PROCESSED for r in refunds)
    total = _sum(payment, refunds)
    if given:
        return _("The clinic gave you {total} back by hand.", total=total)
    return _("The clinic gives you {total} back by hand.", total=total)


def waiting(refunds: Iterable[Refund]) -> str:
    """The sentence about refunds that wait for the bank; empty when none does."""
    paise = sum(r.amount_paise for r in refunds if waits(r))
    if not paise:
        return ""
    return _(
        "Your bank is looking into this payment. Once it has decided, you get {amount} back, from the bank or from us.",
        amount=rupees(paise),
    )


def _by_the_bank(payment: Payment, refunds: list[Refund]) -> tuple[str, str]:
    """The sentences about what waits for the bank, and about what the bank has taken back from us."""
    taken = payment.deducted_paise
    return waiting(refunds), _(
        "Your bank has taken {amount} back for you.", amount=rupees(taken)
    ) if taken else ""


def _counted(refunds: list[Refund]) -> tuple[list[Refund], list[Refund]]:
    """The refunds that count and wait for nobody: those of Razorpay, and those by hand."""
    counted = [r for r in refunds if r.status is not RefundStatus.FAILED and not waits(r)]
    return [r for r in counted if not by_hand(r)], [r for r in counted if by_hand(r)]


def any_by_razorpay(refunds: Iterable[Refund]) -> bool:
    """True when Razorpay has sent a part of it, or is about to."""
    return bool(_counted(list(refunds))[0])


def _sum(payment: Payment, refunds: list[Refund]) -> str:
    paise = sum(r.amount_paise for r in refunds)
    if paise < payment.amount_paise:
        return _("{amount} of {fee}", amount=rupees(paise), fee=rupees(payment.amount_paise))
    return rupees(paise)


def takes() -> str:
    """The sentence about the time that a refund needs."""
    return _("It takes {time}.", time=_(REFUND_TAKES))


def _on_its_way(payment: Payment, counted: list[Refund]) -> str:
    total = _sum(payment, counted)
    if all(r.status is RefundStatus.PROCESSED for r in counted):
        return " ".join((_("{total} was sent back to where you paid from.", total=total), takes()))
    if any(_held_up(r) for r in counted):
        return _(
            "We are sending {total} back to where you paid from. It takes longer than usual; you need not do anything.",
            total=total,
        )
    return _("{total} is on its way back to where you paid from.", total=total)


def _held_up(refund: Refund) -> bool:
    """True for a refund that Razorpay has not taken, and whose next try comes later than usual after its promise."""
    if refund.status is not RefundStatus.PENDING or refund.gateway_refund_id or not refund.next_attempt_at:
        return False
    return refund.next_attempt_at - refund.created_at > USUAL
