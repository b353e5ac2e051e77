"""Cases reach ALERT_EMAIL soon, one mail for all that are new, an hour apart for each kind, and never about itself."""

from __future__ import annotations

from datetime import datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from sqlmodel import col, select, update

from booking_ui.config.settings import settings
from booking_ui.db import queues
from booking_ui.db.models import Notification, ReconciliationCase
from booking_ui.db.session import read, write
from booking_ui.services.cases import reconciliation_cases
from booking_ui.services.cases.reconciliation_cases import CaseKind
from booking_ui.services.desk import messages
from booking_ui.services.desk.messages import MessageFilter
from booking_ui.services.upkeep import alerts, delivery, retention
from tests.support.cancelling import promises
from tests.support.cast import NOW, Cast
from tests.support.remarks import quoted
from tests.support.servers import free_port

HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def folder(configured: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    configured.setenv("DATA_DIR", str(tmp_path))
    configured.setenv("ALERT_EMAIL", "On call <oncall@clinic.example>")
    settings.cache_clear()
    return tmp_path / "mail"


def opens(kind: CaseKind, *subjects: str, now: datetime = NOW) -> None:
    for subject in subjects:
        reconciliation_cases.open_case(kind=kind, subject=subject, detail=quoted("Asha owes 5"), now=now)


def sent(folder: Path) -> list[tuple[str, str, str]]:
    """(recipient, subject, text) of every mail."""
    found = [message_from_bytes(file.read_bytes(), policy=policy.default) for file in folder.glob("*.eml")]
    return sorted((str(m["To"]), str(m["Subject"]), str(m.get_body(("plain",)).get_content())) for m in found)  # type: ignore[union-attr]


def mailed() -> list[tuple[str, str]]:
    with read() as tx:
        rows = tx.exec(select(Notification).order_by(col(Notification.id))).all()
        return [(row.kind, row.status.value) for row in rows]


@pytest.mark.usefixtures("db")
def test_what_opened_is_told_in_one_mail_that_names_no_patient(folder: Path) -> None:
    opens(CaseKind.BAD_SIGNATURE, "after webhook 0")
    opens(CaseKind.UNKNOWN_ORDER, "pay_1", "pay_2", now=NOW + SECOND)
    assert [alerts.announce(now=NOW + SECOND) for _ in range(2)] == [3, 0]
    assert delivery.deliver_due(now=NOW + SECOND) == 1
    ((recipient, subject, text),) = sent(folder)
    assert (recipient, subject) == ("oncall@clinic.example", "3 cases wait: Money for an order we don't know")
    assert "A message that Razorpay did not sign: after webhook 0, since Mon 5 Jan, 10:00 am" in text
    assert f"{settings().base_url}/admin/books/" in text
    assert "Asha" not in text
    assert promises(NOW) == []


@pytest.mark.usefixtures("db")
def test_a_kind_is_told_once_an_hour_and_another_kind_at_once() -> None:
    opens(CaseKind.UNKNOWN_ORDER, "pay_1")
    assert alerts.announce(now=NOW) == 1
    opens(CaseKind.UNKNOWN_ORDER, *(f"pay_{n}" for n in range(2, 50)))
    opens(CaseKind.BAD_SIGNATURE, "after webhook 0")
    assert alerts.announce(now=NOW + SECOND) == 1
    assert alerts.announce(now=NOW + HOUR - SECOND) == 0
    assert alerts.announce(now=NOW + HOUR) == 48
    assert mailed() == [("case_opened", "waiting")] * 3


@pytest.mark.usefixtures("db")
def test_a_case_that_opens_again_is_told_again() -> None:
    opens(CaseKind.REFUND_WAITS, "refund-1")
    alerts.announce(now=NOW)
    with write() as tx:
        reconciliation_cases.end(tx, CaseKind.REFUND_WAITS, "refund-1", quoted("paid"), NOW)
    opens(CaseKind.REFUND_WAITS, "refund-1", now=NOW + HOUR)
    opens(CaseKind.REFUND_WAITS, "refund-1", now=NOW + HOUR)  # met once more while it is open
    assert [alerts.announce(now=NOW + HOUR), alerts.announce(now=NOW + 2 * HOUR)] == [1, 0]


def test_a_mail_about_cases_that_were_closed_is_not_sent(cast: Cast, folder: Path) -> None:
    opens(CaseKind.UNKNOWN_ORDER, "pay_1")
    alerts.announce(now=NOW)
    (case,) = reconciliation_cases.open_cases()
    reconciliation_cases.close(admin=cast.devi, case_id=case.id, note="refunded there", now=NOW)
    delivery.deliver_due(now=NOW)
    assert (mailed(), sent(folder)) == ([("case_opened", "ignored")], [])


@pytest.mark.usefixtures("db")
def test_without_an_address_nothing_is_told_until_there_is_one(configured: pytest.MonkeyPatch) -> None:
    configured.setenv("ALERT_EMAIL", "")
    settings.cache_clear()
    opens(CaseKind.UNKNOWN_ORDER, "pay_1")
    assert (alerts.announce(now=NOW), mailed()) == (0, [])
    configured.setenv("ALERT_EMAIL", "oncall@clinic.example")
    settings.cache_clear()
    assert alerts.announce(now=NOW) == 1


def test_a_mail_about_cases_that_is_given_up_is_a_case_of_which_no_mail_tells(
    cast: Cast, configured: pytest.MonkeyPatch
) -> None:
    configured.setenv("SMTP_URL", f"smtp://127.0.0.1:{free_port()}")
    settings.cache_clear()
    opens(CaseKind.UNKNOWN_ORDER, "pay_1")
    alerts.announce(now=NOW)
    with write() as tx:
        tx.exec(update(Notification).values(attempts=len(queues.MAILS.steps)))
    delivery.deliver_due(now=NOW)
    with read() as tx:
        kinds = tx.exec(select(ReconciliationCase.kind).order_by(col(ReconciliationCase.id))).all()
    assert (kinds, mailed()) == (["unknown_order", "alert_parked"], [("case_opened", "parked")])
    assert (alerts.announce(now=NOW + HOUR), promises(NOW)) == (0, [])
    configured.setenv("SMTP_URL", "")
    settings.cache_clear()
    (row,) = messages.listed(MessageFilter()).rows
    assert (row.label, row.recipient) == ("Cases at the desk", "On call <oncall@clinic.example>")
    messages.send_again(admin=cast.devi, message_id=row.id, now=NOW)
    delivery.deliver_due(now=NOW)
    assert [case.title for case in reconciliation_cases.open_cases()] == ["Money for an order we don't know"]


@pytest.mark.usefixtures("db")
def test_old_mails_about_cases_go_with_the_mails_about_accounts() -> None:
    opens(CaseKind.UNKNOWN_ORDER, "pay_1")
    alerts.announce(now=NOW)
    delivery.deliver_due(now=NOW)
    retention.sweep(now=NOW + timedelta(days=settings().retention_mail_days + 1))
    assert mailed() == []
