"""What the sandbox is told at its start: flags first, then SANDBOX_* variables, then defaults."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

# Known to everyone who reads this file. The app carries the same strings: the two share no module.
KEY_ID = "rzp_test_localsandbox01"
KEY_SECRET = "sandbox-key-secret-not-a-real-one"
WEBHOOK_SECRET = "sandbox-webhook-secret-not-a-real-one"


class SettingsError(Exception):
    """The sandbox may not start; the text is one sentence."""


@dataclass(frozen=True)
class Settings:
    """`clock` divides every delay of the sandbox; `webhook_timeout` is in real seconds."""

    port: int = 3100
    key_id: str = KEY_ID
    key_secret: str = KEY_SECRET
    webhook_secret: str = WEBHOOK_SECRET
    webhook_urls: tuple[str, ...] = ()
    state: str = ""
    clock: float = 1.0
    webhook_timeout: float = 5.0

    def __post_init__(self) -> None:
        if self.key_id.startswith("rzp_live_"):
            raise SettingsError("SANDBOX_KEY_ID is a live key: the sandbox only takes rzp_test_ keys.")
        if not self.key_id.startswith("rzp_test_"):
            raise SettingsError("SANDBOX_KEY_ID must start with rzp_test_.")
        if not self.key_secret or not self.webhook_secret:
            raise SettingsError("SANDBOX_KEY_SECRET and SANDBOX_WEBHOOK_SECRET must not be empty.")
        if self.clock <= 0 or self.webhook_timeout <= 0:
            raise SettingsError("SANDBOX_CLOCK and SANDBOX_WEBHOOK_TIMEOUT must be above 0.")
        for url in self.webhook_urls:
            if not url.startswith(("http://", "https://")):
                raise SettingsError(f"SANDBOX_WEBHOOK_URLS: {url} must start with http:// or https://.")


def split_urls(text: str) -> tuple[str, ...]:
    return tuple(url.strip() for url in text.split(",") if url.strip())


def _parser(env: Mapping[str, str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m booking_ui.sandbox", description="The local Razorpay.")

    def flag(name: str, default: str, text: str) -> None:
        variable = "SANDBOX_" + name.upper().replace("-", "_")
        parser.add_argument(f"--{name}", default=env.get(variable) or default, help=f"{text} ({variable})")

    flag("port", "3100", "port on 127.0.0.1")
    flag("key-id", KEY_ID, "API key id, rzp_test_ only")
    flag("key-secret", KEY_SECRET, "API key secret")
    flag("webhook-secret", WEBHOOK_SECRET, "what webhooks are signed with")
    flag("webhook-urls", "", "comma separated addresses that get every event")
    flag("state", "", "SQLite file that outlives a restart; empty: in memory")
    flag("clock", "1", "factor by which delays are shortened")
    flag("webhook-timeout", "5", "seconds an endpoint has to answer")
    return parser


def read(argv: Sequence[str], env: Mapping[str, str] = os.environ) -> Settings:
    """Raises SettingsError."""
    found = _parser(env).parse_args(argv)
    try:
        port, clock, patience = int(found.port), float(found.clock), float(found.webhook_timeout)
    except ValueError as exc:
        raise SettingsError(
            "SANDBOX_PORT, SANDBOX_CLOCK and SANDBOX_WEBHOOK_TIMEOUT must be numbers."
        ) from exc
    if not 1 <= port <= 65535:
        raise SettingsError("SANDBOX_PORT must be between 1 and 65535.")
    return Settings(
        port=port,
        key_id=found.key_id,
        key_secret=found.key_secret,
        webhook_secret=found.webhook_secret,
        webhook_urls=split_urls(found.webhook_urls),
        state=found.state,
        clock=clock,
        webhook_timeout=patience,
    )
