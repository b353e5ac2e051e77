"""The facts that audit rows state read alike in Python and in each database's SQL."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from sqlmodel import select

from booking_ui.db.models import Appointment, Payment, Person, Refund, Role
from booking_ui.db.seconds import in_words_of
from booking_ui.db.session import read, write
from booking_ui.services.booking import cancel, claim, reschedule
from booking_ui.services.journal import stated
from tests.support.cast import NOW, Cast
from tests.support.paying import paid_at_the_desk


def by_sql(text: str, table: str) -> list[str]:
    with read() as tx:
        query = in_words_of(tx.get_bind().dialect.name, f"SELECT {text} FROM {table} ORDER BY 1")
        return list(tx.connection().execute(sa.text(query)).scalars())


def test_a_visit_reads_alike_before_and_after_it_was_moved(cast: Cast) -> None:
    visit = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW).id
    paid_at_the_desk(cast, visit)
    for slot in cast.slots[:2]:
        reschedule.reschedule(patient_id=cast.asha, appointment_id=visit, slot_id=slot, now=NOW)
        with read() as tx:
            told = stated.visit(tx.get_one(Appointment, visit))
        assert [told] == by_sql(stated.VISIT, "appointment a")
        assert told.startswith(f"visit slot:{slot} doctor:{cast.chandra} ")
        assert told.endswith(" 50000 100 4:100")


def test_a_bill_reads_alike_before_and_after_the_desk_marked_it(cast: Cast) -> None:
    visits = [
        claim.claim(patient_id=patient, slot_id=slot, now=NOW).id
        for patient, slot in zip((cast.asha, cast.bilal), cast.slots, strict=False)
    ]
    paid_at_the_desk(cast, visits[0])
    with read() as tx:
        bills = sorted(stated.bill(one) for one in tx.exec(select(Payment)).all())
    assert bills == by_sql(stated.BILL, "payment p")
    assert bills[0] == "money 50000 INR - 0 - - -  "
    assert bills[1].endswith(" in cash")


def test_a_refund_reads_alike_with_and_without_razorpays_ids(cast: Cast) -> None:
    visit = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW).id
    paid_at_the_desk(cast, visit)
    cancel.cancel_by_policy(patient_id=cast.asha, appointment_id=visit, now=NOW)
    promised, nearly_a_second = str(int(NOW.timestamp())), timedelta(milliseconds=999.9)
    ids = {"gateway_payment_id": "pay_1", "gateway_refund_id": "rfnd_1"}
    for values, facts in (
        ({}, ["-", "-", promised, "-"]),
        (ids, ["pay_1", "rfnd_1", promised, "-"]),
        ({"refunded_at": NOW + nearly_a_second}, ["pay_1", "rfnd_1", promised, promised]),
    ):
        with write() as tx:
            one = tx.exec(select(Refund)).one()
            for name, value in values.items():
                setattr(one, name, value)
        with read() as tx:
            told = stated.refund(tx.exec(select(Refund)).one())
        assert [told] == by_sql(stated.REFUND, "refund r")
        assert told.split()[2:] == facts


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
