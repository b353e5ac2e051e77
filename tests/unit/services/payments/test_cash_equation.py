"""Promise 9 against the sandbox's own books: it holds after an honest day, and every kind of damage to it is found."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlmodel import col, select, text, update

from booking_ui.db.models import Payment, PaymentAttempt, PromiseCount
from booking_ui.db.session import read, write
from booking_ui.domain.errors import GatewayError
from booking_ui.gateways.razorpay import gateway
from booking_ui.services.cases import reconciliation_cases
from booking_ui.services.payments import cash_equation, reconciliation
from tests.support.cast import Cast
from tests.support.paying import bill_of, opened, paid
from tests.support.reconciliation import afterwards, kinds, spoil
from tests.support.remarks import quoted
from tests.support.sandbox_control import capture_now, control, pay

pytestmark = pytest.mark.usefixtures("old_money_of_others")


@dataclass(frozen=True)
class Books:
    """Asha paid ₹500, of which ₹200 went back, and her bank disputes ₹100. Bilal paid ₹500."""

    url: str
    asha: str
    bilal: str
    refund: str
    dispute: str


@pytest.fixture
def books(cast: Cast, sandbox: str) -> Books:
    asha = bill_of(paid(cast, cast.asha, sandbox)[0]).gateway_payment_id or ""
    bilal = bill_of(paid(cast, cast.bilal, sandbox, slot=1)[0]).gateway_payment_id or ""
    back = gateway().refund(asha, amount_paise=20_000, key=uuid.uuid4().hex).refund_id
    dispute = control(sandbox, f"payments/{asha}/dispute", {"amount": 10_000})["id"]
    reconciliation.compare_now(now=afterwards(sandbox))
    return Books(sandbox, asha, bilal, back, dispute)


def found(url: str) -> list[str]:
    """The differences as of now."""
    equation = reconciliation.equation(now=afterwards(url))
    return sorted(f"{one.subject}: {one.fault}" for one in equation.differences)


def row() -> PromiseCount:
    with read() as tx:
        return tx.get_one(PromiseCount, 9)


def test_after_an_honest_day_both_tell_of_the_same_money(books: Books) -> None:
    equation = reconciliation.equation(now=afterwards(books.url))
    assert (equation.checked, equation.differences, equation.note) == (2, [], "")
    assert (row().checked, row().violated, row().unchecked, row().note) == (2, 0, False, "")


ATTEMPT, REFUND, DISPUTE = (
    "gateway_payment_id = :bilal",
    "gateway_refund_id = :refund",
    "gateway_dispute_id = :dispute",
)
GONE = "pay_00000000000000"
INVENTED_PAYMENT = (
    "INSERT INTO payment_attempt (payment_id, gateway_payment_id, status, amount_paise, currency, method, detail, error_code, "
    "error_reason, error_description, deducted_paise, settlement_id, source, created_at, updated_at) SELECT payment_id, "
    f"'{GONE}', status, 100, currency, method, detail, '', '', '', 0, '', source, created_at, updated_at "
    f"FROM payment_attempt WHERE {ATTEMPT}"
)
INVENTED_REFUND = (
    "INSERT INTO refund (payment_id, gateway_payment_id, gateway_refund_id, amount_paise, status, origin, reason, "
    "idempotency_key, attempts, last_error, paid_after_all, created_at, updated_at) SELECT payment_id, :bilal, "
    "'rfnd_00000000000000', 100, 'processed', origin, reason, 'never-sent', 0, '', paid_after_all, created_at, updated_at "
    f"FROM refund WHERE {REFUND}"
)
DAMAGE = [
    (f"UPDATE payment_attempt SET amount_paise = 49999 WHERE {ATTEMPT}", ["{bilal}: ₹500 at Razorpay, ₹499.99 here"]),
    (f"UPDATE payment_attempt SET currency = 'USD' WHERE {ATTEMPT}", ["{bilal}: INR at Razorpay, USD here"]),
    (f"UPDATE payment_attempt SET status = 'failed' WHERE {ATTEMPT}", ["{bilal}: ₹500 at Razorpay, failed here"]),
    (f"UPDATE payment_attempt SET status = 'authorized' WHERE {ATTEMPT}", ["{bilal}: ₹500 at Razorpay, authorized here"]),
    (f"UPDATE payment_attempt SET fee_paise = 1 WHERE {ATTEMPT}", ["{bilal}: a fee of ₹11.80 at Razorpay, ₹0.01 here"]),
    (f"UPDATE payment_attempt SET fee_paise = NULL WHERE {ATTEMPT}", ["{bilal}: a fee of ₹11.80 at Razorpay, none here"]),
    (f"DELETE FROM payment_attempt WHERE {ATTEMPT}", ["{bilal}: ₹500 at Razorpay, unknown here"]),
    (
        f"UPDATE payment_attempt SET gateway_payment_id = '{GONE}' WHERE {ATTEMPT}",
        ["{bilal}: ₹500 at Razorpay, unknown here", f"{GONE}: ₹500 captured here, unknown at Razorpay"],
    ),
    (
        INVENTED_PAYMENT,
        [f"{GONE}: ₹1 captured here, unknown at Razorpay"],
    ),
    (
        f"UPDATE payment SET marked_payment_id = :bilal, captured_paise = 100000 WHERE {ATTEMPT}",
        ["{bilal}: counted twice here: by the desk's mark and by itself"],
    ),
    (f"DELETE FROM refund WHERE {REFUND}", ["{refund}: ₹200 went back at Razorpay, unknown here"]),
    (
        f"UPDATE refund SET amount_paise = 19900 WHERE {REFUND}",
        ["{refund}: ₹200 went back at Razorpay, ₹199 here"],
    ),
    (f"UPDATE refund SET status = 'failed' WHERE {REFUND}", ["{refund}: ₹200 went back at Razorpay, failed here"]),
    (
        f"UPDATE refund SET gateway_refund_id = 'rfnd_00000000000000' WHERE {REFUND}",
        ["rfnd_00000000000000: ₹200 went back here, unknown at Razorpay", "{refund}: ₹200 went back at Razorpay, unknown here"],
    ),
    (
        f"UPDATE refund SET gateway_payment_id = :bilal WHERE {REFUND}",
        ["{refund}: ₹200 went back at Razorpay, unknown here", "{refund}: ₹200 went back here, unknown at Razorpay"],
    ),
    (
        INVENTED_REFUND,
        ["rfnd_00000000000000: ₹1 went back here, unknown at Razorpay"],
    ),
    (f"DELETE FROM dispute WHERE {DISPUTE}", ["{dispute}: a dispute of ₹100 at Razorpay, unmarked here"]),
    (
        f"UPDATE dispute SET status = 'won' WHERE {DISPUTE}",
        ["{dispute}: a dispute: open of {asha} at Razorpay, won of {asha} here"],
    ),
    (
        f"UPDATE dispute SET gateway_payment_id = :bilal WHERE {DISPUTE}",
        ["{dispute}: a dispute: open of {asha} at Razorpay, open of {bilal} here"],
    ),
    (
        f"UPDATE dispute SET deducted_paise = 10000 WHERE {DISPUTE}",
        ["{dispute}: a dispute: open of {asha} at Razorpay, open of {asha}, ₹100 taken here"],
    ),
    (
        f"UPDATE dispute SET gateway_dispute_id = 'disp_00000000000000' WHERE {DISPUTE}",
        ["disp_00000000000000: a dispute that is unknown at Razorpay", "{dispute}: a dispute of ₹100 at Razorpay, unmarked here"],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("damage", "faults"), DAMAGE, ids=[one[:60] for one, _ in DAMAGE])
def test_damage_in_our_books_is_found_and_named(books: Books, damage: str, faults: list[str]) -> None:
    names = vars(books)
    with write() as tx:
        wanted = {name: names[name] for name in ("bilal", "refund", "dispute") if f":{name}" in damage}
        tx.execute(text(damage), wanted)
    assert found(books.url) == sorted(fault.format(**names) for fault in faults)


def test_a_refund_at_the_dashboard_is_a_difference_until_the_books_are_compared(books: Books) -> None:
    made = gateway().refund(books.bilal, amount_paise=50_000, key=uuid.uuid4().hex)
    assert found(books.url) == [f"{made.refund_id}: ₹500 went back at Razorpay, unknown here"]
    reconciliation.compare_now(now=afterwards(books.url))
    assert (found(books.url), row().violated) == ([], 0)


def test_money_of_which_nobody_told_us_is_a_difference_once_it_is_no_more_on_its_way(
    books: Books, cast: Cast
) -> None:
    _, order_id = opened(cast, cast.asha, slot=2)
    payment_id = pay(books.url, order_id)["payment"]["id"]
    capture_now(books.url)
    just_now = afterwards(books.url) - timedelta(minutes=11)
    assert reconciliation.equation(now=just_now + timedelta(seconds=1)).differences == []
    assert found(books.url) == [f"{payment_id}: ₹500 at Razorpay, unknown here"]
    reconciliation.compare_now(now=afterwards(books.url))
    assert found(books.url) == []


def test_a_refund_that_failed_at_razorpay_and_not_here_is_a_difference(books: Books) -> None:
    control(books.url, "switches", {"refunds": "pending"})
    made = gateway().refund(books.bilal, amount_paise=50_000, key=uuid.uuid4().hex)
    reconciliation.compare_now(now=afterwards(books.url))
    assert found(books.url) == []
    with write() as tx:
        tx.execute(
            text("UPDATE refund SET status = 'processed' WHERE gateway_refund_id = :id"),
            {"id": made.refund_id},
        )
    control(books.url, f"refunds/{made.refund_id}/fail")
    assert found(books.url) == [f"{made.refund_id}: ₹500 went back here, failed at Razorpay"]


def test_money_of_another_shop_is_a_difference_until_the_desk_says_so(books: Books, cast: Cast) -> None:
    order = gateway().create_order(amount_paise=70_000, currency="INR", receipt=uuid.uuid4().hex, notes={})
    payment_id = pay(books.url, order)["payment"]["id"]
    capture_now(books.url)
    now = afterwards(books.url)
    reconciliation.compare_now(now=now)
    assert (row().violated, row().first_fault) == (1, f"{payment_id}: ₹700 at Razorpay, unknown here")
    case = next(one for one in reconciliation_cases.open_cases() if one.subject == payment_id)
    reconciliation_cases.close(admin=cast.devi, case_id=case.id, note="another shop's", now=now)
    reconciliation.compare_now(now=now)
    assert (row().violated, row().note) == (0, "1 difference is explained in Books.")


def test_closing_a_case_about_something_else_explains_nothing(books: Books, cast: Cast) -> None:
    now = afterwards(books.url)
    reconciliation_cases.open_case(
        kind=reconciliation_cases.CaseKind.OTHER_AMOUNT,
        subject=books.bilal,
        detail=quoted("₹400 instead"),
        now=now,
    )
    case = next(one for one in reconciliation_cases.open_cases() if one.subject == books.bilal)
    reconciliation_cases.close(admin=cast.devi, case_id=case.id, note="it went back", now=now)
    with write() as tx:
        tx.exec(
            update(PaymentAttempt)
            .where(col(PaymentAttempt.gateway_payment_id) == books.bilal)
            .values(amount_paise=40_000)
        )
    assert found(books.url) == [f"{books.bilal}: ₹500 at Razorpay, ₹400 here"]


def test_a_difference_is_a_case_that_ends_by_itself_once_the_books_agree(books: Books) -> None:
    attempt = col(PaymentAttempt.gateway_payment_id) == books.bilal
    with write() as tx:
        fee = tx.exec(select(PaymentAttempt.fee_paise).where(attempt)).one()
        tx.exec(update(PaymentAttempt).where(attempt).values(fee_paise=1))
    reconciliation.compare_now(now=afterwards(books.url))
    assert "Razorpay's books and ours tell of other money" in kinds()
    with write() as tx:
        tx.exec(update(PaymentAttempt).where(attempt).values(fee_paise=fee))
    reconciliation.compare_now(now=afterwards(books.url))
    assert "Razorpay's books and ours tell of other money" not in kinds()


def test_a_difference_older_than_the_window_is_looked_at_while_its_case_is_open(books: Books) -> None:
    attempt = col(PaymentAttempt.gateway_payment_id) == books.bilal
    with write() as tx:
        tx.exec(update(PaymentAttempt).where(attempt).values(fee_paise=1))
    reconciliation.compare_now(now=afterwards(books.url))
    later = afterwards(books.url) + timedelta(days=9)
    reconciliation.compare_now(now=later)
    reconciliation.compare_now(now=later + timedelta(days=9))
    assert row().violated == 1


def test_a_missing_fee_is_taken_over_from_razorpay(books: Books) -> None:
    with write() as tx:
        tx.exec(update(PaymentAttempt).values(fee_paise=None))
    reconciliation.compare_now(now=afterwards(books.url))
    assert found(books.url) == []


def test_what_could_not_be_asked_is_said_and_not_assumed(books: Books, cast: Cast) -> None:
    before = row().at
    with write() as tx:
        tx.exec(update(Payment).values(refunded_paise=0))
    spoil(books.url, "502", "/v1/payments*")
    now = afterwards(books.url)
    with pytest.raises(GatewayError):
        reconciliation.equation(now=now)
    reconciliation.compare(now=now)
    assert (row().unchecked, row().at, row().checked) == (True, before, 2)
    assert row().note.startswith("Razorpay did not answer")
    control(books.url, "faults", method="DELETE")
    reconciliation.compare(now=now)
    assert (row().unchecked, row().note) == (False, "")


def test_an_account_that_lists_no_disputes_is_compared_all_the_same_and_says_so(books: Books) -> None:
    spoil(books.url, "401", "/v1/disputes*")
    reconciliation.compare_now(now=afterwards(books.url))
    assert (row().violated, row().note) == (0, cash_equation.NO_DISPUTES)


def test_comparing_lists_that_were_fetched_changes_nothing(books: Books) -> None:
    until = afterwards(books.url)
    before = row().at
    made = gateway().refund(books.bilal, amount_paise=10_000, key=uuid.uuid4().hex)
    lists = cash_equation.fetched(since=until - timedelta(days=4), until=until)
    for _ in range(2):
        subjects = [one.subject for one in cash_equation.compare(lists, now=until).differences]
        assert subjects == [made.refund_id]
    assert (bill_of(2).refunded_paise, row().at) == (0, before)


def test_a_payment_that_cannot_be_read_is_left_to_its_own_case(books: Books) -> None:
    spoil(books.url, "misshapen", "/v1/payments*")
    assert found(books.url) == []
