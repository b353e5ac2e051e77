"""`invariants` counts ten promises: nine in the database, the ninth against Razorpay's list."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import update

from booking_ui.db.models import PaymentAttempt
from booking_ui.db.session import write
from booking_ui.domain.clock import utc_now
from booking_ui.domain.payment import Source
from booking_ui.services.payments import apply, cash_equation_count
from booking_ui.services.payments.cash_equation import Difference, Equation
from tests.support import commands
from tests.support.cast import Cast
from tests.support.facts import ORDER, fact, held, pay_id
from tests.support.razorpay_account import Account, account
from tests.support.remarks import quoted
from tests.support.sandbox_control import point_gateway_at
from tests.support.servers import free_port

razorpay = account

HEAD = f"9. {cash_equation_count.PROMISE}"


def ninth() -> tuple[int, list[str]]:
    """The exit code, and the lines about promise 9."""
    done = commands.run("invariants")
    lines = done.stdout.splitlines()
    assert [line[:2] for line in lines if line[:1].isdigit()] == [f"{n}."[:2] for n in range(1, 11)]
    tenth = next(at for at, line in enumerate(lines) if line.startswith("10."))
    return done.exit_code, lines[8:tenth]


@pytest.fixture
def paid(cast: Cast, razorpay: Account) -> None:
    """A visit whose payment Razorpay lists as we have it."""
    held(cast, cast.asha)
    an_hour_ago = utc_now() - timedelta(hours=1)
    razorpay.payments.append(
        fact(ORDER, "captured", was_captured=True, fee_paise=1180, created_at=an_hour_ago)
    )
    apply.apply(fact=razorpay.payments[0], source=Source.WEBHOOK, now=an_hour_ago)


@pytest.mark.usefixtures("paid")
def test_the_ninth_is_compared_with_razorpays_list() -> None:
    assert ninth() == (0, [f"{HEAD}: 1 checked, 0 violated"])
    with write() as tx:
        tx.exec(update(PaymentAttempt).values(fee_paise=1))
    differs = f"   {pay_id(1)}: a fee of ₹11.80 at Razorpay, ₹0.01 here"
    assert ninth() == (1, [f"{HEAD}: 1 checked, 1 violated", differs])


@pytest.mark.usefixtures("paid")
def test_a_razorpay_that_is_away_is_not_checked_rather_than_held(configured: pytest.MonkeyPatch) -> None:
    point_gateway_at(f"http://127.0.0.1:{free_port()}", configured)
    away = f"{HEAD}: not checked, Razorpay did not answer (network)"
    assert ninth() == (0, [f"{away}; it was never checked before"])
    cash_equation_count.keep_unchecked(why=quoted("Razorpay did not answer."), now=utc_now())
    assert ninth() == (0, [f"{away}; it was never checked before"])
    fault = Difference("pay_X", "pay_X", quoted("₹500 at Razorpay, unknown here"))
    cash_equation_count.keep(Equation(4, [fault]), now=utc_now())
    code, lines = ninth()
    assert (code, lines[1:]) == (1, ["   pay_X: ₹500 at Razorpay, unknown here"])
    assert lines[0].startswith(f"{away}; on ")
    assert lines[0].endswith(" 4 checked, 1 violated")
