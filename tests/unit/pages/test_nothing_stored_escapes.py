"""What services note in rows is said in the reader's language on the desk's pages: in look-alikes, plain letters are an escape."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from itertools import cycle
from pathlib import Path
from string import Formatter

import pytest

import booking_ui
from booking_ui.db.models import DeliveryStatus, Notification, Person
from booking_ui.db.session import write
from booking_ui.domain import actors
from booking_ui.domain.causes import Cause
from booking_ui.domain.clinic.practice import Written
from booking_ui.domain.dispute import DisputeFact, DisputeStatus
from booking_ui.domain.payment import Source
from booking_ui.domain.remark_codes import RemarkCode
from booking_ui.domain.remarks import Remark
from booking_ui.languages import speaking
from booking_ui.services.accounts import erasure
from booking_ui.services.cases import alarms, reconciliation_cases
from booking_ui.services.cases.reconciliation_cases import CaseKind
from booking_ui.services.desk import audit_log, booking, messages
from booking_ui.services.desk.audit_log import AuditFilter
from booking_ui.services.journal import audit
from booking_ui.services.payments import cash_equation, cash_equation_count, disputes
from booking_ui.services.payments.cash_equation import Difference, Equation
from booking_ui.services.refunds import retry
from booking_ui.services.upkeep import invariants
from tests.support.cast import NOW, Cast
from tests.support.pseudo import pseudo_hindi
from tests.support.week_of_money import THU, Week, live_through

OWN = (
    audit.Action.ROLE,
    audit.Action.CASE,
    audit.Action.DEPENDENT,
    audit.Action.REASON_CHANGED,
    audit.Action.RETENTION,
)
"""Actions that have no sentence of their own for what comes after."""
CODES = re.compile(
    r"status|.*_status|action|before|after|actor|kind|channel|state|decision|way_out|tone|currency|at|.*_at|marks|value|method"
    r"|phase|slug|doctor_slug|city|area|address|speciality|doctor_address|map_place|name"
)
"""Fields that pages compare and never show, and the clinic's own words, which have no Hindi here."""
ROW_SUBJECT = "appointment|payment|person|doctor|case|signature|mail|clinic|retention|dependent|webhook_event"
NAMES = re.compile(
    rf"(?:{ROW_SUBJECT}):[\w:.-]+|Razorpay|UPI|Asha|Bilal|Devi|Dr Chandra Rao|Dr Ezhil Mani|\S+@\S+|\b[A-Z0-9]{{8}}\b"
    r"|\b(?:pay|order|rfnd|disp|setl)_[\w-]+|webhook\.example|ALERT_EMAIL|Paid in cash|R-1|SMS|WhatsApp|chargeback|https://\S+|/api/\S+"
)
WORDS = re.compile(r"[A-Za-z]{3,}")


def texts(view: object, name: str = "") -> Iterator[str]:
    """Every text of a view that a page shows."""
    if isinstance(view, str):
        if not CODES.fullmatch(name):
            yield view
    elif is_dataclass(view):
        for one in fields(view):
            yield from texts(getattr(view, one.name), one.name)
    elif isinstance(view, list | tuple):
        for one in view:
            yield from texts(one, name)


def escapes(*views: object) -> set[str]:
    return {
        text
        for view in views
        for text in texts(view)
        if WORDS.search(NAMES.sub("", text)) and text != "clinic"
    }


def remarks() -> Iterator[Remark]:
    """One of every code, with numbers for its values."""
    for code in RemarkCode:
        names = [name for _text, name, _format, _conversion in Formatter().parse(code.words) if name]
        yield Remark(code, **dict.fromkeys(names, "12"))


def calls(*names: str) -> Iterator[tuple[str, ast.Call]]:
    """Every call of a function of these names in a service, with its place."""
    for place in (Path(booking_ui.__file__).parent / "services").rglob("*.py"):
        for node in ast.walk(ast.parse(place.read_text())):
            if (
                isinstance(node, ast.Call)
                and (getattr(node.func, "attr", "") or getattr(node.func, "id", "")) in names
            ):
                yield f"{place.name}:{node.lineno}", node


def actions() -> set[str]:
    """The actions that services write as plain text."""
    written = calls("record", "note", "record_own_action", "_record_change", "_end")
    texts = (one.value for _place, call in written for one in call.args if isinstance(one, ast.Constant))
    return {text for text in texts if isinstance(text, str)}


def is_sentence(node: ast.expr) -> bool:
    """True for words that stand in the code: a text, a text with values, or one that is marked for the catalogue."""
    parts = [
        one.value for one in ast.walk(node) if isinstance(one, ast.Constant) and isinstance(one.value, str)
    ]
    plain = isinstance(node, ast.Constant | ast.JoinedStr) or getattr(
        getattr(node, "func", None), "id", ""
    ) in ("N_", "_")
    return plain and any(re.search("[A-Za-z]", part) for part in parts)


def test_no_service_notes_a_sentence() -> None:
    noting = calls(
        "record",
        "note",
        "record_own_action",
        "_record_change",
        "open_case",
        "open_within",
        "end",
        "move_appointment",
        "move_payment",
    )
    stored = [
        (place, one.value)
        for place, call in noting
        for one in call.keywords
        if one.arg in ("reason", "detail", "why")
    ]
    assert len(stored) > 25
    assert [place for place, value in stored if is_sentence(value)] == []
    assert [is_sentence(ast.parse(code, mode="eval").body) for code in ('f"{a}, {b}"', "a", 'f"{a} here"', 'N_("Sent.")')] == [
        False, False, True, True,
    ]  # fmt: skip


@pytest.fixture
def noted(cast: Cast) -> list[Remark]:
    """A case and an audit row with each remark, an audit row of each action, and a message that was not sent for each."""
    every = list(remarks())
    for number, (remark, kind) in enumerate(zip(every, cycle(CaseKind), strict=False)):
        subject = f"2026-01-{number % 28 + 1:02}" if kind is CaseKind.SETTLEMENT_LATE else f"pay_{number}"
        reconciliation_cases.open_case(kind=kind, subject=subject, detail=remark, now=NOW)
        _record(f"mail:{number}", "closed", remark)
        _not_sent(number, cast.asha, remark)
    for action in {*actions(), *OWN}:
        _record("clinic", action, "")
        _record("clinic", action, "", before="patient", after="doctor")
    for field in fields(Written):
        _record("doctor:1", f"doctor_changed_{field.name}", "", before="500", after="800")
    for action in ("closed_hi", "doctor_changed_practising_since_hi"):
        _record("doctor:1", action, "", before="500", after="800")
    for cause in Cause:
        _record("clinic", "case", cause)
    return every


def _record(
    subject: str, action: str, reason: Remark | Cause | str, *, before: str = "", after: str = ""
) -> None:
    with write() as tx:
        audit.record(
            tx, subject, action, actor=actors.WORKER, before=before, after=after, reason=reason, now=NOW
        )


def _not_sent(number: int, person_id: int, why: Remark) -> None:
    with write() as tx:
        row = Notification(
            key=f"x:{number}", person_id=person_id, kind="verify_mail", status=DeliveryStatus.IGNORED,
            last_error=why, created_at=NOW,
        )  # fmt: skip
        tx.add(row)


def shown() -> tuple[object, ...]:
    """What the desk's pages show of cases, the audit and messages."""
    with pseudo_hindi(), speaking("hi"):
        pages = range(1, audit_log.entries(AuditFilter(page_size=100)).paging.pages + 1)
        audited = [audit_log.entries(AuditFilter(page=page, page_size=100)).rows for page in pages]
        letters = messages.listed(messages.MessageFilter(page=1, page_size=100)).rows
        return (reconciliation_cases.open_cases(), audited, letters, invariants.shown())


@pytest.mark.usefixtures("noted")
def test_every_remark_is_said_wherever_a_page_shows_one() -> None:
    assert sorted(escapes(*shown())) == []


@pytest.fixture
def lived(cast: Cast) -> Week:
    """A week of money, and after it what a clinic does not hope for."""
    week = live_through(cast)
    _disputed("c1", DisputeStatus.OPEN)
    _disputed("c3", DisputeStatus.LOST)
    retry.keep_waiting(3, "network", THU)
    alarms.bad_signature(now=THU)
    difference = Difference("pay_c1", "pay_c1", Remark(RemarkCode.COUNTED_TWICE))
    cash_equation_count.keep(Equation(3, [difference], explained=2, note=cash_equation.NO_DISPUTES), now=THU)
    with write() as tx:
        erasure.erase_person(tx, tx.get_one(Person, cast.bilal), THU)
    return week


def _disputed(payment: str, status: DisputeStatus) -> None:
    fact = DisputeFact(
        f"disp_{payment}", f"pay_{payment}", 50_000, "INR", status, phase="chargeback", respond_by=THU
    )
    disputes.record(fact=fact, source=Source.WEBHOOK, now=THU, at=THU)


def test_a_week_of_money_is_told_in_the_readers_language(lived: Week, cast: Cast) -> None:
    references = [lived.c1, lived.c2, lived.c3, lived.c4, lived.e1_asha, lived.e1_bilal, lived.e2, lived.e3]
    with pseudo_hindi(), speaking("hi"):
        whole = [booking.whole_booking(now=THU, reference=one) for one in references]
    assert sorted(escapes(*shown(), *whole)) == []
