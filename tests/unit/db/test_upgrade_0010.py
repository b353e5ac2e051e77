"""Revision 0010: its new columns are filled from what the rows of before say, and the way back loses no order."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from sqlmodel import select

from booking_ui.db.models import Appointment, Payment, RetiredOrder
from booking_ui.db.session import database, read, write
from booking_ui.services.booking import claim, hold_expiry
from tests.support.cast import NOW, Cast
from tests.support.databases import to_revision
from tests.support.paying import bill_of, paid_at_the_desk

AGAIN = NOW + timedelta(minutes=3)
MARKED = "pay_marked00000001"


def before(*statements: str) -> None:
    """Bring the database back to revision 0009, and change what its desk wrote there."""
    to_revision(database().url, "downgrade", "0009")
    with database().engine.begin() as tx:
        for one in statements:
            tx.execute(sa.text(one))


def upgraded() -> None:
    to_revision(database().url, "upgrade", "head")


def test_a_hold_that_runs_is_known_by_its_last_beginning(cast: Cast) -> None:
    renewed, ended = (claim.claim(patient_id=cast.asha, slot_id=slot, now=NOW).id for slot in cast.slots[:2])
    for one in (renewed, ended):
        hold_expiry.let_go(patient_id=cast.asha, appointment_id=one, now=NOW)
    assert claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=AGAIN).id == renewed
    before()
    upgraded()
    with read() as tx:
        began = tx.exec(select(Appointment.held_at).order_by(sa.column("id"))).all()
    assert began == [AGAIN, None]


def test_of_the_desks_references_only_a_payments_id_names_the_marked_payment_and_only_once(
    cast: Cast,
) -> None:
    visits = [claim.claim(patient_id=cast.asha, slot_id=slot, now=NOW).id for slot in cast.slots[:3]]
    for one in visits:
        paid_at_the_desk(cast, one)
    named, twice, cash = (bill_of(one).id for one in visits)
    before(
        f"UPDATE payment SET mark_reference = '{MARKED}' WHERE id IN ({named}, {twice})",
        f"UPDATE payment SET mark_reference = 'receipt 17' WHERE id = {cash}",
    )
    upgraded()
    assert [bill_of(one).marked_payment_id for one in visits] == [MARKED, None, None]
    assert {bill_of(one).recorded_at for one in visits} == {NOW}


def test_a_bill_without_an_open_order_has_its_retired_one_on_the_way_back(cast: Cast) -> None:
    visit = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW).id
    with write() as tx:
        tx.add(RetiredOrder(payment_id=bill_of(visit).id or 0, gateway_order_id="order_1", retired_at=NOW))
    before()
    with read() as tx:
        assert tx.exec(select(Payment.gateway_order_id)).one() == "order_1"
    upgraded()
    assert bill_of(visit).gateway_order_id == "order_1"
