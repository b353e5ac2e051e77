"""The actions of patients and the desk. Each announces itself in the story, acts, and returns its outcome."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from sqlmodel import col, func, select, update

from booking_ui.db.models import Appointment, AuditEntry, DayOff, Doctor, Payment, PaymentAttempt, Refund, pk
from booking_ui.db.session import read, write
from booking_ui.domain.appointment import AppointmentStatus
from booking_ui.domain.causes import Cause
from booking_ui.domain.errors import BadSignature
from booking_ui.domain.payment import RefundStatus
from booking_ui.sandbox import errors
from booking_ui.sandbox.control import scripts
from booking_ui.sandbox.rest import orders, payments, refunds
from booking_ui.sandbox.store import Doc
from booking_ui.services.accounts import erasure, sessions
from booking_ui.services.booking import claim as booking
from booking_ui.services.booking import completion, hold_expiry
from booking_ui.services.booking.cancel import cancel_by_policy
from booking_ui.services.booking.reschedule import reschedule
from booking_ui.services.cases import reconciliation_cases
from booking_ui.services.desk import cancel as desk_cancelling
from booking_ui.services.desk import mark_payment, marked_and_paid
from booking_ui.services.desk import settle_refund as desk_refunds
from booking_ui.services.journal import audit
from booking_ui.services.payments import orders as our_payments
from booking_ui.services.schedule import leave
from tests.simulation.account import documents
from tests.simulation.stage import Broken, Crash
from tests.simulation.world import Tab, World
from tests.support.cast import FEE

OUTCOMES = {
    "success": 10, "late_authorized": 4, "upi_retry": 3, "authorized": 2, "amount_mismatch": 1, "second_late": 1,
    "unanswered": 1, "insufficient_fund": 2, "payment_cancelled": 2,
}  # fmt: skip
MONEY = {
    "any": OUTCOMES,
    "late": {"success": 3, "late_authorized": 6, "upi_retry": 3, "authorized": 1, "insufficient_fund": 2},
    "good": {"success": 1},
    "strange": {"success": 4, "amount_mismatch": 3, "second_late": 2, "authorized": 1},
}
"""Weights of the payments that are made, by the story's theme."""
LATER = (0, 240, 1200, 3600, 86_000, 200_000, 258_000)
"""Seconds until a bank changes its mind: at once, within the hold, up to three days."""

NOTHING = "nothing to do"


def _name(w: World, patient_id: int) -> str:
    return w.cast.patients[patient_id]


def _booking(w: World) -> tuple[int, int] | None:
    """The ids of a booking and its patient, the newest bookings more often."""
    known = list(w.bookings.items())
    return w.pick(known[-2:] if w.chance.random() < 0.6 else known) if known else None


def _wanted(w: World) -> int:
    """The slot that a patient wants; in a crowd it is the one a week ahead, which late money can still take."""
    slots = list(w.cast.slots)
    return slots[-1] if w.plan.conditions.crowd and w.chance.random() < 0.9 else w.pick(slots)


def claim(w: World) -> str:
    patient_id, slot_id = w.pick(list(w.cast.patients)), _wanted(w)
    w.stage.say(f"{_name(w, patient_id)} claims {w.cast.slots[slot_id]}")
    view = booking.claim(patient_id=patient_id, slot_id=slot_id, now=w.stage.now)
    w.bookings[view.id] = patient_id
    return f"held as booking {view.id}"


def _open(w: World, patient_id: int, appointment_id: int) -> Tab:
    view = our_payments.open_order(patient_id=patient_id, appointment_id=appointment_id, now=w.stage.now)
    tab = Tab(patient_id, appointment_id, view.reference, view.gateway_order_id)
    w.tabs.append(tab)
    return tab


def open_(w: World) -> str:
    if not (found := _booking(w)):
        return NOTHING
    appointment_id, patient_id = found
    w.stage.say(f"{_name(w, patient_id)} opens the payment of booking {appointment_id}")
    return f"checkout shows {_open(w, patient_id, appointment_id).order_id}"


def book(w: World) -> str:
    """Claim, open and pay in one go; the return from checkout is a step of its own."""
    patient_id, slot_id = w.pick(list(w.cast.patients)), _wanted(w)
    w.stage.say(f"{_name(w, patient_id)} claims {w.cast.slots[slot_id]} and pays")
    view = booking.claim(patient_id=patient_id, slot_id=slot_id, now=w.stage.now)
    w.bookings[view.id] = patient_id
    return f"held as booking {view.id}; {_checkout(w, _open(w, patient_id, view.id))}"


def pay(w: World) -> str:
    if not w.tabs:
        return NOTHING
    tab = w.pick(w.tabs[-3:])
    w.stage.say(f"{_name(w, tab.patient_id)} pays for booking {tab.appointment_id} in the checkout")
    return _checkout(w, tab)


def _checkout(w: World, tab: Tab) -> str:
    outcomes = MONEY[w.plan.conditions.money]
    (outcome,) = w.chance.choices(list(outcomes), list(outcomes.values()))
    body: dict[str, object] = {"outcome": outcome, "method": w.pick(("card", "upi", "netbanking"))}
    if outcome in ("late_authorized", "upi_retry", "second_late"):
        body["after"] = w.pick(LATER)
    box = w.account.box
    try:
        due = orders.get(box, tab.order_id).doc["amount"]
        if outcome == "success" and w.plan.conditions.fee_bearer == "customer":
            body["outcome"], body["amount"] = "amount_mismatch", due + due * 236 // 10_000
        if outcome == "amount_mismatch":
            body["amount"] = due + w.pick((-100, 100))
        with box.store.transaction():
            ended = scripts.pay(box, orders.get(box, tab.order_id), body)
    except errors.Refusal as refusal:
        return f"checkout refuses: {refusal.description}"
    signed = ended["checkout"]
    if "razorpay_signature" in signed:
        tab.signed = signed
    w.stage.tally.faults[f"payment: {outcome}"] += 1
    later = f", the bank changes its mind after {body['after']} s" if "after" in body else ""
    return f"{ended['payment']['id']} {outcome}{later}"


def come_back(w: World) -> str:
    tabs = [tab for tab in w.tabs if tab.signed]
    if not tabs:
        return NOTHING
    tab = w.pick(tabs)
    w.stage.say(f"{_name(w, tab.patient_id)} comes back from the checkout of booking {tab.appointment_id}")
    said = _return(tab)
    our_payments.returned(
        order_id=said["order_id"],
        payment_id=said["payment_id"],
        signature=said["signature"],
        now=w.stage.now,
        reference=tab.reference,
        patient_id=tab.patient_id,
    )
    return "heard"


def _return(tab: Tab) -> dict[str, str]:
    return {name: tab.signed[f"razorpay_{name}"] for name in ("order_id", "payment_id", "signature")}


def forge(w: World) -> str:
    """A return that Razorpay did not sign, or signed for something else."""
    tabs = [tab for tab in w.tabs if tab.signed]
    if not tabs:
        return NOTHING
    tab, other = w.pick(tabs), w.pick(w.tabs)
    claimed = _return(tab)
    kind = w.pick(("signature", "payment", "order", "nothing"))
    if kind == "signature":
        claimed["signature"] = claimed["signature"][:-1] + ("0" if claimed["signature"][-1] != "0" else "1")
    elif kind == "payment":
        claimed["payment_id"] = "pay_AAAAAAAAAAAAAA"
    elif kind == "order" and other.order_id != tab.order_id:
        claimed["order_id"] = other.order_id
    else:
        claimed["signature"] = ""
    w.stage.fault("return: forged", f"a forged return arrives, wrong {kind}")
    try:
        our_payments.returned(
            order_id=claimed["order_id"],
            payment_id=claimed["payment_id"],
            signature=claimed["signature"],
            now=w.stage.now,
        )
    except BadSignature:
        return "refused: bad_signature"
    raise Broken("a forged return was accepted")


def look(w: World) -> str:
    if not (found := _booking(w)):
        return NOTHING
    appointment_id, patient_id = found
    w.stage.say(f"{_name(w, patient_id)} looks at booking {appointment_id}")
    view = our_payments.check(patient_id=patient_id, appointment_id=appointment_id, now=w.stage.now)
    moved = (
        _move(w, patient_id, appointment_id) if view.phase == "confirmed" and w.chance.random() < 0.5 else ""
    )
    return f"sees {view.phase}{moved}"


def _move(w: World, patient_id: int, appointment_id: int) -> str:
    """Reschedule a confirmed visit."""
    slot_id = w.pick(list(w.cast.slots))
    w.stage.say(f"{_name(w, patient_id)} moves booking {appointment_id} to {w.cast.slots[slot_id]}")
    return f"; {reschedule(patient_id=patient_id, appointment_id=appointment_id, slot_id=slot_id, now=w.stage.now).when_label}"


def try_again(w: World) -> str:
    if not (found := _booking(w)):
        return NOTHING
    appointment_id, patient_id = found
    w.stage.say(f"{_name(w, patient_id)} tries booking {appointment_id} again")
    view = booking.try_again(patient_id=patient_id, appointment_id=appointment_id, now=w.stage.now)
    paid = ""
    if view.phase == "holding" and w.chance.random() < 0.6:
        paid = f"; {_checkout(w, _open(w, patient_id, appointment_id))}"
    return f"{view.phase}{paid}"


def let_go(w: World) -> str:
    if not (found := _booking(w)):
        return NOTHING
    appointment_id, patient_id = found
    w.stage.say(f"{_name(w, patient_id)} lets booking {appointment_id} go")
    before = _last_hold(appointment_id)
    try:
        view = hold_expiry.let_go(patient_id=patient_id, appointment_id=appointment_id, now=w.stage.now)
    except Crash:
        if _is_let_go(appointment_id):
            _remember_let_go(w, appointment_id, before)
        raise
    _remember_let_go(w, appointment_id, before)
    return view.phase


def _is_let_go(appointment_id: int) -> bool:
    with read() as tx:
        return tx.get_one(Appointment, appointment_id).status_cause is Cause.LET_GO


def _remember_let_go(w: World, appointment_id: int, last_hold: int) -> None:
    """Remember that a booking was let go, unless its time was held again in the meantime."""
    with read() as tx:
        newest = tx.exec(select(func.max(AuditEntry.id))).one() or 0
    if _last_hold(appointment_id) == last_hold:
        w.let_go[audit.booking(appointment_id)] = newest


def _last_hold(appointment_id: int) -> int:
    """The id of the audit row by which the booking was held last."""
    held = select(func.max(AuditEntry.id)).where(
        AuditEntry.subject == audit.booking(appointment_id), AuditEntry.after == "pending_payment"
    )
    with read() as tx:
        return tx.exec(held).one() or 0


def cancel(w: World) -> str:
    if not (found := _booking(w)):
        return NOTHING
    appointment_id, patient_id = found
    w.stage.say(f"{_name(w, patient_id)} cancels booking {appointment_id}")
    done = cancel_by_policy(patient_id=patient_id, appointment_id=appointment_id, now=w.stage.now)
    return f"cancelled, {done.refund_paise} paise go back"


def mark(w: World) -> str:
    with read() as tx:
        known = tx.exec(select(Payment.id, Payment.appointment_id).order_by(col(Payment.id))).all()
    if not known:
        return NOTHING
    payment_id, appointment_id = w.pick(known)
    status = w.pick(("captured", "captured", "failed", "refunded"))
    cash, reference = _why_marked(w, appointment_id) if status == "captured" else (False, "")
    w.stage.say(f"Devi marks the payment of booking {appointment_id} {status} {reference}".rstrip())
    with _perhaps_away(w), _true_if_marked(w, payment_id, cash and appointment_id) as reason:
        mark_payment.mark(
            admin=w.cast.devi,
            payment_id=payment_id or 0,
            status=status,
            reason=reason,
            reference=reference,
            now=w.stage.now,
        )
    return "marked"


def _why_marked(w: World, appointment_id: int) -> tuple[bool, str]:
    """What is true of a mark, and its reference: cash in the till (True), or a payment at Razorpay."""
    theirs = [str(p["id"]) for p in payments_for(w, appointment_id)]
    others = [str(p["id"]) for p in documents(w.account.box, "payment") if p["id"] not in theirs]
    kind = w.pick(("cash", "by id", "by id", "without an id", "mistyped", "another's"))
    if kind == "cash" or not theirs:
        return True, w.pick(("", "R-17"))
    w.stage.fault(f"mark: {kind}")
    if kind == "another's" and others:
        return False, others[-1]  # a payment that just came, of which we may not have heard
    return False, {"by id": theirs[-1], "mistyped": "pay_ZZZZZZZZZZZZZZ"}.get(kind, "")


@contextmanager
def _true_if_marked(w: World, payment_id: int | None, paid_in_cash: int) -> Iterator[str]:
    """A reason of its own for a mark. Cash is in the till of that booking (0: of none) once the mark was stored, also by
    a process that died after it; a mark that was refused changes nothing."""
    reason = f"by phone, {w.stage.tally.steps}"
    try:
        yield reason
    finally:
        with read() as tx:
            stored = tx.exec(select(Payment.mark_reason).where(Payment.id == payment_id)).one()
        if paid_in_cash and stored == reason:
            w.paid_in_cash.add(paid_in_cash)


def payments_for(w: World, appointment_id: int) -> list[Doc]:
    """Razorpay's payments of every order that was opened for a booking, oldest first."""
    with read() as tx:
        reference = tx.exec(select(Appointment.reference).where(Appointment.id == appointment_id)).one()
    box = w.account.box
    ours = {o["id"] for o in documents(box, "order") if booking_of(o["receipt"]) == reference}
    return [p for p in documents(box, "payment") if p["order_id"] in ours]


def booking_of(receipt: str) -> str:
    """The booking's reference in an order's receipt; a later order of the same booking has a number behind it."""
    return receipt.partition("-")[0]


@contextmanager
def _perhaps_away(w: World) -> Iterator[None]:
    """Razorpay is away at just that moment, every second time."""
    before = w.account.wire.trouble
    if w.chance.random() < 0.5:
        w.account.wire.trouble = 1.0
    try:
        yield
    finally:
        w.account.wire.trouble = before


def desk_cancel(w: World) -> str:
    if not (found := _booking(w)):
        return NOTHING
    appointment_id, _ = found
    refund: desk_cancelling.Wanted = w.pick(("policy", "full", "none", 10_000))
    w.stage.say(f"Devi cancels booking {appointment_id}, refund: {refund}")
    done = desk_cancelling.cancel_for_patient(
        admin=w.cast.devi, appointment_id=appointment_id, refund=refund, reason="by phone", now=w.stage.now
    )
    return f"cancelled, {done.refund_paise} paise go back"


def decide_payment(w: World) -> str:
    """The desk says whose money a payment is that Razorpay captured for a booking marked as paid."""
    waiting = [case for case in reconciliation_cases.open_cases() if case.decision == "payment"]
    if not waiting:
        return NOTHING
    case = w.pick(waiting)
    decision = whose_money(w, case.subject)
    w.stage.say(f"Devi decides about {case.subject}: {decision}")
    marked_and_paid.decide(
        admin=w.cast.devi, case_id=case.id, decision=decision, note="by phone", now=w.stage.now
    )
    return "decided"


def whose_money(w: World, subject: str) -> marked_and_paid.Decision:
    """The truth about a payment: it is the marked one unless cash was paid, another was kept, or its amount is wrong."""
    with read() as tx:
        attempt, bill = tx.exec(
            select(PaymentAttempt, Payment)
            .join(Payment, col(Payment.id) == PaymentAttempt.payment_id)
            .where(PaymentAttempt.gateway_payment_id == subject)
        ).one()
    second = bill.appointment_id in w.paid_in_cash or bill.gateway_payment_id is not None
    return "second" if second or attempt.amount_paise != bill.amount_paise else "same"


def change_doctor(w: World) -> str:
    """The desk changes something at the doctor: the fee, or a day that is closed from now on."""
    return _change_fee(w) if w.chance.random() < 0.5 else _close_day(w)


def _change_fee(w: World) -> str:
    w.advance(1)
    fee = w.pick((FEE, FEE + 10_000))
    w.stage.say(f"Dr Chandra's fee becomes {fee} paise")
    try:
        with write() as tx:
            tx.exec(update(Doctor).values(fee_paise=fee))
    finally:
        with read() as tx:  # a process that died may have changed it or not
            w.fees.append((w.stage.now, tx.exec(select(Doctor.fee_paise)).one()))
        w.advance(1)  # whatever happens from here on comes after it
    return ""


def _close_day(w: World) -> str:
    """Close the day of a slot. Its free times go; visits and holds stay until they end."""
    w.advance(1)
    day = w.cast.days[w.pick(list(w.cast.slots))]
    w.stage.say(f"Devi closes {day}: Dr Chandra is at a conference")
    try:
        stay = leave.close_days(
            admin=w.cast.devi,
            doctor_id=w.cast.chandra,
            first_day=day,
            last_day=day,
            name="conference",
            now=w.stage.now,
        )
    finally:
        with read() as tx:
            closed = tx.exec(select(DayOff.id).where(DayOff.first_day == day)).first()
        if closed:  # also by a process that died after it
            for slot_id, its_day in w.cast.days.items():
                if its_day == day:
                    w.closed.setdefault(slot_id, w.stage.now)
            w.advance(1)  # whatever happens from here on comes after it
    return f"{len(stay)} visits stay"


def erase(w: World) -> str:
    """A patient erases the account, if nothing lies ahead and no money is on its way; bookings stay without a name."""
    patient_id = w.pick(list(w.cast.patients))
    w.stage.say(f"{_name(w, patient_id)} erases the account")
    with write() as tx:
        person = sessions.lock_person(tx, patient_id)
        if person.erased_at or erasure.is_still_needed(tx, patient_id, w.stage.now):
            return "refused: still needed"
        erasure.erase_person(tx, person, w.stage.now)
    return "erased"


def conclude(w: World) -> str:
    with read() as tx:
        begun = tx.exec(
            select(Appointment)
            .where(
                Appointment.status == AppointmentStatus.CONFIRMED,
                col(Appointment.starts_at) <= w.stage.now,
            )
            .order_by(col(Appointment.id))
        ).all()
    if not begun:
        return NOTHING
    visit = w.pick(begun)
    status = w.pick((AppointmentStatus.COMPLETED, AppointmentStatus.NO_SHOW))
    w.stage.say(f"Devi concludes booking {visit.id} as {status.value}")
    completion.conclude(admin=w.cast.devi, appointment_id=pk(visit), status=status, now=w.stage.now)
    return "concluded"


def settle_refund(w: World) -> str:
    """The desk settles one refund that failed for good."""
    waiting = failed_refunds()
    if not waiting:
        return NOTHING
    refund, way = w.pick(waiting), w.pick(WAYS)
    w.stage.say(f"Devi settles failed refund {refund.id}: {way}")
    desk_refunds.settle(admin=w.cast.devi, refund_id=pk(refund), way=way, reason="by phone", now=w.stage.now)
    return "settled"


WAYS: tuple[desk_refunds.Way, ...] = ("again", "by_hand")


def failed_refunds() -> list[Refund]:
    """Failed refunds that no other refund and no lost dispute made good, oldest first."""
    with read() as tx:
        failed = select(Refund).where(
            Refund.status == RefundStatus.FAILED,
            col(Refund.replaced_by_id).is_(None),
            col(Refund.dispute_id).is_(None),
        )
        return list(tx.exec(failed.order_by(col(Refund.id))).all())


def decide(w: World) -> str:
    """The desk keeps or cancels a visit whose money all went back at Razorpay."""
    waiting = [case for case in reconciliation_cases.open_cases() if case.decision == "visit"]
    if not waiting:
        return NOTHING
    case, decision = w.pick(waiting), w.pick(DECISIONS)
    w.stage.say(f"Devi decides about the refunded visit {case.subject}: {decision}")
    reconciliation_cases.decide(
        admin=w.cast.devi, case_id=case.id, decision=decision, note="by phone", now=w.stage.now
    )
    return "decided"


DECISIONS: tuple[reconciliation_cases.Decision, ...] = ("cancel", "keep")


def dashboard_refund(w: World) -> str:
    """Give money back at Razorpay's own dashboard, past us."""
    box = w.account.box
    paid = [p for p in documents(box, "payment") if p["captured"] and left_there(w, p) >= 200]
    if not paid:
        return NOTHING
    chosen = w.pick(paid)
    left = left_there(w, chosen)
    amount = w.pick((left, left, left // 2))
    w.stage.fault(
        "refund: at the dashboard", f"{amount} paise of {chosen['id']} go back at Razorpay's dashboard"
    )
    with box.store.transaction(), patch.object(box.switches, "refunds", w.pick(("processed", "pending"))):
        made = refunds.create(box, payments.get(box, chosen["id"]), {"amount": amount})
    w.past_us = True
    if amount == left:
        with read() as tx:
            w.gone[chosen["id"]] = tx.exec(select(func.max(AuditEntry.id))).one() or 0
    return made.id


def left_there(w: World, payment: Doc) -> int:
    """Paise of a payment that neither refunds nor lost disputes have taken from what Razorpay holds."""
    lost = [d for d in documents(w.account.box, "dispute") if d["payment_id"] == payment["id"]]
    return int(payment["amount"] - payment["amount_refunded"] - sum(d["amount_deducted"] for d in lost))


def second_capture(w: World) -> str:
    """Pay a paid order once more. Razorpay promises to prevent it; we must survive it."""
    box = w.account.box
    paid = [order for order in documents(box, "order") if order["status"] == "paid"]
    if not paid:
        return NOTHING
    order = w.pick(paid)
    with box.store.transaction():
        attempt = payments.start(box, orders.get(box, order["id"]), payments.Attempt())
        payments.mark_authorized(box, attempt)
        payments.mark_captured(box, attempt)
    w.past_us = True
    w.stage.fault("payment: captured twice", f"{order['id']} is paid a second time, by {attempt.id}")
    return "captured twice"


ACTIONS = {
    "claim": claim, "open": open_, "book": book, "pay": pay, "come_back": come_back, "forge": forge, "look": look,
    "try_again": try_again, "let_go": let_go, "cancel": cancel, "mark": mark, "conclude": conclude,
    "settle_refund": settle_refund, "decide": decide, "decide_payment": decide_payment, "desk_cancel": desk_cancel,
    "change_doctor": change_doctor, "erase": erase,
    "dashboard_refund": dashboard_refund, "second_capture": second_capture,
}  # fmt: skip
