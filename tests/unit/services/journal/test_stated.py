"""The facts that audit rows state read alike in Python and in each database's SQL."""

from __future__ import annotations

import sqlalchemy as sa
from sqlmodel import select

from booking_ui.db.models import Payment, Person, Refund, Role
from booking_ui.db.session import read, write
from booking_ui.services.booking import cancel, claim
from booking_ui.services.journal import stated
from tests.support.cast import NOW, Cast
from tests.support.paying import paid_at_the_desk


def by_sql(text: str, table: str) -> list[str]:
    with read() as tx:
        return list(tx.connection().execute(sa.text(f"SELECT {text} FROM {table} ORDER BY 1")).scalars())


def test_a_bill_reads_alike_before_and_after_the_desk_marked_it(cast: Cast) -> None:
    visits = [
        claim.claim(patient_id=patient, slot_id=slot, now=NOW).id
        for patient, slot in zip((cast.asha, cast.bilal), cast.slots, strict=False)
    ]
    paid_at_the_desk(cast, visits[0])
    with read() as tx:
        bills = sorted(stated.bill(one) for one in tx.exec(select(Payment)).all())
    assert bills == by_sql(stated.BILL, "payment p")
    assert bills[0] == "bill 50000 INR - - -  "
    assert bills[1].endswith(" in cash")


def test_a_refund_reads_alike_with_and_without_razorpays_ids(cast: Cast) -> None:
    visit = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW).id
    paid_at_the_desk(cast, visit)
    cancel.cancel_by_policy(patient_id=cast.asha, appointment_id=visit, now=NOW)
    for ids in ({}, {"gateway_payment_id": "pay_1", "gateway_refund_id": "rfnd_1"}):
        with write() as tx:
            one = tx.exec(select(Refund)).one()
            for name, value in ids.items():
                setattr(one, name, value)
        with read() as tx:
            told = stated.refund(tx.exec(select(Refund)).one())
        assert [told] == by_sql(stated.REFUND, "refund r")
        assert told.split()[2:] == list(ids.values() or ("-", "-"))


def test_a_role_names_the_doctor_whose_day_it_opens(cast: Cast) -> None:
    with write() as tx:
        tx.add(
            Person(
                name="Dr Chandra Rao",
                email="chandra@example.com",
                phone="+919800000002",
                password_hash="-",
                role=Role.DOCTOR,
                doctor_id=cast.chandra,
                created_at=NOW,
            )
        )
    with read() as tx:
        roles = sorted(stated.role(one) for one in tx.exec(select(Person)).all())
    assert roles == by_sql(stated.ROLE, "person h") == ["", "", "", f"doctor:{cast.chandra}"]
