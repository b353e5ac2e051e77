"""A week of money at a clinic, made by the services: every way that money comes, goes back, waits or fails.

Dr Chandra (₹500)                                        Dr Ezhil (₹800)
C1 Asha   captured Mon 5                                 E1 Asha   let go, paid too late Mon 5; Razorpay refuses the refund
C2 Asha   captured Mon 5, again Tue 6; that one is       E1 Bilal  holds it: pending
          refunded on Wed 7                              E2 Asha   the payment failed on Mon 5
C3 Bilal  captured Mon 5, ₹200 refunded on Thu 8         E3 Bilal  ₹700 captured on Wed 7 instead of ₹800: all due back
C4 Bilal  paid at the desk on Mon 5
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlmodel import col, select, update

from booking_ui.db.models import Doctor, Payment, Refund, Slot, pk
from booking_ui.db.session import read, write
from booking_ui.domain.payment import AttemptStatus, PaymentFact, RefundFact, RefundStatus, Source
from booking_ui.domain.webhook_outcome import Group
from booking_ui.services.booking import claim as booking
from booking_ui.services.booking import hold_expiry
from booking_ui.services.desk import mark_payment
from booking_ui.services.payments import apply
from booking_ui.services.refunds import send
from tests.support.cast import FIRST_SLOT, NOW, Cast

MON, TUE, WED, THU = (NOW + timedelta(days=n) for n in range(4))
CHANDRA_FEE, EZHIL_FEE = 50_000, 80_000


@dataclass(frozen=True)
class Week:
    """References by their names above, and Dr Ezhil's id."""

    ezhil: int
    c1: str
    c2: str
    c3: str
    c4: str
    e1_asha: str
    e1_bilal: str
    e2: str
    e3: str


def a_doctor_with_slots() -> tuple[int, list[int]]:
    with write() as tx:
        doctor = Doctor(
            slug="dr-ezhil-mani", name="Dr Ezhil Mani", speciality="Dermatologist", qualifications="MBBS",
            practising_since=2012, languages=["Tamil"], city="Chennai", area="Adyar", address="4 Some Road",
            fee_paise=EZHIL_FEE,
        )  # fmt: skip
        tx.add(doctor)
        tx.flush()
        later = FIRST_SLOT + timedelta(days=4)
        starts = [later + timedelta(minutes=30 * n) for n in range(3)]
        slots = [Slot(doctor_id=pk(doctor), starts_at=s, ends_at=s + timedelta(minutes=30)) for s in starts]
        tx.add_all(slots)
        tx.flush()
        return pk(doctor), [pk(slot) for slot in slots]


def held(patient_id: int, slot_id: int, order: str, now: datetime = MON) -> tuple[int, str]:
    """(id, reference) of a hold whose order is at Razorpay."""
    view = booking.claim(patient_id=patient_id, slot_id=slot_id, now=now)
    with write() as tx:
        bill = update(Payment).where(col(Payment.appointment_id) == view.id)
        tx.exec(bill.values(gateway_order_id=f"order_{order}", opened_at=now))
    return view.id, view.reference


def razorpay_says(
    order: str, payment: str, status: str, paise: int, now: datetime, fee: int | None = None
) -> None:
    fact = PaymentFact(
        f"pay_{payment}", f"order_{order}", AttemptStatus(status), paise, "INR", method="upi", fee_paise=fee
    )
    assert apply.apply(fact=fact, source=Source.WEBHOOK, now=now) is not None


def refund_ends(payment: str, status: str, paise: int, now: datetime, *, ours: bool = True) -> None:
    with read() as tx:
        mine = select(Refund.idempotency_key).where(Refund.gateway_payment_id == f"pay_{payment}")
        key = tx.exec(mine).first() or ""
    fact = RefundFact(f"rfnd_{payment}", f"pay_{payment}", RefundStatus(status), paise, key if ours else "")
    assert send.settle(fact=fact, now=now).code.group is Group.APPLIED


def payment_id(appointment_id: int) -> int:
    with read() as tx:
        return tx.exec(select(Payment.id).where(Payment.appointment_id == appointment_id)).one() or 0


def live_through(cast: Cast) -> Week:
    """The week above; every refund is where it says at the end of Thursday."""
    ezhil, (e1, e2, e3) = a_doctor_with_slots()
    claim = partial(held, now=MON)
    _, c1 = claim(cast.asha, cast.slots[0], "c1")
    razorpay_says("c1", "c1", "captured", CHANDRA_FEE, MON, fee=1_180)
    _, c2 = claim(cast.asha, cast.slots[1], "c2")
    razorpay_says("c2", "c2", "captured", CHANDRA_FEE, MON, fee=1_180)
    razorpay_says("c2", "c2-again", "captured", CHANDRA_FEE, TUE, fee=1_180)
    refund_ends("c2-again", "processed", CHANDRA_FEE, WED)
    _, c3 = claim(cast.bilal, cast.slots[2], "c3")
    razorpay_says("c3", "c3", "captured", CHANDRA_FEE, MON)
    refund_ends("c3", "processed", 20_000, THU, ours=False)
    c4_id, c4 = claim(cast.bilal, cast.slots[3], "c4")
    mark = partial(mark_payment.mark, admin=cast.devi, reason="Paid in cash", reference="R-1")
    mark(payment_id=payment_id(c4_id), status="captured", now=MON)

    lost, e1_asha = claim(cast.asha, e1, "e1")
    hold_expiry.let_go(patient_id=cast.asha, appointment_id=lost, now=MON)
    _, e1_bilal = claim(cast.bilal, e1, "e1b")
    razorpay_says("e1", "e1", "captured", EZHIL_FEE, MON + timedelta(minutes=5))
    refund_ends("e1", "failed", EZHIL_FEE, WED)
    _, e2_ref = claim(cast.asha, e2, "e2")
    razorpay_says("e2", "e2", "failed", EZHIL_FEE, MON)
    _, e3_ref = claim(cast.bilal, e3, "e3")
    razorpay_says("e3", "e3", "captured", 70_000, WED)
    return Week(ezhil, c1, c2, c3, c4, e1_asha, e1_bilal, e2_ref, e3_ref)
