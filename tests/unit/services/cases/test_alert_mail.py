"""The mail about open cases names the newest ones by title and subject, and counts the rest."""

from __future__ import annotations

from datetime import timedelta

import pytest

from booking_ui.config.settings import settings
from booking_ui.db.models import DeliveryStatus, Notification
from booking_ui.db.session import read
from booking_ui.gateways.mail import Message
from booking_ui.services.cases import alert_mail, reconciliation_cases
from booking_ui.services.cases.reconciliation_cases import CaseKind
from tests.support.cast import NOW
from tests.support.remarks import quoted

ROW = Notification(key="case_opened:1", kind="case_opened", status=DeliveryStatus.WAITING, created_at=NOW)


@pytest.fixture(autouse=True)
def _on_call(configured: pytest.MonkeyPatch) -> None:
    configured.setenv("ALERT_EMAIL", "On call <oncall@clinic.example>")
    settings.cache_clear()


def composed() -> Message | str:
    with read() as tx:
        return alert_mail.compose(tx, ROW, NOW)


def opens(kind: CaseKind, number: int) -> None:
    now = NOW + timedelta(minutes=number)
    reconciliation_cases.open_case(kind=kind, subject=f"pay_{number}", detail=quoted("Asha owes 5"), now=now)


@pytest.mark.usefixtures("db")
def test_one_case_is_named_with_its_subject_and_its_instant() -> None:
    opens(CaseKind.UNKNOWN_ORDER, 1)
    mail = composed()
    assert isinstance(mail, Message)
    assert (mail.to, mail.subject, mail.key) == (
        "oncall@clinic.example",
        "1 case waits: Money for an order we don't know",
        "case_opened:1",
    )
    assert mail.text == (
        f"1 case waits at the desk of {settings().merchant_name}.\n\n"
        "Money for an order we don't know: pay_1, since Mon 5 Jan, 10:01 am\n\n"
        f"See what to do: {settings().base_url}/admin/books/\n\n{settings().merchant_name}\n"
    )


@pytest.mark.usefixtures("db")
def test_of_many_the_newest_ten_are_named() -> None:
    for number in range(12):
        opens(CaseKind.UNKNOWN_ORDER, number)
    mail = composed()
    assert isinstance(mail, Message)
    assert mail.subject.startswith("12 cases wait: ")
    assert [f"pay_{number}," in mail.text for number in range(12)] == [False] * 2 + [True] * 10
    assert "\nAnd 2 more.\n" in mail.text


@pytest.mark.usefixtures("db")
def test_with_nothing_open_or_no_address_there_is_no_mail(configured: pytest.MonkeyPatch) -> None:
    opens(CaseKind.ALERT_PARKED, 1)  # never told of by the mail that could not be sent
    assert composed() == "every case was closed in the meantime"
    opens(CaseKind.UNKNOWN_ORDER, 2)
    configured.setenv("ALERT_EMAIL", "")
    settings.cache_clear()
    assert composed() == "ALERT_EMAIL is not set any more"
