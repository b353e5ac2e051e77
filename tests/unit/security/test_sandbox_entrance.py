"""The sandbox is an entrance too: its keys are public, so only programs on this machine may use them."""

from __future__ import annotations

import base64
import http.client
import stat
from pathlib import Path

import pytest

from booking_ui.config.settings import SANDBOX_KEY_ID, SANDBOX_KEY_SECRET, Settings, SettingsError, load

KEYS = base64.b64encode(f"{SANDBOX_KEY_ID}:{SANDBOX_KEY_SECRET}".encode()).decode()
OURS = ("127.0.0.1", "localhost", "[::1]")
THEIRS = (
    "evil.example",
    "127.0.0.1.evil.example",
    "localhost.evil.example",
    "10.0.0.1",
    "[",
    "",
    "192.168.1.1",
)
DOORS = ("/_sandbox/events", "/_sandbox/clock", "/_sandbox/webhooks", "/v1/orders", "/v1/payments")


def asked(sandbox: str, path: str, host: str, method: str = "GET", **headers: str) -> int:
    """The status for a browser that takes `host` for this machine."""
    connection = http.client.HTTPConnection(sandbox.removeprefix("http://"), timeout=10)
    try:
        connection.putrequest(method, path, skip_host=True)
        connection.putheader("Host", host)
        for name, value in {"Authorization": f"Basic {KEYS}", "Content-Length": "0", **headers}.items():
            connection.putheader(name, value)
        connection.endheaders()
        return connection.getresponse().status
    finally:
        connection.close()


@pytest.mark.parametrize("path", DOORS)
def test_a_name_turned_to_this_machine_reaches_no_door(sandbox: str, path: str) -> None:
    port = sandbox.rpartition(":")[2]
    assert [asked(sandbox, path, f"{host}:{port}") for host in OURS] == [200, 200, 200]
    for host in THEIRS:
        assert asked(sandbox, path, host) in {400, 403}, host  # 400: the server itself refuses a broken name


@pytest.mark.parametrize("path", DOORS)
def test_a_page_of_another_origin_reaches_no_door(sandbox: str, path: str) -> None:
    for origin in ("https://evil.example", "null", "http://localhost:3000"):
        assert asked(sandbox, path, "localhost", Origin=origin) == 403
        assert asked(sandbox, path, "localhost", "OPTIONS", Origin=origin) in {400, 403}


def test_with_keys_of_ones_own_there_is_no_sandbox() -> None:
    own = Settings(
        _env_file=None, razorpay_key_id="rzp_test_0000000000", razorpay_key_secret="s" * 24, razorpay_webhook_secret="w"
    )  # fmt: skip
    assert not own.sandbox  # the one question that `serve` asks before it starts it
    assert own.key_secret != SANDBOX_KEY_SECRET
    assert "127.0.0.1" not in own.api_url


def test_live_keys_never_meet_a_gateway_on_this_machine() -> None:
    with pytest.raises(SettingsError, match="RAZORPAY_API_URL"):
        load(
            _env_file=None,
            razorpay_key_id="rzp_live_0000000000",
            razorpay_key_secret="s" * 24,
            razorpay_webhook_secret="w" * 24,
            razorpay_api_url="http://localhost:3100",
            public_url="https://clinic.example",
            secret_key="k" * 32,
        )


def test_what_a_demo_keeps_is_its_owners_alone(tmp_path: Path) -> None:
    home = tmp_path / "new" / "data"
    Settings(_env_file=None, data_dir=home).signing_key()
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert stat.S_IMODE((home / "secret_key").stat().st_mode) == 0o600
