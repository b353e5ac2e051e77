"""Settings: what a fresh machine gets, and which contradictions stop the start."""

from __future__ import annotations

import itertools
import re
import stat
import subprocess
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from pathlib import Path

import pytest
from dotenv import dotenv_values
from pydantic import ValidationError

import rxconfig
from booking_ui.config import settings
from booking_ui.config.notations import networks
from booking_ui.config.settings import Settings, SettingsError, load
from tests.support.servers import ROOT

TEST_KEYS = {
    "razorpay_key_id": "rzp_test_1234567890abcd",
    "razorpay_key_secret": "the secret of the key",
    "razorpay_webhook_secret": "the secret of the webhook",
}
LIVE_KEYS = {
    **TEST_KEYS,
    "razorpay_key_id": "rzp_live_1234567890abcd",
    "public_url": "https://clinic.example",
    "secret_key": "k" * 32,
    "support_phone": "+91 80 1234 5678",
    "support_hours": "",
}


@pytest.fixture(autouse=True)
def _a_generous_clinic() -> None:
    """The defaults themselves are asked for here."""


def test_a_fresh_machine_gets_a_demo_clinic_with_the_sandbox() -> None:
    found = load()
    assert (found.base_url, found.sandbox, found.demo_mode, found.live) == (
        "http://localhost:3000", True, True, False,
    )  # fmt: skip
    assert (found.api_url, found.checkout_url) == (
        "http://127.0.0.1:3100",
        "http://localhost:3100/v1/checkout.js",
    )
    assert found.key_id.startswith("rzp_test_")


@pytest.mark.parametrize(
    ("asked", "offered"),
    [("en,hi", ("en", "hi")), (" HI , hi, xx,", ("en", "hi")), ("", ("en",)), ("en", ("en",))],
)
def test_english_is_always_offered_and_before_the_others(asked: str, offered: tuple[str, ...]) -> None:
    assert load(languages=asked).offered_languages == offered


def test_the_database_lies_in_data_dir_unless_named(tmp_path: Path) -> None:
    assert load(data_dir=tmp_path).database == f"sqlite:///{tmp_path / 'booking.db'}"
    assert load(database_url="postgresql+psycopg://db/clinic").database == "postgresql+psycopg://db/clinic"


def test_razorpay_keys_switch_the_sandbox_off() -> None:
    found = load(**TEST_KEYS)
    assert (found.sandbox, found.demo_mode, found.live) == (False, True, False)
    assert (found.api_url, found.checkout_url) == (
        "https://api.razorpay.com",
        "https://checkout.razorpay.com/v1/checkout.js",
    )
    assert (found.key_id, found.key_secret) == (
        TEST_KEYS["razorpay_key_id"],
        TEST_KEYS["razorpay_key_secret"],
    )


def test_live_keys_mean_no_demo() -> None:
    found = load(**LIVE_KEYS)
    assert (found.live, found.demo_mode, found.https) == (True, False, True)


def test_webhook_secrets_are_newest_first_and_never_empty() -> None:
    assert load(**TEST_KEYS).webhook_secrets == ("the secret of the webhook",)
    rotating = load(**TEST_KEYS, razorpay_webhook_secret_previous="the old one")
    assert rotating.webhook_secrets == ("the secret of the webhook", "the old one")
    assert load().webhook_secrets == (settings.SANDBOX_WEBHOOK_SECRET,)


def test_what_clings_to_a_pasted_secret_is_none_of_it() -> None:
    pasted = load(**{name: f" {value}\n" for name, value in TEST_KEYS.items()})
    clean = load(**TEST_KEYS)
    assert (pasted.key_id, pasted.key_secret) == (clean.key_id, clean.key_secret)
    assert pasted.webhook_secrets == clean.webhook_secrets


def test_the_cancellation_policy_is_read_as_bands() -> None:
    assert load().refund_bands == ((24, 100), (4, 50))
    assert load(cancellation_policy=" 48:100, 24:75,0:0 ").refund_bands == ((48, 100), (24, 75), (0, 0))
    assert load().reschedule_cutoff_hours == 4


@pytest.mark.parametrize(
    ("policy", "wrong"),
    [
        ("", "'' is not hours:percent pairs such as 24:100,4:50"),
        ("24", "'24' is not hours:percent pairs such as 24:100,4:50"),
        ("24:100:1", "'24:100:1' is not hours:percent pairs such as 24:100,4:50"),
        ("24:half", "'24:half' is not hours:percent pairs such as 24:100,4:50"),
        ("4:50,24:100", "the hours must go down from band to band, 0 to 8760"),
        ("24:100,24:50", "the hours must go down from band to band, 0 to 8760"),
        ("-1:100", "the hours must go down from band to band, 0 to 8760"),
        ("24:101", "the percents must be 0 to 100 and must not rise as the visit comes nearer"),
        ("24:50,4:100", "the percents must be 0 to 100 and must not rise as the visit comes nearer"),
    ],
)
def test_a_policy_that_makes_no_sense_stops_the_start(policy: str, wrong: str) -> None:
    with pytest.raises(SettingsError) as stopped:
        load(cancellation_policy=policy)
    assert str(stopped.value) == f"CANCELLATION_POLICY: {wrong}."


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"reschedule_cutoff_hours": -1}, "RESCHEDULE_CUTOFF_HOURS"),
        ({"port": 0}, "PORT"),
        ({"port": "http"}, "PORT"),
        ({"payment_timeout_minutes": 0}, "PAYMENT_TIMEOUT_MINUTES"),
        ({"complete_after_hours": 0}, "COMPLETE_AFTER_HOURS"),
        ({"payment_currency": "USD"}, "PAYMENT_CURRENCY"),
        ({"clinic_timezone": "Asia/Nowhere"}, "CLINIC_TIMEZONE"),
        ({"theme_color": "green"}, "THEME_COLOR"),
        ({"log_format": "xml"}, "LOG_FORMAT"),
        ({"terms_url": "javascript:alert(1)"}, "TERMS_URL"),
        ({"sentry_dsn": "errors.example"}, "SENTRY_DSN"),
        ({"sentry_dsn": "https://errors.example/7"}, "SENTRY_DSN"),
        ({"sentry_dsn": "https://key@errors.example/7?x=1"}, "SENTRY_DSN"),
        ({"sandbox_port": 3000}, "SANDBOX_PORT"),
        ({"database_url": "mysql://db"}, "DATABASE_URL"),
        ({"database_url": "postgresql://db"}, "DATABASE_URL"),
        ({"public_url": "clinic.example"}, "PUBLIC_URL"),
        ({"public_url": "https://clinic.example/book"}, "PUBLIC_URL"),
        ({"public_url": "https://clinic.example/?a=1"}, "PUBLIC_URL"),
        ({"public_url": "https://user@clinic.example"}, "PUBLIC_URL"),
        ({"workers": 2}, "WORKERS"),
        ({"retention_payment_years": 6}, "RETENTION_PAYMENT_YEARS"),
        ({"retention_webhook_days": 0}, "RETENTION_WEBHOOK_DAYS"),
        ({"retention_mail_days": 0}, "RETENTION_MAIL_DAYS"),
        ({"retention_session_days": 0}, "RETENTION_SESSION_DAYS"),
        ({"trusted_proxy_hops": -1}, "TRUSTED_PROXY_HOPS"),
        ({"rate_limit_sign_in": "often"}, "RATE_LIMIT_SIGN_IN"),
        ({"rate_limit_claim": "0/minute"}, "RATE_LIMIT_CLAIM"),
        ({"rate_limit_holds": "12"}, "RATE_LIMIT_HOLDS"),
        ({"rate_limit_register": ""}, "RATE_LIMIT_REGISTER"),
        ({"rate_limit_trusted_ips": "localhost"}, "RATE_LIMIT_TRUSTED_IPS"),
        ({"razorpay_webhook_ips": "52.66.75.174/99"}, "RAZORPAY_WEBHOOK_IPS"),
        ({"metrics_token": "short"}, "METRICS_TOKEN"),
        ({"smtp_url": "http://mail.example"}, "SMTP_URL"),
        ({"smtp_url": "smtp://"}, "SMTP_URL"),
        ({"alert_email": "the desk"}, "ALERT_EMAIL"),
        ({"mail_from": "the desk"}, "MAIL_FROM"),
        ({"clinic_gstin": "29ABCDE1234F1ZX"}, "CLINIC_GSTIN"),
        ({"clinic_gstin": "29ABCDE1234F1Z"}, "CLINIC_GSTIN"),
        ({"clinic_name_legal": "x" * 161}, "CLINIC_NAME_LEGAL"),
        ({"mail_from": "a@clinic.example, b@clinic.example"}, "MAIL_FROM"),
        ({"mail_reply_to": "a@clinic.example\nBcc: b@x.example"}, "MAIL_REPLY_TO"),
        ({"redis_url": "localhost:6379"}, "REDIS_URL"),
        ({"public_url": "https://"}, "PUBLIC_URL"),
        ({"public_url": "https://["}, "PUBLIC_URL"),
        ({"database_url": "sqlite:///:memory:"}, "DATABASE_URL"),
        ({"cors_origins": "*"}, "CORS_ORIGINS"),
        ({"cors_origins": "https://*.example"}, "CORS_ORIGINS"),
        ({"cors_origins": "https://a.example, portal.example"}, "CORS_ORIGINS"),
        ({"cors_origins": "https://a.example/page"}, "CORS_ORIGINS"),
        ({"merchant_logo": "javascript:alert(1)"}, "MERCHANT_LOGO"),
        ({"merchant_logo": "https://logo.example; script-src *"}, "MERCHANT_LOGO"),
        ({"razorpay_api_url": "api.razorpay.com"}, "RAZORPAY_API_URL"),
        ({"razorpay_checkout_url": "checkout.js"}, "RAZORPAY_CHECKOUT_URL"),
        ({**LIVE_KEYS, "razorpay_api_url": "http://10.0.0.7:3100"}, "RAZORPAY_API_URL"),
        ({"reminder_hours": 169}, "REMINDER_HOURS"),
        ({"reminder_hours": -1}, "REMINDER_HOURS"),
        ({"secret_key": "short"}, "SECRET_KEY"),
        ({"demo": False}, "SECRET_KEY"),
        ({**TEST_KEYS, "razorpay_key_id": "key_1234"}, "RAZORPAY_KEY_ID"),
        ({**TEST_KEYS, "razorpay_key_id": ""}, "RAZORPAY_KEY_ID"),
        ({**TEST_KEYS, "razorpay_key_secret": ""}, "RAZORPAY_KEY_SECRET"),
        ({**TEST_KEYS, "razorpay_webhook_secret": ""}, "RAZORPAY_WEBHOOK_SECRET"),
        ({**TEST_KEYS, "razorpay_webhook_secret": TEST_KEYS["razorpay_key_secret"]}, "RAZORPAY_WEBHOOK_SECRET"),
        ({**TEST_KEYS, "razorpay_webhook_secret": " \n"}, "RAZORPAY_WEBHOOK_SECRET"),
        (
            {**TEST_KEYS, "razorpay_webhook_secret_previous": TEST_KEYS["razorpay_key_secret"]},
            "RAZORPAY_WEBHOOK_SECRET_PREVIOUS",
        ),
        ({**LIVE_KEYS, "razorpay_api_url": "http://127.0.0.1:3100"}, "RAZORPAY_API_URL"),
        ({**LIVE_KEYS, "razorpay_api_url": "https://127.0.0.2:3100"}, "RAZORPAY_API_URL"),
        ({**LIVE_KEYS, "razorpay_api_url": "https://0.0.0.0:3100"}, "RAZORPAY_API_URL"),
        ({**LIVE_KEYS, "razorpay_api_url": "https://sandbox.localhost:3100"}, "RAZORPAY_API_URL"),
        ({**LIVE_KEYS, "razorpay_checkout_url": "http://localhost:3100/v1/checkout.js"}, "RAZORPAY_CHECKOUT_URL"),
        ({**LIVE_KEYS, "razorpay_checkout_url": "http://checkout.example/v1.js"}, "RAZORPAY_CHECKOUT_URL"),
        ({**LIVE_KEYS, "public_url": "http://clinic.example"}, "PUBLIC_URL"),
        ({**LIVE_KEYS, "public_url": ""}, "PUBLIC_URL"),
        ({**LIVE_KEYS, "secret_key": ""}, "SECRET_KEY"),
        ({**LIVE_KEYS, "demo": True}, "DEMO"),
        ({**LIVE_KEYS, "support_phone": settings.DEMO_PHONE}, "SUPPORT_PHONE"),
        ({**LIVE_KEYS, "support_hours": settings.DEMO_HOURS}, "SUPPORT_HOURS"),
        ({**LIVE_KEYS, "razorpay_webhook_secret": ""}, "RAZORPAY_WEBHOOK_SECRET"),
    ],
)  # fmt: skip
def test_a_wrong_or_contradictory_setting_is_refused_by_name(given: dict[str, object], named: str) -> None:
    with pytest.raises(SettingsError) as refused:
        load(**given)
    assert re.match(rf"{named}\b", str(refused.value))
    assert "\n" not in str(refused.value)
    assert str(refused.value).endswith(".")
    assert "Value error" not in str(refused.value)


def test_an_empty_value_is_no_value_except_for_a_text(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PORT", "WORKERS", "DEMO", "RUN_WORKER", "DATA_DIR"):
        monkeypatch.setenv(name, "")
    found = load()
    assert (found.port, found.workers, found.demo_mode, found.run_worker) == (3000, 1, True, True)
    assert found.data_dir == Path("data")
    with pytest.raises(SettingsError, match=r"^CANCELLATION_POLICY"):
        load(cancellation_policy="")


def test_a_slash_after_the_name_of_the_clinic_is_forgiven() -> None:
    assert load(public_url="https://clinic.example/").base_url == "https://clinic.example"


def test_addresses_are_read_with_or_without_a_mask() -> None:
    found = networks(load(rate_limit_trusted_ips=" 127.0.0.1, ::1,10.1.2.3/8 ").rate_limit_trusted_ips)
    assert [str(one) for one in found] == ["127.0.0.1/32", "::1/128", "10.0.0.0/8"]


def test_a_refusal_never_repeats_a_secret() -> None:
    with pytest.raises(SettingsError) as refused:
        load(**{**TEST_KEYS, "razorpay_webhook_secret": TEST_KEYS["razorpay_key_secret"]})
    assert TEST_KEYS["razorpay_key_secret"] not in str(refused.value)


def test_settings_do_not_change_after_the_start() -> None:
    with pytest.raises(ValidationError):
        load().port = 4000  # type: ignore[misc]


def test_the_shell_wins_over_the_env_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("PORT=4000\nSANDBOX_PORT=4100\n")
    monkeypatch.setitem(Settings.model_config, "env_file", tmp_path / ".env")
    monkeypatch.setenv("SANDBOX_PORT", "4200")
    assert (load().port, load().sandbox_port) == (4000, 4200)


@pytest.fixture
def env_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setitem(Settings.model_config, "env_file", tmp_path / ".env")
    return tmp_path / ".env"


@pytest.mark.parametrize(
    ("line", "name", "nearest"),
    [
        ("PAYMENT_TIMEOUT_MINUTE=5", "PAYMENT_TIMEOUT_MINUTE", "PAYMENT_TIMEOUT_MINUTES"),
        ("RAZORPAY_KEYID=rzp_test_x", "RAZORPAY_KEYID", "RAZORPAY_KEY_ID"),
        ("export RAZORPAY_WEBHOOK_SECERT=s3cret", "RAZORPAY_WEBHOOK_SECERT", "RAZORPAY_WEBHOOK_SECRET"),
        ("SMTP_URI=smtp://u:s3cret@h", "SMTP_URI", "SMTP_URL"),
        ("worker=2", "WORKER", "WORKERS"),
    ],
)
def test_a_misspelt_name_in_the_env_file_stops_the_start(
    env_file: Path, line: str, name: str, nearest: str
) -> None:
    env_file.write_text(f"{line}\n")
    with pytest.raises(SettingsError) as stopped:
        load()
    assert str(stopped.value) == f"{name} in .env is not a setting; the nearest is {nearest}."


def test_any_other_name_is_said_to_change_nothing(env_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    env_file.write_text("# RAZORPAY_KEYID=x\nCOMPOSE_PROJECT=clinic\nPORT=4000\nport=4000\n")
    assert load().port == 4000
    (sentence,) = settings.unheard()
    assert re.fullmatch(
        r"COMPOSE_PROJECT in \.env is not a setting and changes nothing; the nearest is [A-Z_]+\.", sentence
    )
    monkeypatch.setenv("RAZORPAY_WEBHOOKS_SECRET", "s3cret")
    assert settings.unheard()[1] == (
        "RAZORPAY_WEBHOOKS_SECRET in the environment is not a setting and changes nothing; "
        "the nearest is RAZORPAY_WEBHOOK_SECRET."
    )


def test_the_variables_of_a_shell_are_not_taken_for_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "HOME",
        "HOSTNAME",
        "PATH",
        "LANG",
        "XDG_DATA_DIRS",
        "USER",
        "SSH_CLIENT",
        "REDIS_PORT",
        "PORTAGE",
    ):
        monkeypatch.setenv(name, "x")
    assert settings.unheard() == []


def test_a_data_dir_that_cannot_be_written_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for place in (tmp_path / "file", tmp_path / "file/below", Path("/proc/self"), Path("/proc/clinic")):
        with pytest.raises(SettingsError, match=rf"^DATA_DIR: {place}\S* can't be .*\.$"):
            load(data_dir=place).signing_key()
        with pytest.raises(SettingsError, match=rf"^DATA_DIR: {place} can't be written to \(.+\)\.$"):
            load(data_dir=place).make_data_dir()


def example() -> str:
    """`.env.example` with every setting switched on."""
    return re.sub(r"^# ([A-Z_]+=)", r"\1", (ROOT / ".env.example").read_text(), flags=re.MULTILINE)


def in_the_readme() -> str:
    (block,) = re.findall(r"```\n(# /etc/clinic\.env.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    numbers = itertools.count()  # each secret is another
    return re.sub("…", lambda _: f"{next(numbers):032}", block)


def read_as_env_file(text: str) -> dict[str, str]:
    return {name: value or "" for name, value in dotenv_values(stream=StringIO(text)).items()}


def read_by_a_shell(text: str, names: Iterable[str]) -> dict[str, str]:
    told = "; ".join(f'printf "%s\\n" "${name}"' for name in names)
    done = subprocess.run(
        ["sh", "-euc", f"{text}\n{told}"], env={}, capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    return dict(zip(names, done.stdout.splitlines(), strict=True))


@pytest.mark.parametrize("document", [example, in_the_readme])
def test_a_file_of_settings_says_the_same_to_the_clinic_a_shell_and_systemd(
    document: Callable[[], str],
) -> None:
    text = document()
    found = read_as_env_file(text)
    assert read_by_a_shell(text, list(found)) == found
    for line in text.splitlines():  # systemd takes a comment behind a value for a part of it
        assert line.startswith("#") or not re.search(r"\s#", line), line


def test_the_readmes_settings_start_a_clinic() -> None:
    found = load(**{name.lower(): value for name, value in read_as_env_file(in_the_readme()).items()})
    assert (found.live, found.workers, found.support_phone[:4]) == (True, 4, "+91 ")


def test_the_example_lists_every_setting_with_its_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RATE_LIMIT_TRUSTED_IPS")
    listed = read_as_env_file(example())
    assert set(listed) == {name.upper() for name in Settings.model_fields}
    unset = load()
    as_written = load(**{name.lower(): value for name, value in listed.items()})
    assert as_written.model_dump(exclude={"demo"}) == unset.model_dump(exclude={"demo"}) | {
        "data_dir": Path("data")
    }
    assert as_written.demo_mode is unset.demo_mode


def test_the_key_of_a_demo_is_made_once_and_readable_by_its_owner_only(tmp_path: Path) -> None:
    first = load(data_dir=tmp_path / "new").signing_key()
    assert load(data_dir=tmp_path / "new").signing_key() == first
    assert len(first) >= 32
    assert stat.S_IMODE((tmp_path / "new/secret_key").stat().st_mode) == 0o600
    assert [p.name for p in (tmp_path / "new").iterdir()] == ["secret_key"]


def test_of_many_first_starts_one_key_wins(tmp_path: Path) -> None:
    together, found = threading.Barrier(8), load(data_dir=tmp_path)

    def start(_: int) -> str:
        together.wait()
        return found.signing_key()

    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(start, range(8)))
    assert keys == {(tmp_path / "secret_key").read_text()}


def test_a_given_key_is_used_and_nothing_is_written(tmp_path: Path) -> None:
    assert load(data_dir=tmp_path, secret_key="k" * 40).signing_key() == "k" * 40
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("given", "allowed"),
    [
        ({}, ["http://localhost:3000", "http://127.0.0.1:3000"]),
        ({"port": 4000}, ["http://localhost:4000", "http://127.0.0.1:4000"]),
        ({"public_url": "http://127.0.0.1:8080"}, ["http://127.0.0.1:8080", "http://localhost:8080"]),
        (LIVE_KEYS, ["https://clinic.example"]),
        (
            {**TEST_KEYS, "public_url": "https://staging.example"},  # a demo may be looked at from its own machine
            ["https://staging.example", "http://localhost:3000", "http://127.0.0.1:3000"],
        ),
        ({**TEST_KEYS, "public_url": "https://a.example/", "demo": False, "secret_key": "k" * 32}, ["https://a.example"]),
    ],
)  # fmt: skip
def test_the_clinics_own_pages_have_these_origins(given: dict[str, object], allowed: list[str]) -> None:
    own = load(**given).own_origins
    assert list(own) == allowed
    assert rxconfig._origins(own, " https://p.example/ ,https://q.example") == [
        *allowed, "https://p.example", "https://q.example",
    ]  # fmt: skip


def test_no_origin_is_a_wildcard() -> None:
    assert "*" not in rxconfig.config.cors_allowed_origins


def test_the_locks_name_packages_and_hashes_but_no_registry() -> None:
    lock = (ROOT / "reflex.lock/package-lock.json").read_text()
    assert '"resolved"' not in lock
    assert lock.count('"integrity"') > 100
    for name in ("requirements.txt", "requirements-dev.txt"):
        pinned = (ROOT / name).read_text()
        assert not re.search(r"^--|https?://", pinned, re.MULTILINE)
        assert "--hash=sha256:" in pinned


@pytest.mark.parametrize(
    "address",
    [
        "",
        "https://key@o1.ingest.example/7",
        "http://key:secret@10.0.0.2:9000/7",
        "https://key@errors.example/sentry/eu/7",
    ],
)
def test_an_error_tracker_may_live_below_a_path(address: str) -> None:
    assert load(sentry_dsn=address).sentry_dsn == address
