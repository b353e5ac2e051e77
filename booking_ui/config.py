"""Settings from the environment or `.env`, checked once at start and frozen.

Every field is documented in `.env.example`. A missing or contradictory setting raises `SettingsError`
with one sentence that names it.
"""

from __future__ import annotations

import secrets
from contextlib import suppress
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from limits import parse_many
from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from booking_ui.addresses import bare, is_origin, local, one_of

# Known to everyone who reads this file: they open the local sandbox and nothing else.
SANDBOX_KEY_ID = "rzp_test_localsandbox01"
SANDBOX_KEY_SECRET = "sandbox-key-secret-not-a-real-one"
SANDBOX_WEBHOOK_SECRET = "sandbox-webhook-secret-not-a-real-one"

RAZORPAY_API = "https://api.razorpay.com"
RAZORPAY_CHECKOUT = "https://checkout.razorpay.com/v1/checkout.js"


class SettingsError(Exception):
    """A setting is missing or contradicts another; the text is one sentence that names it."""


Networks = tuple[IPv4Network | IPv6Network, ...]

RATE_LIMITS = (
    "address", "person", "sign_in", "sign_in_address", "register", "claim", "events", "events_address", "connects",
    "bad_signatures",
)  # fmt: skip


@lru_cache(maxsize=16)
def networks(text: str) -> Networks:
    """The addresses and CIDRs of a list separated by commas. Raises ValueError."""
    return tuple(ip_network(one.strip(), strict=False) for one in text.split(",") if one.strip())


RefundBands = tuple[tuple[int, int], ...]
"""(hours before the visit, percent of the fee that comes back), the farthest first."""


def refund_bands(policy: str) -> RefundBands:
    """CANCELLATION_POLICY read: "24:100,4:50" is all until 24 hours before, half until 4, then no more online.

    Raises ValueError with what is wrong in words.
    """
    try:
        bands = tuple(
            (int(hours), int(percent)) for hours, percent in (b.split(":") for b in policy.split(","))
        )
    except ValueError as exc:
        raise ValueError(f"{policy!r} is not hours:percent pairs such as 24:100,4:50") from exc
    hours, percents = [h for h, _ in bands], [p for _, p in bands]
    if any(h < 0 or h > 8760 for h in hours) or hours != sorted(set(hours), reverse=True):
        raise ValueError("the hours must go down from band to band, 0 to 8760")
    if any(p < 0 or p > 100 for p in percents) or percents != sorted(percents, reverse=True):
        raise ValueError("the percents must be 0 to 100 and must not rise as the visit comes nearer")
    return bands


class Settings(BaseSettings):
    """What the operator decides. Money and time limits carry their unit in the name."""

    model_config = SettingsConfigDict(env_file=".env", env_file_encoding="utf-8", frozen=True, extra="ignore")

    port: int = Field(3000, ge=1, le=65535)
    host: str = "127.0.0.1"
    data_dir: Path = Path("data")
    database_url: str = ""
    redis_url: str = ""
    public_url: str = ""
    secret_key: str = ""

    razorpay_key_id: str = ""
    razorpay_key_secret: str = ""
    razorpay_webhook_secret: str = ""
    razorpay_webhook_secret_previous: str = ""
    razorpay_api_url: str = ""
    razorpay_checkout_url: str = ""
    razorpay_webhook_ips: str = ""
    sandbox_port: int = Field(3100, ge=1, le=65535)

    payment_timeout_minutes: int = Field(15, ge=1, le=120)
    payment_retry_grace_seconds: int = Field(0, ge=0, le=3600)
    payment_currency: Literal["INR"] = "INR"
    clinic_timezone: str = "Asia/Kolkata"
    booking_horizon_days: int = Field(14, ge=1, le=60)
    open_holds_per_patient: int = Field(3, ge=1, le=20)
    cancellation_policy: str = "24:100,4:50"
    reschedule_cutoff_hours: int = Field(4, ge=0, le=168)
    complete_after_hours: int = Field(6, ge=1, le=168)

    merchant_name: str = "Saanjh Clinics"
    merchant_logo: str = ""
    theme_color: str = Field("#14532d", pattern=r"^#[0-9a-fA-F]{6}$")
    support_phone: str = "+91 80 4718 2200"
    terms_url: str = Field("", pattern=r"^(https?://\S+)?$", max_length=180)
    smtp_url: str = ""
    reminder_hours: int = Field(24, ge=0, le=168)

    retention_payment_years: int = Field(7, ge=7, le=30)
    retention_webhook_days: int = Field(180, ge=30, le=3650)
    retention_mail_days: int = Field(30, ge=1, le=3650)
    retention_session_days: int = Field(30, ge=1, le=3650)

    cors_origins: str = ""
    trusted_proxy_hops: int = Field(0, ge=0, le=10)

    # Who may knock how often: "10/minute; 60/hour" means both.
    rate_limit_address: str = "1200/minute"
    rate_limit_person: str = "300/minute"
    rate_limit_sign_in: str = "10/minute; 60/hour"
    rate_limit_sign_in_address: str = "60/minute; 600/hour"
    rate_limit_register: str = "120/minute"
    rate_limit_claim: str = "60/minute"
    rate_limit_events: str = "1200/minute"
    rate_limit_events_address: str = "6000/minute"
    rate_limit_connects: str = "300/minute"
    rate_limit_bad_signatures: str = "60/minute"
    rate_limit_trusted_ips: str = ""
    metrics_token: str = ""
    webhook_silence_hours: int = Field(6, ge=0, le=24 * 14)

    log_format: Literal["json", "console"] = "console"
    sentry_dsn: str = Field("", pattern=r"^(https?://\w+@[^/]+/\d+)?$")
    workers: int = Field(1, ge=1, le=16)
    run_worker: bool = True
    demo: bool | None = None

    @model_validator(mode="before")
    @classmethod
    def _left_empty(cls, given: Any) -> Any:
        """`WORKERS=` in a file says nothing; for a text, empty may be what is meant."""
        texts = {name for name, field in cls.model_fields.items() if isinstance(field.default, str)}
        return {name: value for name, value in given.items() if value != "" or name in texts}

    @field_validator("clinic_timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as exc:
            raise ValueError(f"{value!r} is not a time zone such as Asia/Kolkata") from exc
        return value

    @field_validator("cancellation_policy")
    @classmethod
    def _readable_bands(cls, value: str) -> str:
        refund_bands(value)
        return value

    @property
    def refund_bands(self) -> RefundBands:
        return refund_bands(self.cancellation_policy)

    @field_validator(*(f"rate_limit_{name}" for name in RATE_LIMITS))
    @classmethod
    def _readable_limit(cls, value: str) -> str:
        try:
            rules = parse_many(value)
        except ValueError as exc:
            raise ValueError(f"{value!r} is not a limit such as 10/minute; 60/hour") from exc
        if any(rule.amount < 1 for rule in rules):
            raise ValueError(f"{value!r} lets nobody in")
        return value

    @field_validator("rate_limit_trusted_ips", "razorpay_webhook_ips")
    @classmethod
    def _readable_addresses(cls, value: str) -> str:
        try:
            networks(value)
        except ValueError as exc:
            raise ValueError(
                f"{value!r} is not a list of addresses such as 10.0.0.7, 192.168.0.0/16"
            ) from exc
        return value

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.clinic_timezone)

    @property
    def sandbox(self) -> bool:
        """Whether the local Razorpay sandbox stands in: exactly when no Razorpay key is set."""
        return not self.razorpay_key_id

    @property
    def live(self) -> bool:
        return self.razorpay_key_id.startswith("rzp_live_")

    @property
    def demo_mode(self) -> bool:
        if self.demo is not None:
            return self.demo
        return self.sandbox or self.razorpay_key_id.startswith("rzp_test_")

    @property
    def mail_in_files(self) -> bool:
        """Whether mails are files under DATA_DIR/mail that the desk may read: no server is set."""
        return not self.smtp_url

    @property
    def base_url(self) -> str:
        """Where browsers and Razorpay reach the app; no trailing slash."""
        return (self.public_url or f"http://localhost:{self.port}").rstrip("/")

    @property
    def https(self) -> bool:
        return self.base_url.startswith("https://")

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{(self.data_dir / 'booking.db').absolute()}"

    @property
    def key_id(self) -> str:
        return self.razorpay_key_id or SANDBOX_KEY_ID

    @property
    def key_secret(self) -> str:
        return SANDBOX_KEY_SECRET if self.sandbox else self.razorpay_key_secret

    @property
    def webhook_secrets(self) -> tuple[str, ...]:
        """Secrets a webhook may be signed with, newest first; never an empty string."""
        current = self.razorpay_webhook_secret or (SANDBOX_WEBHOOK_SECRET if self.sandbox else "")
        return tuple(s for s in (current, self.razorpay_webhook_secret_previous) if s)

    @property
    def api_url(self) -> str:
        """Razorpay's API, without trailing slash and without /v1 (the SDK appends it)."""
        default = f"http://127.0.0.1:{self.sandbox_port}" if self.sandbox else RAZORPAY_API
        return (self.razorpay_api_url or default).rstrip("/")

    @property
    def checkout_url(self) -> str:
        host = urlsplit(self.base_url).hostname or "localhost"
        default = f"http://{host}:{self.sandbox_port}/v1/checkout.js" if self.sandbox else RAZORPAY_CHECKOUT
        return self.razorpay_checkout_url or default

    def signing_key(self) -> str:
        """The key that signs sessions and tokens; generated once into DATA_DIR for a demo."""
        if self.secret_key:
            return self.secret_key
        path = self.data_dir / "secret_key"
        if not path.exists():
            # Bookings, mail and keys: nobody else on the machine may even list them.
            self.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            draft = path.with_suffix(f".{secrets.token_hex(4)}")
            draft.touch(mode=0o600)
            draft.write_text(secrets.token_urlsafe(48))
            with suppress(FileExistsError):
                path.hardlink_to(draft)  # atomic: of two first starts, one key wins
            draft.unlink()
        return path.read_text().strip()


def _contradiction(s: Settings) -> str | None:
    """The first contradiction between settings as a sentence, or None."""
    for name, url, schemes, saying in _addresses(s):
        if not one_of(url, schemes):
            return f"{name} must {saying}."
    rules: list[tuple[bool, str]] = [
        (
            bool(s.razorpay_key_id) and not s.razorpay_key_id.startswith(("rzp_test_", "rzp_live_")),
            "RAZORPAY_KEY_ID must start with rzp_test_ or rzp_live_.",
        ),
        (
            bool(s.razorpay_key_id) and not s.razorpay_key_secret,
            "RAZORPAY_KEY_SECRET is missing: RAZORPAY_KEY_ID is set, so its secret must be too.",
        ),
        (
            not s.razorpay_key_id and bool(s.razorpay_key_secret),
            "RAZORPAY_KEY_ID is missing: RAZORPAY_KEY_SECRET is set, so the key id must be too.",
        ),
        (
            bool(s.razorpay_key_id) and not s.razorpay_webhook_secret,
            "RAZORPAY_WEBHOOK_SECRET is missing: without it anyone could forge a payment.",
        ),
        (
            bool(s.razorpay_webhook_secret) and s.razorpay_webhook_secret == s.razorpay_key_secret,
            "RAZORPAY_WEBHOOK_SECRET must differ from RAZORPAY_KEY_SECRET.",
        ),
        (
            s.live and not s.api_url.startswith("https://"),
            "RAZORPAY_API_URL must be https:// with a live RAZORPAY_KEY_ID: the secret travels there.",
        ),
        (
            s.live and local(s.api_url),
            "RAZORPAY_API_URL points at the sandbox while RAZORPAY_KEY_ID is a live key: live keys never leave for a sandbox.",
        ),
        (
            s.live and (local(s.checkout_url) or not s.checkout_url.startswith("https://")),
            "RAZORPAY_CHECKOUT_URL must be Razorpay's own with a live RAZORPAY_KEY_ID: patients pay there.",
        ),
        (s.live and not s.https, "PUBLIC_URL must be https:// with a live RAZORPAY_KEY_ID."),
        (s.live and s.demo is True, "DEMO must not be true with a live RAZORPAY_KEY_ID."),
        (
            not s.secret_key and not s.demo_mode,
            "SECRET_KEY is missing: outside demo mode it must be set (32 characters or more).",
        ),
        (0 < len(s.secret_key) < 32, "SECRET_KEY is too short: 32 characters or more."),
        (0 < len(s.metrics_token) < 16, "METRICS_TOKEN is too short: 16 characters or more."),
        (
            s.workers > 1 and not s.redis_url,
            "WORKERS above 1 needs REDIS_URL: page state is shared through Redis.",
        ),
        (s.sandbox and s.sandbox_port == s.port, "SANDBOX_PORT must differ from PORT."),
        (
            not s.database.startswith(("sqlite:///", "postgresql+psycopg://")),
            "DATABASE_URL must start with sqlite:/// or postgresql+psycopg://.",
        ),
        (
            s.database.split("?")[0] in ("sqlite:///", "sqlite:///:memory:"),
            "DATABASE_URL must name a file: in memory every process would have a clinic of its own.",
        ),
        (
            not all(is_origin(one.strip()) for one in s.cors_origins.split(",") if one.strip()),
            "CORS_ORIGINS must list origins such as https://portal.example, each by its name: * would let every site in.",
        ),
        (
            bool(s.public_url) and not bare(s.public_url),
            "PUBLIC_URL must be a name alone, such as https://clinic.example: the clinic lives at the root of its host.",
        ),
    ]
    return next((sentence for broken, sentence in rules if broken), None)


def _addresses(s: Settings) -> list[tuple[str, str, tuple[str, ...], str]]:
    """(name, address, schemes it may have, how it is said) of every setting that is an address or empty."""
    web = ("http", "https")
    return [
        ("RAZORPAY_API_URL", s.razorpay_api_url, web, "start with https:// or http://, and name a host"),
        ("RAZORPAY_CHECKOUT_URL", s.razorpay_checkout_url, web, "start with https:// or http://, and name a host"),
        ("PUBLIC_URL", s.public_url, web, "start with http:// or https://, and name a host"),
        ("MERCHANT_LOGO", s.merchant_logo, web, "start with https:// or http://, and name a host"),
        ("SMTP_URL", s.smtp_url, ("smtp", "smtps"), "start with smtp:// or smtps://, and name a host"),
        ("REDIS_URL", s.redis_url, ("redis", "rediss"), "start with redis:// or rediss://, and name a host"),
    ]  # fmt: skip


def load(**overrides: object) -> Settings:
    """Read and check the settings.

    Raises:
        SettingsError: one sentence that names the setting to mend.
    """
    try:
        found = Settings(**overrides)  # type: ignore[arg-type]  # pydantic validates the values
    except ValidationError as exc:
        first = exc.errors()[0]
        name = str(first["loc"][0]).upper() if first["loc"] else "A setting"
        said = str(first["msg"]).removeprefix("Value error, ")  # pydantic's, not ours
        raise SettingsError(f"{name}: {said}.") from exc
    if sentence := _contradiction(found):
        raise SettingsError(sentence)
    return found


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process, read once."""
    return load()
