"""One address gets so many mails an hour, whoever caused them; what is over waits, and looks again before it leaves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import col, select, update

from booking_ui.config.settings import settings
from booking_ui.db.models import Notification, Person
from booking_ui.db.session import read, write
from booking_ui.services.accounts import authentication, erasure
from booking_ui.services.cases import reconciliation_cases
from booking_ui.services.cases.reconciliation_cases import CaseKind
from booking_ui.services.desk import messages
from booking_ui.services.desk.messages import MessageFilter
from booking_ui.services.mail import address_limits, outbox
from booking_ui.services.upkeep import alerts, delivery
from tests.support.cancelling import promises
from tests.support.cast import NOW, Cast
from tests.support.remarks import quoted

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def limited(configured: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    configured.setenv("DATA_DIR", str(tmp_path))
    configured.setenv("RATE_LIMIT_MAILS", "4/hour")
    configured.setenv("RATE_LIMIT_MAILS_UNCONFIRMED", "2/hour; 3/day")
    settings.cache_clear()
    yield
    settings.cache_clear()


def due(person_id: int, *keys: str) -> None:
    with write() as tx:
        for key in keys:
            outbox.add_account_mail(
                tx,
                person_id=person_id,
                code_id=None,
                kind="password_changed",
                key=f"{person_id}:{key}",
                now=NOW,
            )


def states() -> list[str]:
    with read() as tx:
        return [row.status.value for row in tx.exec(select(Notification).order_by(col(Notification.id)))]


def test_what_is_over_waits_for_its_turn_and_is_no_try(cast: Cast) -> None:
    due(cast.asha, "1", "2", "3")
    delivery.deliver_due(now=NOW)
    assert states() == ["done", "done", "waiting"]
    (row, *_) = messages.listed(MessageFilter()).rows
    assert (row.attempts, row.answer) == (
        0,
        "As many mails as one address may get have left to it. Next try Mon 5 Jan, 11:00 am.",
    )
    assert delivery.deliver_due(now=NOW + HOUR - MINUTE) == 0
    delivery.deliver_due(now=NOW + HOUR)
    assert (states(), promises(NOW)) == (["done"] * 3, [])


def test_every_window_counts(cast: Cast) -> None:
    due(cast.asha, "1", "2", "3")
    delivery.deliver_due(now=NOW)
    delivery.deliver_due(now=NOW + HOUR)
    due(cast.asha, "4")
    delivery.deliver_due(now=NOW + 3 * HOUR)
    with read() as tx:
        assert address_limits.free_at(tx, "asha@example.com", NOW + 3 * HOUR) == NOW + 24 * HOUR
        assert address_limits.free_at(tx, "bilal@example.com", NOW + 3 * HOUR) is None


def test_a_confirmed_address_gets_more(cast: Cast) -> None:
    with write() as tx:
        tx.exec(update(Person).where(col(Person.id) == cast.asha).values(email_verified_at=NOW))
    due(cast.asha, "1", "2", "3", "4", "5")
    delivery.deliver_due(now=NOW)
    assert states() == ["done"] * 4 + ["waiting"]


def test_an_account_that_is_erased_and_opened_again_has_no_new_count(cast: Cast) -> None:
    for _ in range(4):
        who = authentication.open_account(
            name="Asha", email="victim@example.com", phone="9845012345", password="correct horse 9", now=NOW
        ).person_id
        delivery.deliver_due(now=NOW)
        with write() as tx:
            erasure.erase_person(tx, tx.get_one(Person, who), NOW)
    with read() as tx:
        left = tx.exec(select(Notification).where(col(Notification.sent_at).is_not(None))).all()
    assert (len(left), {row.person_id for row in left}, promises(NOW)) == (2, {None}, [])


@pytest.mark.usefixtures("cast")
def test_the_mails_about_cases_have_a_limit_of_their_own(configured: pytest.MonkeyPatch) -> None:
    configured.setenv("ALERT_EMAIL", "oncall@clinic.example")
    settings.cache_clear()
    for number, kind in enumerate((CaseKind.UNKNOWN_ORDER, CaseKind.DISPUTED, CaseKind.BAD_SIGNATURE)):
        now = NOW + number * MINUTE
        reconciliation_cases.open_case(kind=kind, subject=f"{number}", detail=quoted("x"), now=now)
        alerts.announce(now=now)
        delivery.deliver_due(now=now)
    assert states() == ["done"] * 3
