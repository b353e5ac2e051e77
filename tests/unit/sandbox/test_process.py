from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.sandbox import running
from tests.support.servers import ROOT


def _start(**environment: str) -> subprocess.CompletedProcess[str]:
    env = os.environ | environment
    command = [sys.executable, "-m", "booking_ui", "sandbox"]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=20, check=False)


@pytest.mark.parametrize(
    ("environment", "word"),
    [
        ({"SANDBOX_KEY_ID": "rzp_live_abcdefghijklmn"}, "live"),
        ({"SANDBOX_KEY_ID": "something"}, "SANDBOX_KEY_ID"),
        ({"SANDBOX_PORT": "lots"}, "SANDBOX_PORT"),
        ({"SANDBOX_STATE": "/dev/null/state.db"}, "SANDBOX_STATE"),
        ({"SANDBOX_CLOCK": "0"}, "SANDBOX_CLOCK"),
        ({"SANDBOX_WEBHOOK_URLS": "localhost:3000"}, "SANDBOX_WEBHOOK_URLS"),
    ],
)
def test_a_bad_setting_stops_the_start_with_one_sentence(environment: dict[str, str], word: str) -> None:
    ended = _start(**environment)
    assert ended.returncode == 2
    assert word in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_a_taken_port_is_named() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ended = _start(SANDBOX_PORT=str(port))
    assert (ended.returncode, str(port) in ended.stderr) == (1, True)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_promptly_even_while_a_request_hangs(number: signal.Signals) -> None:
    with running() as box, socket.create_connection(("127.0.0.1", int(box.url.rpartition(":")[2]))) as client:
        client.sendall(b"GET /v1/orders HTTP/1.1\r\nHost: x\r\nX-Sandbox-Fault: hang\r\n\r\n")
        box.process.send_signal(number)
        assert box.process.wait(30) == 0  # the request would hang for longer


def test_state_survives_a_restart(tmp_path: Path) -> None:
    state = str(tmp_path / "razorpay.db")
    with running(STATE=state) as box:
        order = box.order(receipt="kept")
    with running(STATE=state) as box:
        assert box.ask("GET", f"/v1/orders/{order['id']}") == order


def test_without_a_state_file_every_start_is_empty() -> None:
    with running() as box:
        assert box.ask("GET", "/v1/orders")["count"] == 0


def test_it_listens_on_loopback_only() -> None:
    with running() as box:
        port = int(box.url.rpartition(":")[2])
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as other:
            # The port is free on another loopback address exactly when the sandbox is bound to 127.0.0.1 alone.
            other.bind(("127.0.0.2", port))
