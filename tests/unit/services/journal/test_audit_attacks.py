"""History changed by hand in the database, by somebody who knows all of this code and not the key: every way is found."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import col, select, update

from booking_ui.db.models import AuditEntry, Payment, Refund
from booking_ui.db.session import database, read, write
from booking_ui.domain.clock import iso
from booking_ui.domain.payment import RefundFact, RefundStatus
from booking_ui.services.booking import cancel, claim, reschedule
from booking_ui.services.desk import cancel as desk_cancel
from booking_ui.services.desk import refund
from booking_ui.services.journal import audit, audit_roots
from booking_ui.services.journal.audit import Action
from booking_ui.services.journal.audit_proof import Scope
from booking_ui.services.payments import webhook_inbox
from booking_ui.services.refunds import send
from booking_ui.services.upkeep import invariants
from booking_ui.services.views import Principal
from tests.support.cast import NOW, Cast
from tests.support.paying import paid_at_the_desk
from tests.support.webhooks import body, deliver

ORDER = "order_TVCpvdEADkAoMJ"
REFUNDED, MARKED = "appointment:1", "appointment:2"


@pytest.fixture
def lived(cast: Cast, dead_gateway: str) -> Cast:
    """Asha paid, cancelled and was refunded; Bilal paid at the desk. Roots cover both, the first before the refund."""
    hers = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
    with write() as tx:
        tx.exec(update(Payment).where(col(Payment.appointment_id) == hers.id).values(gateway_order_id=ORDER))
    deliver(body("payment.captured"))
    webhook_inbox.process_due(now=NOW)
    his = claim.claim(patient_id=cast.bilal, slot_id=cast.slots[1], now=NOW)
    paid_at_the_desk(cast, his.id)
    audit_roots.extend(now=NOW)
    cancel.cancel_by_policy(patient_id=cast.asha, appointment_id=hers.id, now=NOW)
    with read() as tx:
        due = tx.exec(select(Refund)).one()
    fact = RefundFact(
        "rfnd_1", due.gateway_payment_id, RefundStatus.PROCESSED, due.amount_paise, due.idempotency_key
    )
    send.settle(fact=fact, now=NOW)
    audit_roots.extend(now=NOW)
    assert (hers.id, his.id) == (1, 2)
    return cast


def faults(seen: str = "") -> list[str]:
    counts = invariants.count(now=NOW, only=invariants.AUDIT, scope=Scope(seen=seen))
    return [f"{one.subject}: {one.fault}" for count in counts for one in count.violations]


def by_hand(*statements: str, **values: object) -> None:
    with database().engine.begin() as tx:
        for statement in statements:
            text = sa.text(statement)
            tx.execute(text, {name: values[name] for name in text.compile().params})


def entries(subject: str) -> list[dict[str, Any]]:
    with read() as tx:
        return [row.model_dump() for row in audit.trail(tx, subject)]


def forged(rows: list[dict[str, Any]], key_id: str | None = None) -> list[dict[str, Any]]:
    """The rows with fresh sha256 instead of the hash that needs the key."""
    previous = audit.GENESIS
    for row in rows:
        row["previous_hash"] = previous
        row["key_id"] = row["key_id"] if key_id is None else key_id
        facts = [iso(row[name]) if name == "at" else row[name] for name in audit.FACTS]
        row["hash"] = previous = hashlib.sha256(json.dumps(["entry", *facts]).encode()).hexdigest()
    return rows


def put_back(rows: list[dict[str, Any]]) -> None:
    """Store a chain anew, with its length and head, as well as it can be done without the key."""
    subject = rows[0]["subject"]
    with database().engine.begin() as tx:
        tx.execute(sa.delete(AuditEntry).where(col(AuditEntry.subject) == subject))
        tx.execute(sa.insert(AuditEntry), rows)
    by_hand(
        "UPDATE audit_chain SET length = :length, head = :head, rooted_length = :length WHERE subject = :subject",
        length=len(rows),
        head=rows[-1]["hash"],
        subject=subject,
    )


def test_nobody_is_accused_where_nothing_was_changed(lived: Cast) -> None:
    assert faults() == []
    assert faults(seen=audit_roots.newest_name()) == []


def rewrite_a_chain() -> None:
    rows = entries(REFUNDED)
    rows[2]["actor"] = "worker"
    put_back(forged(rows))


def rewrite_a_chain_without_a_key() -> None:
    rows = entries(REFUNDED)
    rows[2]["actor"] = "worker"
    put_back(forged(rows, key_id=""))


def remove_the_tail() -> None:
    """The refund never happened: its last two rows go, and every row of today's state goes back with them."""
    put_back(entries(REFUNDED)[:-2])
    by_hand(
        "UPDATE payment SET status = 'refund_pending' WHERE appointment_id = 1",
        "UPDATE refund SET status = 'pending', gateway_refund_id = NULL",
    )


def remove_a_chain() -> None:
    by_hand(
        "DELETE FROM audit_entry WHERE subject = 'person:3'",
        "DELETE FROM audit_chain WHERE subject = 'person:3'",
        "UPDATE person SET role = 'patient' WHERE id = 3",
    )


def remove_a_booking() -> None:
    """Everything of the booking goes, its leaves in the roots too."""
    by_hand(
        "DELETE FROM notification WHERE appointment_id = 2",
        "DELETE FROM payment WHERE appointment_id = 2",
        "DELETE FROM appointment WHERE id = 2",
        "DELETE FROM audit_entry WHERE subject = 'appointment:2'",
        "DELETE FROM audit_chain WHERE subject = 'appointment:2'",
        "DELETE FROM audit_leaf WHERE subject = 'appointment:2'",
    )


def say_that_its_time_was_over() -> None:
    """A chain goes, and its leaf says that it was removed in good order."""
    remove_a_chain()
    by_hand("UPDATE audit_leaf SET length = 0, head = '' WHERE subject = 'person:3'")


def reorder_rows() -> None:
    by_hand(
        "UPDATE audit_entry SET seq = 99 WHERE subject = 'appointment:1' AND seq = 3",
        "UPDATE audit_entry SET seq = 3 WHERE subject = 'appointment:1' AND seq = 4",
        "UPDATE audit_entry SET seq = 4 WHERE subject = 'appointment:1' AND seq = 99",
    )


def forge_a_row() -> None:
    rows = entries(MARKED)
    extra = {**rows[-1], "id": 9999, "seq": len(rows) + 1, "action": "alarm", "after": "", "facts": ""}
    put_back([*rows, *forged([*rows, extra])[-1:]])


def replay_an_old_head(before: dict[str, Any], rows: list[dict[str, Any]]) -> None:
    """Everything goes back to a moment of before, with the seal that was right then."""
    put_back(rows)
    by_hand("UPDATE audit_chain SET seal = :seal WHERE subject = 'appointment:1'", seal=before["seal"])


def move_and_change(what: str) -> Callable[[], None]:
    """The patient moves the visit, and its row is changed afterwards."""

    def attack() -> None:
        reschedule.reschedule(patient_id=2, appointment_id=2, slot_id=3, now=NOW)
        assert faults() == []
        by_hand(f"UPDATE appointment SET {what} WHERE id = 2")

    return attack


def cancel_and_keep_more() -> None:
    """The desk cancels, keeps a part and gives some of that back later; then the row says that more was kept."""
    devi = Principal(3, "Devi", "devi@example.com", "+919800000001", "admin")
    desk_cancel.cancel_for_patient(admin=devi, appointment_id=2, refund=20_000, reason="by phone", now=NOW)
    assert faults() == []
    refund.refund(admin=devi, appointment_id=2, amount_paise=5_000, reason="by phone", now=NOW)
    assert faults() == []
    by_hand("UPDATE payment SET retained_paise = 30000 WHERE appointment_id = 2")


VISIT, VISIT_1 = (f"appointment:{n}: its visit is not as its last audit row says" for n in (2, 1))
BILL_1 = "appointment:1: instant, kept part, sum, payment or mark of its bill"
SAME = "its last audit row says"
ATTACKS: list[tuple[str, Callable[[], object] | str, str]] = [
    ("a chain rewritten with fresh sha256", rewrite_a_chain, "row 1 was changed"),
    ("a chain rewritten as one without a key", rewrite_a_chain_without_a_key, "row 1 has no key"),
    ("the tail of a chain removed", remove_the_tail, "its length and head were changed"),
    ("a chain removed", remove_a_chain, "its first 1 rows are not those that root 1 covers"),
    ("all of a booking removed", remove_a_booking, "root:1: it or what it covers was changed"),
    ("a chain's removal declared", say_that_its_time_was_over, "root:1: it or what it covers was changed"),
    ("rows reordered", reorder_rows, "a row is missing before number 3"),
    ("a row forged", forge_a_row, "row 5 was changed"),
    ("a mark's reason", "UPDATE payment SET mark_reason = 'by card' WHERE id = 2", "sum, payment or mark"),
    ("a mark's admin", "UPDATE payment SET marked_by_id = 1 WHERE id = 2", "sum, payment or mark"),
    ("a refund's id", "UPDATE refund SET gateway_refund_id = 'rfnd_2'", "refund 1 is processed or has a sum"),
    ("a refund's payment", "UPDATE refund SET gateway_payment_id = 'pay_2'", "refund 1 is processed or has a"),
    ("a refund's status", "UPDATE refund SET status = 'failed'", "refund 1 is failed or has a sum"),
    ("a bill's payment", "UPDATE payment SET gateway_payment_id = 'pay_2' WHERE id = 1", "sum, payment or mark"),
    ("a role", "UPDATE person SET role = 'admin' WHERE id = 1", "person:1: is admin, its last audit row says"),
    ("a doctor's day", "UPDATE person SET doctor_id = 1 WHERE id = 2", "person:2: is patient, its last audit"),
    ("an owner", "UPDATE appointment SET patient_id = 2 WHERE id = 1", "is of patient:2, its first audit row"),
    ("a status", "UPDATE appointment SET status = 'no_show' WHERE id = 2", f"appointment is no_show, {SAME}"),
    ("an amount", "UPDATE payment SET amount_paise = 40000 WHERE id = 2", "sum, payment or mark of its bill"),
    ("a visit's start", "UPDATE appointment SET starts_at = '2026-01-06 03:30:00' WHERE id = 2", VISIT),
    ("a visit's end", "UPDATE appointment SET ends_at = '2026-01-06 07:30:00' WHERE id = 2", VISIT),
    ("a visit's slot", "UPDATE appointment SET slot_id = 4 WHERE id = 2", VISIT),
    ("a slot's start", "UPDATE slot SET starts_at = '2026-01-06 03:30:00' WHERE id = 2", VISIT),
    ("a visit's fee", "UPDATE appointment SET fee_paise = 100 WHERE id = 1", VISIT_1),
    ("a frozen policy", "UPDATE appointment SET cancellation_policy = '0:100' WHERE id = 2", VISIT),
    ("a refund cap", "UPDATE appointment SET refund_cap_percent = 10 WHERE id = 2", VISIT),
    ("a moved visit's slot", move_and_change("slot_id = 2"), VISIT),
    ("a moved visit's cap", move_and_change("refund_cap_percent = 10"), VISIT),
    ("a capture's instant", "UPDATE payment SET captured_at = '2026-01-01 00:00:00' WHERE id = 1", BILL_1),
    ("a mark's instant", "UPDATE payment SET captured_at = '2026-01-01 00:00:00' WHERE id = 2", "of its bill are not"),
    ("a capture's instant removed", "UPDATE payment SET captured_at = NULL WHERE id = 1", BILL_1),
    ("what is kept", "UPDATE payment SET retained_paise = 100 WHERE id = 1", BILL_1),
    ("what is kept of a cancelled visit", cancel_and_keep_more, "appointment:2: instant, kept part"),
    ("a refund's instant", "UPDATE refund SET refunded_at = '2026-01-01 00:00:00' WHERE id = 1", "refund 1 is processed or has"),
    ("a refund's promise", "UPDATE refund SET created_at = '2026-01-01 00:00:00' WHERE id = 1", "refund 1 is processed or has"),
    ("a row's actor", "UPDATE audit_entry SET actor = 'worker' WHERE subject = 'appointment:2' AND seq = 3", "row 3 was"),
    ("a row's cause", "UPDATE audit_entry SET cause = 'paid' WHERE subject = 'appointment:1' AND seq = 1", "row 1 was"),
    ("a row's facts", "UPDATE audit_entry SET facts = '' WHERE subject = 'appointment:2' AND seq = 2", "row 2 was"),
    ("a head", "UPDATE audit_chain SET length = length + 1 WHERE subject = 'appointment:2'", "length and head"),
    ("a chain's own row", "DELETE FROM audit_chain WHERE subject = 'appointment:2'", "its length and head are gone"),
    ("a root's instant", "UPDATE audit_root SET at = '2026-01-01 00:00:00+00' WHERE number = 1", "root:1: it or what"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("attack", "fault"), [each[1:] for each in ATTACKS], ids=[each[0] for each in ATTACKS]
)
def test_an_attack_is_found(lived: Cast, attack: Callable[[], object] | str, fault: str) -> None:
    by_hand(attack) if isinstance(attack, str) else attack()
    assert fault in "\n".join(faults())


def test_a_chain_that_goes_back_in_time_with_its_old_seal_is_found(cast: Cast) -> None:
    booked = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
    with read() as tx:
        chain = (
            tx.execute(sa.text("SELECT * FROM audit_chain WHERE subject = 'appointment:1'")).mappings().one()
        )
    rows = entries(REFUNDED)
    paid_at_the_desk(cast, booked.id)
    audit_roots.extend(now=NOW)

    replay_an_old_head(dict(chain), rows)

    assert "appointment:1: its first 4 rows are not those that root 1 covers" in faults()


def test_a_database_that_goes_back_in_time_whole_is_found_by_a_root_that_left(lived: Cast) -> None:
    left = audit_roots.newest_name()
    by_hand(
        "DELETE FROM audit_leaf WHERE root_number = 2",
        "DELETE FROM audit_root WHERE number = 2",
        "UPDATE audit_chain SET rooted_length = 0 WHERE length <> rooted_length",
    )
    assert any(fault.startswith("root:2: it was seen and is not there") for fault in faults(seen=left))
    assert faults(seen=f"1-{'0' * 64}")[-1].startswith("root:1: it is not the one that was seen")


def test_damage_stops_no_booking_and_is_not_made_good_by_its_next_row(lived: Cast, cast: Cast) -> None:
    for damage in (
        "UPDATE audit_chain SET head = previous FROM audit_root WHERE subject = 'person:3' AND number = 1",
        "UPDATE audit_chain SET length = 1 WHERE subject = 'appointment:2'",
        "DELETE FROM audit_chain WHERE subject = 'appointment:1'",
    ):
        by_hand(damage)
    with write() as tx:
        for subject in ("person:3", "appointment:2", "appointment:1"):
            audit.record(tx, subject, "looked_at", actor="admin:3", now=NOW)
    found = "\n".join(faults())
    assert "person:3: its length and head were not the clinic's after row 1" in found
    assert "appointment:2: its length and head were not the clinic's after row 4" in found
    assert "appointment:1: its length and head were gone after row" in found


def test_rows_of_before_accuse_nobody_of_what_they_do_not_state(lived: Cast) -> None:
    """Chains that an older version went on with: its rows state the bill and the refund in fewer words, the visit not."""
    with read() as tx:
        back = tx.exec(select(Refund)).one()
        bills = {one.appointment_id: one for one in tx.exec(select(Payment)).all()}
    paid, cash = bills[1], bills[2]
    states: list[tuple[int, Action, str, str]] = [
        (1, Action.APPOINTMENT, "cancelled", ""),
        (1, Action.PAYMENT, paid.status, f"bill 50000 INR {paid.gateway_payment_id} - -  "),
        (1, Action.REFUND, back.status, f"refund:1 50000 {back.gateway_payment_id} rfnd_1"),
        (2, Action.MOVED, f"{iso(NOW)} slot:2", ""),
        (2, Action.PAYMENT, cash.status, "bill 50000 INR - - 3  in cash"),
    ]
    with write() as tx:
        for number, action, after, facts in states:
            audit.note(tx, number, action, actor="worker", after=after, facts=facts, now=NOW)
    by_hand(
        "UPDATE payment SET captured_at = '2026-01-01 00:00:00', retained_paise = 1",
        "UPDATE refund SET refunded_at = NULL",
        "UPDATE appointment SET refund_cap_percent = 1",
    )
    assert faults() == []
    by_hand("UPDATE payment SET mark_reason = 'by card' WHERE id = 2", "UPDATE refund SET amount_paise = 200")
    assert len(faults()) == 2
