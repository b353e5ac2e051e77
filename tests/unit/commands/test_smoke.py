"""The smoke walk and its checklist are one list; what a clinic answers wrongly is a fail with its reason."""

from __future__ import annotations

import re
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from booking_ui.smoke.checklist import LINES, walk
from booking_ui.smoke.visit import Visit
from tests.support import commands
from tests.support.servers import ROOT, free_port


def written() -> list[tuple[str, str]]:
    """(id, words) of every line of the document."""
    return re.findall(
        r"^\| (S-\d\d) \| (.+) \|$", (ROOT / "docs/staging-checklist.md").read_text(), re.MULTILINE
    )


def test_the_walk_and_the_document_have_the_same_lines_in_the_same_words() -> None:
    assert [(line.id, line.title) for line in LINES] == written()


def test_ids_are_numbered_without_a_gap() -> None:
    assert [line.id for line in LINES] == [f"S-{n:02}" for n in range(1, len(LINES) + 1)]


def test_where_nobody_listens_every_line_of_a_program_fails_and_only_people_are_left() -> None:
    outcomes = {o.line.id: o.mark for o in walk(Visit(f"http://127.0.0.1:{free_port()}"))}
    assert {name for name, mark in outcomes.items() if mark == "person"} == {f"S-{n}" for n in range(28, 35)}
    assert {name for name, mark in outcomes.items() if mark == "pass"} == {"S-06", "S-27"}


class _YesMan(BaseHTTPRequestHandler):
    """Answers 200 to everything, whoever asks."""

    def _yes(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Access-Control-Allow-Origin", "*")
        self.end_headers()
        self.wfile.write(b'{"success": true, "message": "Yes.", "data": {}}')

    do_GET = do_POST = do_OPTIONS = _yes  # noqa: N815  # the base class's names

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name is the base class's
        pass


def test_a_clinic_that_says_yes_to_everything_fails_wherever_it_should_refuse_or_tell() -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), _YesMan) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        outcomes = list(walk(Visit(f"http://127.0.0.1:{server.server_address[1]}", mode="sandbox")))
        server.shutdown()
    assert [o.line.id for o in outcomes if o.mark == "pass"] == ["S-01", "S-06", "S-27"]
    reasons = {o.line.id: o.reason for o in outcomes}
    assert reasons["S-07"] == "allows *"
    assert reasons["S-12"] == "expected 401 not_signed_in, got 200: Yes."
    assert reasons["S-20"] == "expected 400 bad_signature, got 200: Yes."


def test_any_fail_is_exit_code_1_and_is_printed_with_its_reason() -> None:
    done = commands.run("smoke", f"http://127.0.0.1:{free_port()}")
    assert done.exit_code == 1
    assert "S-01  FAIL            The clinic is alive: no answer (ConnectionError)" in done.stdout


@pytest.mark.parametrize("given", [[], ["localhost:3000"], ["http://one", "http://two"]])
def test_without_an_address_it_says_how_to_call_it(given: list[str]) -> None:
    done = commands.run("smoke", *given)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == "Give the address of a running clinic: make smoke BASE_URL=https://…\n"


def test_live_keys_let_the_walk_hold_nothing() -> None:
    visit = Visit(f"http://127.0.0.1:{free_port()}", mode="live")
    booking = {o.line.id: o.mark for o in walk(visit) if "S-15" <= o.line.id <= "S-18"}
    assert set(booking.values()) == {"person"}
