"""The sandbox's settings, from flags of its command or from SANDBOX_* variables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

# Known to everyone who reads this file. The app carries the same strings: the two share no module.
KEY_ID = "rzp_test_localsandbox01"
KEY_SECRET = "sandbox-key-secret-not-a-real-one"
WEBHOOK_SECRET = "sandbox-webhook-secret-not-a-real-one"


class SettingsError(Exception):
    """A setting is wrong; the text is one sentence."""


class PortTakenError(Exception):
    """Another program listens there; the text is one sentence."""


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


@dataclass(frozen=True)
class Flag:
    """One setting as it is given from outside, always as text."""

    name: str
    default: str
    meaning: str

    @property
    def variable(self) -> str:
        return "SANDBOX_" + self.name.upper().replace("-", "_")


FLAGS = (
    Flag("port", "3100", "Port on 127.0.0.1"),
    Flag("key-id", KEY_ID, "API key id, rzp_test_ only"),
    Flag("key-secret", KEY_SECRET, "API key secret"),
    Flag("webhook-secret", WEBHOOK_SECRET, "Secret that webhooks are signed with"),
    Flag("webhook-urls", "", "Addresses that get every event, separated by commas"),
    Flag("state", "", "SQLite file that outlives a restart; empty: in memory"),
    Flag("clock", "1", "Factor by which delays are shortened"),
    Flag("webhook-timeout", "5", "Seconds that an endpoint has to answer"),
)


def from_text(given: Mapping[str, str]) -> Settings:
    """The settings of FLAGS by name, with underscores. Raises SettingsError."""
    try:
        port, clock = int(given["port"]), float(given["clock"])
        webhook_timeout = float(given["webhook_timeout"])
    except ValueError as exc:
        raise SettingsError(
            "SANDBOX_PORT, SANDBOX_CLOCK and SANDBOX_WEBHOOK_TIMEOUT must be numbers."
        ) from exc
    if not 1 <= port <= 65535:
        raise SettingsError("SANDBOX_PORT must be between 1 and 65535.")
    return Settings(
        port=port,
        key_id=given["key_id"],
        key_secret=given["key_secret"],
        webhook_secret=given["webhook_secret"],
        webhook_urls=split_urls(given["webhook_urls"]),
        state=given["state"],
        clock=clock,
        webhook_timeout=webhook_timeout,
    )
