"""A refund that waits for a dispute: the desk may send it all the same."""

from __future__ import annotations

from datetime import datetime

from booking_ui.db import locks
from booking_ui.db.models import Payment, Refund, pk
from booking_ui.db.session import read, write
from booking_ui.domain import actors
from booking_ui.domain.errors import BadInput, NotFound, WrongState
from booking_ui.domain.money import rupees
from booking_ui.domain.reason import reason_problems
from booking_ui.languages import _
from booking_ui.services.journal import audit
from booking_ui.services.journal.audit import Action
from booking_ui.services.refunds import dispute_holds, send
from booking_ui.services.views import Principal


def send_all_the_same(*, admin: Principal, refund_id: int, reason: str, now: datetime) -> str:
    """Send a refund although the patient's bank may take the money back too; returns its sum as a label.

    Disputes that are known by now do not stop it again; a new one does, until it has left.

    Raises NotFound, BadInput, and WrongState for one that does not wait for a dispute, or whose money is back already.
    """
    if wrong := reason_problems(reason):
        raise BadInput(*wrong)
    with read() as tx:
        known = tx.get(Refund, refund_id)
        bill = tx.get(Payment, known.payment_id) if known else None
    if known is None or bill is None:
        raise NotFound
    if dispute_holds.is_waiting(known):
        send.refuse_overdraft(known.gateway_payment_id, known.amount_paise, now)
    with write() as tx:
        _slot, _appointment, payment = locks.booking(tx, bill.appointment_id)
        refund = next(one for one in locks.refunds_of(tx, pk(payment)) if one.id == refund_id)
        if not dispute_holds.is_waiting(refund):
            raise WrongState(_("This refund does not wait for a dispute any more."))
        actor = actors.signed_in(admin)
        audit.note(
            tx,
            payment.appointment_id,
            Action.SETTLED,
            actor=actor,
            after="all_the_same",
            reason=reason.strip(),
            now=now,
        )
        dispute_holds.release(tx, payment, refund, actor=actor, now=now)
    return rupees(refund.amount_paise)
