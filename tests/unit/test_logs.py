"""What never reaches a log, whoever writes it."""

from __future__ import annotations

import logging
from traceback import format_exception

import pytest
import structlog
from sqlalchemy.exc import IntegrityError
from sqlmodel import update

from booking_ui.db.models import Doctor
from booking_ui.db.session import write
from booking_ui.logs import redact
from tests.unit.cast import Cast

TOKEN = "Zk3v9QxY7bL1mN5pR8tU2wA4cE6gI0jK-oS_dFhJlZx"


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("to asha.rao+x@example.com now", "to …@… now"),
        ("paid by asha@okbank", "paid by …@…"),
        ("Key (email)=(asha@example.com) already exists", "Key (email)=(…@…) already exists"),
        ("call +91 98000 00042", "call …phone…"),
        ("call 9800000042.", "call …phone…."),
        ("card 4100 2800 0000 1007", "card …digits…"),
        (f"token {TOKEN}", "token …token…"),
        ("Bearer eyJhbGciOi.eyJzdWIi.sig-nature", "Bearer …"),
        ("sid=abc; theme=dark", "sid=…; theme=dark"),
        ("{'cookie': 'a=b; sid=c', 'host': 'here'}", "{'cookie': '…', 'host': 'here'}"),
        ("postgresql+psycopg://clinic:secret@db/clinic", "postgresql+psycopg://clinic:…@…/clinic"),
    ],
)
def test_what_names_pays_or_opens_is_hidden(said: str, kept: str) -> None:
    assert redact(said) == kept


@pytest.mark.parametrize(
    "said",
    [
        "order_TVCpvdEADkAoMJ pay_00000000000002",
        "at 1764000000 and 2026-11-24T05:00:00Z",
        "appointment 1234567, 50000 paise",
        "f" * 64,
        "reflex___state____state.booking_ui___states___hold",
    ],
)
def test_what_helps_to_find_a_fault_stays(said: str) -> None:
    assert redact(said) == said


def test_our_own_and_other_peoples_lines_and_traces_are_redacted(
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    try:
        raise ValueError("asha@example.com called from 9800000042")
    except ValueError:
        structlog.get_logger().exception("fault", mail="asha@example.com", tries=3)
        logging.getLogger("library").exception("%s failed for %s", TOKEN, "asha@example.com")
    said = capfd.readouterr().err + caplog.text
    assert "tries=3" in said
    assert "ValueError" in said
    for secret in ("asha", "9800000042", TOKEN):
        assert secret not in said


def test_a_line_whose_arguments_do_not_fit_still_fails_where_it_stands() -> None:
    record = logging.getLogRecordFactory()("n", logging.INFO, "f", 1, "%d", ("x",), None)
    with pytest.raises(TypeError):
        record.getMessage()


def test_a_row_that_the_database_refuses_is_not_written_into_the_log(cast: Cast) -> None:
    assert cast.chandra
    about = "Dr Rao (chandra).\nOf Jaipur.".replace("c", "C")  # else the trace quotes it as code
    with pytest.raises(IntegrityError) as refused, write() as tx:
        tx.exec(update(Doctor).values(about=about, fee_paise=1))
    trace = "".join(format_exception(refused.value))
    for said in (redact(str(refused.value)), redact(trace), redact(str(refused.value.orig))):
        assert "fee_at_least_one_rupee" in said
        for named in ("Chandra", "Jaipur", "Cardiologist"):
            assert named not in said
    assert "hide_parameters" in redact(trace).splitlines()[-2]
