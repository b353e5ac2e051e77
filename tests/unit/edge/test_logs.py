"""What never reaches a log, whoever writes it."""

from __future__ import annotations

import logging
import subprocess
import sys
from traceback import format_exception

import pytest
import structlog
from reflex.event import Event
from sqlalchemy.exc import IntegrityError
from sqlmodel import update

from booking_ui import booking_ui as app_module
from booking_ui.db.models import Doctor
from booking_ui.db.session import write
from booking_ui.edge import logs
from booking_ui.edge.logs import redact
from tests.support.cast import Cast

TOKEN = "Zk3v9QxY7bL1mN5pR8tU2wA4cE6gI0jK-oS_dFhJlZx"


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("to asha.rao+x@example.com now", "to …@… now"),
        ("paid by asha@okbank", "paid by …@…"),
        ("Key (email)=(asha@example.com) already exists", "Key (email)=(…@…) already exists"),
        ("call +91 98000 00042", "call …phone…"),
        ("call 9800000042.", "call …phone…."),
        ("call 098000 00042", "call …phone…"),
        ("call 919800000042", "call …phone…"),
        ("call 9800 000 042", "call …phone…"),
        ("call +1 (415) 555-0123", "call …phone…"),
        ("call +447911123456 now", "call …phone… now"),
        ("Key (phone)=(09800000042) exists", "Key (phone)=(…phone…) exists"),
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
        "at 2026-11-30T16:20:35.123456+05:30, +0530",
        "appointment 1234567, 50000 paise",
        "f" * 64,
        "reflex___state____state.booking_ui___states___patient___hold",
        "/api/appointments/{appointment_id}",
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


def test_a_line_whose_arguments_do_not_fit_is_redacted_too(capfd: pytest.CaptureFixture[str]) -> None:
    logging.getLogger("library").error("%d patients", "asha@example.com")
    record = logging.getLogRecordFactory()("n", logging.INFO, "f", 1, "%d", ("asha@example.com",), None)
    assert record.getMessage() == "'%d' with ('…@…',)"
    assert "asha" not in capfd.readouterr().err


def test_the_event_that_failed_is_told_without_the_cookie_it_came_with() -> None:
    event = Event(name="x", router_data={"headers": {"cookie": "theme=dark; sid=s3cret", "host": "here"}})
    told = logging.getLogRecordFactory()(
        "n", logging.ERROR, "f", 1, "failed: %s", (event,), None
    ).getMessage()
    assert "s3cret" not in told
    assert "'host': 'here'" in told
    assert redact("got __Host-sid=s3cret; theme=dark") == "got __Host-sid=…; theme=dark"


@pytest.mark.parametrize(
    ("report", "told"),
    [
        (
            "TypeError: Zubeida Qureshi, zubeida@example.com\n at f (https://clinic.example/assets/visit-B4f_9kQz.js:1:2045)",
            "TypeError at /assets/visit-B4f_9kQz.js:1:2045",
        ),
        ("[SID: x] Minified React error #31; visit …?args[]=Zubeida", "Minified React error #31"),
        ("Skipped 'visit': no dispatch function registered. ", "no dispatch function registered"),
        ("Zubeida Qureshi has palpitations, violet otter Shimla", "unknown"),
    ],
)
def test_of_what_a_page_reports_only_the_fault_and_its_place_are_told(report: str, told: str) -> None:
    assert logs.page_fault(report) == told


def test_whoever_reports_faults_without_end_is_heard_now_and_then(caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(200):
        app_module.page_failed(Exception("TypeError of Zubeida Qureshi"))
    said = [one.getMessage() for one in caplog.records if "a page failed" in one.getMessage()]
    assert set(said) == {"a page failed: TypeError"}
    assert len(said) <= 25


def test_an_error_that_nobody_catches_is_told_in_the_log_and_redacted() -> None:
    program = """
from booking_ui.edge import logs
import threading
logs.configure("json")
def fails(): raise ValueError("asha@example.com called from 9800000042")
one = threading.Thread(target=fails); one.start(); one.join()
fails()
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.count("ValueError: …@… called from …phone…") == 2
    assert "asha" not in done.stderr


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
