"""The desk books for a patient: with the money in hand or a link, with an account or without. On both databases."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from booking_ui.config.settings import settings
from booking_ui.db.models import Appointment, AuditEntry, Notification, Payment, Person, Refund, pk
from booking_ui.db.session import Database, read, write
from booking_ui.domain.channel import Channel
from booking_ui.domain.errors import (
    BadInput,
    BookingError,
    EmailTaken,
    Forbidden,
    NotFound,
    PhoneTaken,
    SlotGone,
    SlotTaken,
    TooManyHolds,
    WrongState,
)
from booking_ui.domain.payment import AttemptStatus, PaymentFact, RefundStatus, Source, Verdict
from booking_ui.languages import speaking
from booking_ui.services.accounts import phone_sign_in
from booking_ui.services.accounts.one_time_codes import Device
from booking_ui.services.booking import cancel, claim, dependents, hold_expiry
from booking_ui.services.desk import book_for_patient, mark_payment
from booking_ui.services.desk.book_for_patient import Given
from booking_ui.services.payments import apply
from booking_ui.services.upkeep import delivery, invariants
from booking_ui.services.views.desk import DeskBooking
from tests.support.cast import FEE, FIRST_SLOT, NOW, Cast
from tests.support.holding import times
from tests.support.races import at_once, live_on
from tests.support.texts import Texts

NUMBER, STORED = "98450 12301", "+919845012301"
RAVI = Given("Ravi Kumar", NUMBER)
LINK = timedelta(minutes=120)
WALK_IN = FIRST_SLOT - timedelta(minutes=5)


@pytest.fixture(autouse=True)
def texts(monkeypatch: pytest.MonkeyPatch) -> Texts:
    return Texts(monkeypatch)


def booked(cast: Cast, patient: int | Given = RAVI, payment: str = "cash", **wanted: Any) -> DeskBooking:
    wanted = {"admin": cast.devi, "slot_id": cast.slots[0], "now": NOW, **wanted}
    return book_for_patient.book(patient=patient, payment=payment, **wanted)  # type: ignore[arg-type]


def visit() -> tuple[Appointment, Payment]:
    with read() as tx:
        return tx.exec(select(Appointment, Payment).join(Payment)).one()


def people(number: str = STORED) -> list[Person]:
    with read() as tx:
        return list(tx.exec(select(Person).where(Person.phone == number)).all())


def violations(minutes: int = 2) -> list[str]:
    found = invariants.count(now=NOW + timedelta(minutes=minutes))
    return [f"{v.subject}: {v.fault}" for c in found for v in c.violations]


def due() -> list[tuple[str, str]]:
    with read() as tx:
        query = select(Notification.kind, Notification.channel).order_by(col(Notification.id))
        return [(kind, Channel(channel).value) for kind, channel in tx.exec(query).all()]


def entered(texts: Texts, name: str = "") -> phone_sign_in.Entered:
    phone_sign_in.request_code(phone=NUMBER, device=Device(), now=NOW)
    return phone_sign_in.enter(phone=NUMBER, code=texts.code(NOW), device=Device(), now=NOW, name=name)


# ── With the money in hand ────────────────────────────────────────────────────────────────────────────────────────


def test_a_walk_in_who_pays_has_a_confirmed_visit_marked_in_the_admins_name(cast: Cast) -> None:
    made = booked(cast, reason=" a cough ", reference=" R-17 ")
    appointment, payment = visit()
    assert (made.appointment.status, made.appointment.reason, made.held) == ("confirmed", "a cough", False)
    assert (payment.status, payment.captured_paise, payment.method) == ("captured", FEE, "desk")
    assert (payment.marked_by_id, payment.mark_reference) == (cast.devi.person_id, "R-17")
    assert payment.mark_reason == "paid at the desk when it was booked"
    with read() as tx:
        trail = tx.exec(select(AuditEntry).where(AuditEntry.subject == f"appointment:{appointment.id}")).all()
    assert {one.actor for one in trail} == {f"admin:{cast.devi.person_id}"}
    assert (live_on(cast.slots[0]), violations()) == (1, [])


def test_a_new_patient_is_written_down_with_a_name_and_a_number_and_told_there(
    cast: Cast, texts: Texts
) -> None:
    made = booked(cast, Given("  Ravi  Kumar ", "+91 98450-12301"))
    (person,) = people()
    assert (person.name, person.email, person.phone_verified_at, made.person_id) == (
        "Ravi Kumar",
        None,
        None,
        person.id,
    )
    assert (made.told_by, due()) == (["sms"], [("confirmed", "sms")])
    delivery.deliver_due(now=NOW)
    assert [one.to for one in texts.sent] == [STORED]
    with read() as tx:
        (row,) = tx.exec(select(AuditEntry).where(AuditEntry.subject == f"person:{person.id}")).all()
    assert (row.action, row.actor, row.after) == ("registered", f"admin:{cast.devi.person_id}", "patient")


def test_a_patient_with_an_account_is_booked_for_by_it_also_for_the_family(cast: Cast) -> None:
    kiran = dependents.add(patient_id=cast.asha, name="Kiran", relation="child", now=NOW).id
    made = booked(cast, cast.asha, dependent_id=kiran)
    assert (made.person_id, made.appointment.patient_name) == (cast.asha, "Kiran")
    with read() as tx:
        told = tx.exec(select(AuditEntry.actor).where(AuditEntry.action == "for")).one()
    assert told == f"admin:{cast.devi.person_id}"


def test_somebody_elses_family_member_is_not_found_and_nothing_is_booked(cast: Cast) -> None:
    kiran = dependents.add(patient_id=cast.bilal, name="Kiran", relation="child", now=NOW).id
    with pytest.raises(NotFound):
        booked(cast, cast.asha, dependent_id=kiran)
    assert live_on(cast.slots[0]) == 0


def test_a_walk_in_may_have_a_time_within_the_clinics_notice_a_caller_with_a_link_may_not(
    cast: Cast, configured: pytest.MonkeyPatch
) -> None:
    configured.setenv("MINIMUM_NOTICE_MINUTES", "60")
    settings.cache_clear()
    with pytest.raises(SlotGone):
        booked(cast, payment="link", now=WALK_IN)
    assert booked(cast, now=WALK_IN).appointment.status == "confirmed"


def test_a_time_that_has_begun_is_gone_also_for_the_desk(cast: Cast) -> None:
    with pytest.raises(SlotGone):
        booked(cast, now=FIRST_SLOT)


def test_cash_for_a_time_whose_payment_failed_is_a_booking_of_its_own_so_late_money_goes_back(
    cast: Cast,
) -> None:
    held = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
    with write() as tx:
        bill = tx.exec(select(Payment)).one()
        bill.gateway_order_id, bill.opened_at = "order_00000000000001", NOW
        tx.add(bill)
    hold_expiry.let_go(patient_id=cast.asha, appointment_id=held.id, now=NOW)
    assert booked(cast, cast.asha).appointment.id != held.id
    fact = PaymentFact(
        "pay_00000000000001", "order_00000000000001", AttemptStatus.CAPTURED, FEE, "INR", method="upi"
    )
    assert apply.apply(fact=fact, source=Source.WEBHOOK, now=NOW) is Verdict.REFUND
    assert (live_on(cast.slots[0]), violations()) == (1, [])


def test_a_visit_paid_in_cash_and_cancelled_waits_for_the_desk_to_give_the_money_back_by_hand(
    cast: Cast,
) -> None:
    made = booked(cast)
    cancel.cancel_by_policy(patient_id=made.person_id, appointment_id=made.appointment.id, now=NOW)
    with read() as tx:
        refund = tx.exec(select(Refund)).one()
    assert (refund.status, refund.gateway_payment_id, refund.next_attempt_at) == (
        RefundStatus.PENDING,
        "",
        None,
    )
    mark_payment.mark(
        admin=cast.devi,
        payment_id=made.payment_id,
        status="refunded",
        reason="given back",
        reference="R-18",
        now=NOW,
    )
    assert (visit()[1].refunded_paise, visit()[1].status, violations()) == (FEE, "refunded", [])


# ── With a link ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_link_holds_the_time_longer_and_tells_the_patient_where_to_pay(cast: Cast, texts: Texts) -> None:
    made = booked(cast, payment="link")
    appointment, payment = visit()
    assert (appointment.status, appointment.hold_expires_at) == ("pending_payment", NOW + LINK)
    assert (payment.status, payment.marked_by_id, made.held) == ("pending", None, True)
    assert due() == [("hold_made", "sms")]
    delivery.deliver_due(now=NOW)
    (text,) = texts.sent
    assert text.body.startswith(
        "Dr Chandra Rao, Tue 6 Jan, 10:00 am is held for you until 12:00 pm. See it and pay Rs 500: http"
    )
    assert len(text.body) <= 160
    assert violations(119) == []


def test_the_text_is_in_the_language_of_the_desk_that_wrote_the_patient_down(
    cast: Cast, texts: Texts
) -> None:
    with speaking("hi"):
        booked(cast, payment="link")
    delivery.deliver_due(now=NOW)
    assert (texts.sent[0].language, "₹500" in texts.sent[0].body) == ("hi", True)


def test_the_hold_of_a_link_ends_by_itself_at_its_own_time_and_no_sooner(cast: Cast) -> None:
    booked(cast, payment="link")
    assert hold_expiry.expire_due(now=NOW + LINK - timedelta(seconds=1)) == 0
    assert hold_expiry.expire_due(now=NOW + LINK) == 1
    assert (visit()[0].status, live_on(cast.slots[0]), violations(121)) == ("failed", 0, [])


def test_the_hold_of_a_link_ends_where_the_clinics_notice_begins(
    cast: Cast, configured: pytest.MonkeyPatch
) -> None:
    configured.setenv("MINIMUM_NOTICE_MINUTES", "30")
    settings.cache_clear()
    booked(cast, payment="link", now=FIRST_SLOT - timedelta(minutes=60))
    assert visit()[0].hold_expires_at == FIRST_SLOT - timedelta(minutes=30)


def test_a_patient_with_an_address_gets_the_link_by_mail_too(cast: Cast) -> None:
    booked(cast, Given("Ravi", NUMBER, "Ravi@Example.com"), "link")
    assert due() == [("hold_made", "mail"), ("hold_made", "sms")]
    assert people()[0].email == "ravi@example.com"


def test_a_message_about_a_hold_that_is_over_does_not_leave(cast: Cast, texts: Texts) -> None:
    booked(cast, payment="link")
    delivery.deliver_due(now=NOW + LINK)
    assert texts.sent == []


def test_from_the_link_the_patient_signs_in_with_the_numbers_code_and_sees_the_visit(
    cast: Cast, texts: Texts
) -> None:
    made = booked(cast, payment="link")
    found = entered(texts)
    assert (found.registered, found.who.person_id, found.who.name) == (False, made.person_id, "Ravi Kumar")


def test_a_time_that_failed_here_before_is_held_again_with_its_order(cast: Cast) -> None:
    held = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
    hold_expiry.let_go(patient_id=cast.asha, appointment_id=held.id, now=NOW)
    made = booked(cast, cast.asha, "link", reason="again")
    assert (made.appointment.id, made.appointment.reason) == (held.id, "again")
    assert visit()[0].hold_expires_at == NOW + LINK


def test_the_desk_may_hold_more_for_a_patient_who_proved_nothing_but_no_more_than_anybody_has(
    cast: Cast, configured: pytest.MonkeyPatch
) -> None:
    configured.setenv("SMTP_URL", "smtp://localhost:1025")  # where mails leave, such a patient may hold one
    settings.cache_clear()
    more = times(cast, 4)
    for slot_id in more[:3]:
        booked(cast, payment="link", slot_id=slot_id)
    with pytest.raises(TooManyHolds):
        booked(cast, payment="link", slot_id=more[3])
    assert booked(cast, slot_id=more[3]).appointment.status == "confirmed"


def test_a_link_that_would_reach_nobody_or_open_nothing_is_refused(
    cast: Cast, configured: pytest.MonkeyPatch
) -> None:
    booked(cast)
    booked(cast, Given("Sita Kumar", NUMBER), slot_id=cast.slots[1])
    for patient in (RAVI, people()[0].id or 0):  # a code to the number opens the newer account
        with pytest.raises(BadInput) as refused:
            booked(cast, patient, "link", slot_id=cast.slots[2])
        assert refused.value.errors[0].field == "payment"
    assert booked(cast, Given("Sita Kumar", NUMBER), "link", slot_id=cast.slots[2]).held
    with write() as tx:
        nobody = tx.get_one(Person, cast.asha)
        nobody.email = None
        tx.add(nobody)
    with pytest.raises(BadInput, match="No message would reach"):
        booked(cast, cast.asha, "link", slot_id=cast.slots[3])


# ── Whom it is for ────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_desk_finds_again_whom_it_wrote_down_and_whoever_proved_the_number(
    cast: Cast, texts: Texts
) -> None:
    first = booked(cast).person_id
    assert booked(cast, Given("ravi kumar", STORED), slot_id=cast.slots[1]).person_id == first
    entered(texts)
    assert booked(cast, slot_id=cast.slots[2]).person_id == first
    assert len(people()) == 1


def test_another_name_at_a_number_is_another_patient_until_the_number_is_somebodys(
    cast: Cast, texts: Texts
) -> None:
    ravi = booked(cast).person_id
    sita = booked(cast, Given("Sita", NUMBER), slot_id=cast.slots[1]).person_id
    assert ravi != sita
    assert entered(texts).who.person_id == sita
    with pytest.raises(PhoneTaken, match="Sita signs in with this number"):
        booked(cast, Given("Gita", NUMBER), slot_id=cast.slots[2])
    assert booked(cast, slot_id=cast.slots[2]).person_id == ravi  # known to the desk from before


def test_an_account_that_only_wrote_the_number_down_is_not_taken_for_its_owners(cast: Cast) -> None:
    asha = Given("Asha", "+919800000001")
    assert booked(cast, asha).person_id != cast.asha


def test_an_address_that_an_account_has_is_refused_and_nobody_is_written_down(cast: Cast) -> None:
    with pytest.raises(EmailTaken):
        booked(cast, Given("Ravi", NUMBER, "asha@example.com"))
    assert (people(), live_on(cast.slots[0])) == ([], 0)


def test_staff_and_nobody_are_no_patients(cast: Cast) -> None:
    with pytest.raises(Forbidden, match="clinic's staff"):
        booked(cast, cast.devi.person_id)
    with pytest.raises(NotFound, match="that patient"):
        booked(cast, 4711)


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        (Given("", "12", "no mail"), ["patient.name", "patient.phone", "patient.email"]),
        (Given("Ravi", "080 2222 3333"), ["patient.phone"]),
        (Given("see www.evil.example", NUMBER), ["patient.name"]),
    ],
)
def test_each_wrong_part_of_a_patient_is_named(cast: Cast, given: Given, fields: list[str]) -> None:
    with pytest.raises(BadInput) as refused:
        booked(cast, given)
    assert [one.field for one in refused.value.errors] == fields


@pytest.mark.parametrize(
    ("payment", "reference", "field"),
    [
        ("later", "", "payment"),
        ("link", "R-17", "reference"),
        ("cash", "x" * 81, "reference"),
        ("cash", "pay_00000000000001", "reference"),
        ("cash", "pay_17", "reference"),
    ],
)
def test_each_wrong_part_of_a_payment_is_named(cast: Cast, payment: str, reference: str, field: str) -> None:
    with pytest.raises(BadInput) as refused:
        booked(cast, payment=payment, reference=reference)
    assert [one.field for one in refused.value.errors] == [field]
    assert people() == []


# ── Conflicts and crashes ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("turns")
@pytest.mark.parametrize("payment", ["cash", "link"])
def test_two_desks_at_one_slot_sell_it_once_and_the_other_hears_what_is_free(
    cast: Cast, payment: str
) -> None:
    both = (RAVI, Given("Sita", "98450 12302"))
    results = at_once([partial(booked, cast, one, payment) for one in both])
    (refused,) = [one for one in results if isinstance(one, BookingError)]
    assert isinstance(refused, SlotTaken)
    assert refused.nearest_slot_ids == cast.slots[1:]
    assert (live_on(cast.slots[0]), violations()) == (1, [])
    with read() as tx:
        written_down = tx.exec(select(Person).where(col(Person.phone).in_([STORED, "+919845012302"]))).all()
    assert len(written_down) == 1


def test_two_desks_write_one_new_patient_down_once(cast: Cast) -> None:
    results = at_once([partial(booked, cast, slot_id=one) for one in cast.slots])
    assert len({one.person_id for one in results if isinstance(one, DeskBooking)}) == 1
    assert len(people()) == 1


def test_a_patient_who_holds_the_time_already_has_a_booking_to_open(cast: Cast) -> None:
    claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
    for payment in ("cash", "link"):
        with pytest.raises(WrongState, match="open that booking"):
            booked(cast, cast.asha, payment)


def test_a_time_that_another_patient_holds_is_taken_also_for_the_desk(cast: Cast) -> None:
    claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
    with pytest.raises(SlotTaken):
        booked(cast)
    assert people() == []


class PowerCutError(Exception):
    pass


@contextmanager
def power_cut(db: Database, is_last: Callable[[str], bool]) -> Any:
    """The process dies before the first statement of which `is_last` is true."""

    def cut(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if is_last(statement):
            raise PowerCutError

    sa.event.listen(db.engine, "before_cursor_execute", cut)
    try:
        yield
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", cut)


@pytest.mark.parametrize("table", ["appointment", "payment"])
def test_a_crash_between_claim_and_mark_leaves_a_free_slot_and_never_an_unmarked_visit(
    cast: Cast, db: Database, table: str
) -> None:
    with power_cut(db, lambda said: said.startswith(f"UPDATE {table} ")), pytest.raises(PowerCutError):
        booked(cast)
    assert (live_on(cast.slots[0]), people(), due(), violations()) == (0, [], [], [])
    assert booked(cast).appointment.status == "confirmed"
    assert pk(visit()[1]) > 0


def test_a_booking_given_to_another_patient_behind_the_clinics_back_is_found(cast: Cast) -> None:
    booked(cast)
    with write() as tx:
        tx.exec(sa.update(Appointment).values(patient_id=cast.asha))
    assert [one.rpartition(": ")[2] for one in violations()] == [
        "is of patient:1, its first audit row says patient:4"
    ]
