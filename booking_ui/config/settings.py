"""Settings from the environment or `.env`, checked once at start and frozen.

Every field is documented in `.env.example`. A missing or contradictory setting raises `SettingsError`
with one sentence that names it.
"""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from dotenv import dotenv_values
from pydantic import Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from booking_ui.config.names import Stranger, strangers
from booking_ui.config.notations import (
    Addresses,
    Gstin,
    Limits,
    MailBox,
    MailServer,
    Pasted,
    Policy,
    RedisServer,
    RefundBands,
    WebAddress,
    Zone,
    has_no_path,
    is_local,
    is_origin,
    mail_box,
    refund_bands,
)
from booking_ui.config.text_addresses import QuietHours, Templates, TextAddress
from booking_ui.languages import FIRST, N_, known_languages

# Known to everyone who reads this file: they open the local sandbox and nothing else.
SANDBOX_KEY_ID = "rzp_test_localsandbox01"
SANDBOX_KEY_SECRET = "sandbox-key-secret-not-a-real-one"
SANDBOX_WEBHOOK_SECRET = "sandbox-webhook-secret-not-a-real-one"

# The demo clinic's; nobody answers there.
DEMO_PHONE = "+91 80 4718 2200"
DEMO_HOURS = N_("every day from 8 am to 9 pm")

RAZORPAY_API = "https://api.razorpay.com"
RAZORPAY_CHECKOUT = "https://checkout.razorpay.com/v1/checkout.js"


class SettingsError(Exception):
    """A setting is missing or contradicts another; the text is one sentence that names it."""


class Settings(BaseSettings):
    """The operator's decisions. Money and time limits carry their unit in the name."""

    model_config = SettingsConfigDict(env_file=".env", env_file_encoding="utf-8", frozen=True, extra="ignore")

    port: int = Field(3000, ge=1, le=65535)
    host: str = "127.0.0.1"
    data_dir: Path = Path("data")
    database_url: str = ""
    redis_url: RedisServer = ""
    public_url: WebAddress = ""
    secret_key: str = ""
    secret_key_previous: str = ""

    razorpay_key_id: Pasted = ""
    razorpay_key_secret: Pasted = ""
    razorpay_webhook_secret: Pasted = ""
    razorpay_webhook_secret_previous: Pasted = ""
    razorpay_api_url: WebAddress = ""
    razorpay_checkout_url: WebAddress = ""
    razorpay_webhook_ips: Addresses = ""
    sandbox_port: int = Field(3100, ge=1, le=65535)

    payment_timeout_minutes: int = Field(15, ge=1, le=120)
    payment_link_minutes: int = Field(120, ge=5, le=1440)
    payment_retry_grace_seconds: int = Field(0, ge=0, le=3600)
    payment_currency: Literal["INR"] = "INR"
    clinic_timezone: Zone = "Asia/Kolkata"
    booking_horizon_days: int = Field(14, ge=1, le=60)
    open_holds_per_patient: int = Field(3, ge=1, le=20)
    minimum_notice_minutes: int = Field(0, ge=0, le=10_080)
    cancellation_policy: Policy = "24:100,4:50"
    reschedule_cutoff_hours: int = Field(4, ge=0, le=168)
    complete_after_hours: int = Field(6, ge=1, le=168)

    merchant_name: str = "Saanjh Clinics"
    merchant_logo: WebAddress = ""
    clinic_name_legal: str = Field("", max_length=160)
    clinic_address: str = Field("", max_length=300)
    clinic_registration: str = Field("", max_length=80)
    clinic_gstin: Gstin = ""
    theme_color: str = Field("#14532d", pattern=r"^#[0-9a-fA-F]{6}$")
    support_phone: str = DEMO_PHONE
    support_hours: str = DEMO_HOURS
    languages: str = "en,hi"
    terms_url: str = Field("", pattern=r"^(https?://\S+)?$", max_length=180)
    smtp_url: MailServer = ""
    mail_from: MailBox = ""
    mail_reply_to: MailBox = ""
    alert_email: MailBox = ""
    sms_url: TextAddress = Field("", repr=False)
    whatsapp_url: TextAddress = Field("", repr=False)
    sms_templates: Templates = ""
    whatsapp_templates: Templates = ""
    quiet_hours: QuietHours = "21-8"
    reminder_hours: int = Field(24, ge=0, le=168)

    retention_payment_years: int = Field(7, ge=7, le=30)
    retention_webhook_days: int = Field(180, ge=30, le=3650)
    retention_mail_days: int = Field(30, ge=1, le=3650)
    retention_session_days: int = Field(30, ge=1, le=3650)

    cors_origins: str = ""
    trusted_proxy_hops: int = Field(0, ge=0, le=10)

    # "10/minute; 60/hour" means both.
    rate_limit_address: Limits = "1200/minute"
    rate_limit_person: Limits = "300/minute"
    rate_limit_sign_in: Limits = "10/minute; 60/hour"
    rate_limit_sign_in_address: Limits = "60/minute; 600/hour"
    rate_limit_register: Limits = "20/minute; 200/hour"
    rate_limit_claim: Limits = "60/minute"
    rate_limit_holds: Limits = "12/15 minute; 20/hour"
    rate_limit_questions: Limits = "5/5 second; 30/minute; 240/hour"
    rate_limit_questions_in_all: Limits = "600/minute"
    rate_limit_events: Limits = "1200/minute"
    rate_limit_events_address: Limits = "6000/minute"
    rate_limit_connects: Limits = "300/minute"
    rate_limit_bad_signatures: Limits = "60/minute"
    rate_limit_codes: Limits = "5/hour; 12/day"
    rate_limit_codes_address: Limits = "60/hour; 300/day"
    rate_limit_codes_abroad: Limits = "30/day"
    rate_limit_codes_in_all: Limits = "2000/day"
    rate_limit_mails: Limits = "30/hour"
    rate_limit_mails_unconfirmed: Limits = "20/hour; 60/day"
    rate_limit_trusted_ips: Addresses = ""
    metrics_token: str = ""
    webhook_silence_hours: int = Field(6, ge=0, le=24 * 14)

    log_format: Literal["json", "console"] = "console"
    sentry_dsn: str = Field("", pattern=r"^(https?://\w+(:\w+)?@[^/\s]+(/[^/\s?#]+)*/\d+)?$")
    workers: int = Field(1, ge=1, le=16)
    run_worker: bool = True
    demo: bool | None = None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - pydantic's names
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - there is no such directory
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """A file that is not there is not asked for each of the settings, which takes as long as all the rest."""
        file = cls.model_config.get("env_file")
        there = bool(file) and Path(str(file)).exists()
        return (init_settings, env_settings, dotenv_settings) if there else (init_settings, env_settings)

    @model_validator(mode="before")
    @classmethod
    def _left_empty(cls, given: Any) -> Any:
        """`WORKERS=` in a file means the default; of a text, empty may be the value."""
        texts = {name for name, field in cls.model_fields.items() if isinstance(field.default, str)}
        return {name: value for name, value in given.items() if value != "" or name in texts}

    @property
    def refund_bands(self) -> RefundBands:
        return refund_bands(self.cancellation_policy)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.clinic_timezone)

    @property
    def sandbox(self) -> bool:
        """True when no Razorpay key is set: the local sandbox takes the payments."""
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
        """True when no mail server is set: mails are files under DATA_DIR/mail, which the desk may read."""
        return not self.smtp_url

    @property
    def sms_in_files(self) -> bool:
        """True when no SMS_URL is set: texts are files under DATA_DIR/messages, which the desk may read."""
        return not self.sms_url

    @property
    def phone_sign_in(self) -> bool:
        """True where a code reaches a telephone: through a provider, or in a demo as a file that the visitor may read."""
        return bool(self.sms_url or self.whatsapp_url) or self.demo_mode

    @property
    def texts_in_files(self) -> bool:
        """True for a demo without a provider: text messages are files under DATA_DIR/messages."""
        return self.phone_sign_in and not (self.sms_url or self.whatsapp_url)

    @property
    def sender(self) -> tuple[str, str]:
        """(name, address) from which the clinic's mails come."""
        name, address = mail_box(self.mail_from)
        own = f"no-reply@{urlsplit(self.base_url).hostname or 'localhost'}"
        return name or self.merchant_name, address or own

    @property
    def offered_languages(self) -> tuple[str, ...]:
        """Languages of the pages and mails: English, and those of LANGUAGES that we have."""
        asked = [name.strip().lower() for name in self.languages.split(",")]
        return (FIRST, *(name for name in dict.fromkeys(asked) if name in known_languages()[1:]))

    @property
    def base_url(self) -> str:
        """The app's address for browsers and for Razorpay; no trailing slash."""
        return (self.public_url or f"http://localhost:{self.port}").rstrip("/")

    @property
    def own_origins(self) -> tuple[str, ...]:
        """Origins of the clinic's own pages. Where it is only tried out, this machine has two names for itself."""
        names = ("http://localhost", "http://127.0.0.1") if self.demo_mode or is_local(self.base_url) else ()
        port = (urlsplit(self.base_url).port if is_local(self.base_url) else None) or self.port
        return tuple(dict.fromkeys([self.base_url, *(f"{name}:{port}" for name in names)]))

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

    @property
    def previous_keys(self) -> tuple[str, ...]:
        """Former values of SECRET_KEY, newest first: audit rows of their time are verified with them."""
        return tuple(key for one in self.secret_key_previous.split(",") if (key := one.strip()))

    def signing_key(self) -> str:
        """The key that signs sessions and tokens; generated once into DATA_DIR for a demo."""
        if self.secret_key:
            return self.secret_key
        path = self.data_dir / "secret_key"
        try:
            if not path.exists():
                self.make_data_dir()
                draft = path.with_suffix(f".{secrets.token_hex(4)}")
                draft.touch(mode=0o600)
                draft.write_text(secrets.token_urlsafe(48))
                with suppress(FileExistsError):
                    path.hardlink_to(draft)  # atomic: of two first starts, one key wins
                draft.unlink()
            return path.read_text().strip()
        except OSError as exc:
            raise SettingsError(f"DATA_DIR: {path} can't be used ({exc.strerror}).") from exc

    def make_data_dir(self) -> None:
        """Make DATA_DIR if it is missing. Raises SettingsError when nothing can be written there."""
        try:
            # Bookings, mail and keys: other users of the machine may not even list them.
            self.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.data_dir):
                pass
        except OSError as exc:
            raise SettingsError(f"DATA_DIR: {self.data_dir} can't be written to ({exc.strerror}).") from exc


_CONTRADICTIONS: tuple[tuple[Callable[[Settings], bool], str], ...] = (
    (
        lambda s: bool(s.razorpay_key_id) and not s.razorpay_key_id.startswith(("rzp_test_", "rzp_live_")),
        "RAZORPAY_KEY_ID must start with rzp_test_ or rzp_live_.",
    ),
    (
        lambda s: bool(s.razorpay_key_id) and not s.razorpay_key_secret,
        "RAZORPAY_KEY_SECRET is missing: RAZORPAY_KEY_ID is set, so its secret must be too.",
    ),
    (
        lambda s: not s.razorpay_key_id and bool(s.razorpay_key_secret),
        "RAZORPAY_KEY_ID is missing: RAZORPAY_KEY_SECRET is set, so the key id must be too.",
    ),
    (
        lambda s: bool(s.razorpay_key_id) and not s.razorpay_webhook_secret,
        "RAZORPAY_WEBHOOK_SECRET is missing: without it anyone could forge a payment.",
    ),
    (
        lambda s: bool(s.razorpay_key_secret) and s.razorpay_key_secret == s.razorpay_webhook_secret,
        "RAZORPAY_WEBHOOK_SECRET must differ from RAZORPAY_KEY_SECRET.",
    ),
    (
        lambda s: bool(s.razorpay_key_secret) and s.razorpay_key_secret == s.razorpay_webhook_secret_previous,
        "RAZORPAY_WEBHOOK_SECRET_PREVIOUS must differ from RAZORPAY_KEY_SECRET.",
    ),
    (
        lambda s: s.live and not s.api_url.startswith("https://"),
        "RAZORPAY_API_URL must be https:// with a live RAZORPAY_KEY_ID: the secret travels there.",
    ),
    (
        lambda s: s.live and is_local(s.api_url),
        "RAZORPAY_API_URL points at the sandbox while RAZORPAY_KEY_ID is a live key: live keys never leave for a sandbox.",
    ),
    (
        lambda s: s.live and (is_local(s.checkout_url) or not s.checkout_url.startswith("https://")),
        "RAZORPAY_CHECKOUT_URL must be Razorpay's own with a live RAZORPAY_KEY_ID: patients pay there.",
    ),
    (lambda s: s.live and not s.https, "PUBLIC_URL must be https:// with a live RAZORPAY_KEY_ID."),
    (lambda s: s.live and s.demo is True, "DEMO must not be true with a live RAZORPAY_KEY_ID."),
    (
        lambda s: s.live and s.support_phone == DEMO_PHONE,
        "SUPPORT_PHONE is still the demo's: with a live RAZORPAY_KEY_ID patients need a number that somebody answers.",
    ),
    (
        lambda s: s.live and s.support_hours == DEMO_HOURS,
        "SUPPORT_HOURS is still the demo's: with a live RAZORPAY_KEY_ID say when the clinic answers, or leave it empty.",
    ),
    (
        lambda s: not s.secret_key and not s.demo_mode,
        "SECRET_KEY is missing: outside demo mode it must be set (32 characters or more).",
    ),
    (lambda s: 0 < len(s.secret_key) < 32, "SECRET_KEY is too short: 32 characters or more."),
    (
        lambda s: any(len(key) < 32 for key in s.previous_keys),
        "SECRET_KEY_PREVIOUS: each key has 32 characters or more, with a comma between two of them.",
    ),
    (lambda s: 0 < len(s.metrics_token) < 16, "METRICS_TOKEN is too short: 16 characters or more."),
    (
        lambda s: s.workers > 1 and not s.redis_url,
        "WORKERS above 1 needs REDIS_URL: page state is shared through Redis.",
    ),
    (lambda s: s.sandbox and s.sandbox_port == s.port, "SANDBOX_PORT must differ from PORT."),
    (
        lambda s: not s.database.startswith(("sqlite:///", "postgresql+psycopg://")),
        "DATABASE_URL must start with sqlite:/// or postgresql+psycopg://.",
    ),
    (
        lambda s: s.database.split("?")[0] in ("sqlite:///", "sqlite:///:memory:"),
        "DATABASE_URL must name a file: in memory every process would have a clinic of its own.",
    ),
    (
        lambda s: not all(is_origin(one.strip()) for one in s.cors_origins.split(",") if one.strip()),
        "CORS_ORIGINS must list origins such as https://portal.example, each by its name: * would let every site in.",
    ),
    (
        lambda s: bool(s.public_url) and not has_no_path(s.public_url),
        "PUBLIC_URL must be a name alone, such as https://clinic.example: the clinic lives at the root of its host.",
    ),
)
"""Contradictions, each with the sentence that names the setting to mend; the first that holds is raised."""


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
    for broken, sentence in _CONTRADICTIONS:
        if broken(found):
            raise SettingsError(sentence)
    for one in _unknown_in_file():
        if one.misspelt:
            raise SettingsError(f"{one.name} in .env is not a setting; the nearest is {one.nearest}.")
    return found


def unheard() -> list[str]:
    """A sentence for each name in `.env`, and each in the environment that looks misspelt, which changes nothing."""
    known = _known()
    given = [one for one in strangers(os.environ, known) if one.misspelt]
    said = [(".env", one) for one in _unknown_in_file()] + [("the environment", one) for one in given]
    return [
        f"{one.name} in {place} is not a setting and changes nothing; the nearest is {one.nearest}."
        for place, one in said
    ]


def _unknown_in_file() -> list[Stranger]:
    file = Settings.model_config.get("env_file")
    names = dotenv_values(Path(str(file)), interpolate=False) if file else {}
    return strangers((name.upper() for name in names), _known())


def _known() -> list[str]:
    return [name.upper() for name in Settings.model_fields]


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process, read once."""
    return load()
