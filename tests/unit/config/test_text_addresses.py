"""The addresses of providers, their templates, and the hours in which the clinic sends nothing to a telephone."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from booking_ui.config import settings as config
from booking_ui.config.settings import SettingsError
from booking_ui.config.text_addresses import end_of_quiet, filled, quiet_hours, text_templates

INDIA = ZoneInfo("Asia/Kolkata")


def test_a_value_is_quoted_and_can_end_no_part_of_the_address() -> None:
    values = {"phone": "919845012301", "doctor": "Dr. Rao & Sons/?a=1"}
    assert (
        filled("x://{phone}/{doctor}?q={nobody}", values)
        == "x://919845012301/Dr.%20Rao%20%26%20Sons%2F%3Fa%3D1?q="
    )


@pytest.mark.parametrize(
    "address",
    [
        "",
        "json://127.0.0.1:8025/texts",
        "msg91://{template}@authkey0001/{phone}?:name={patient}&:when={when}",
        "whatsapp://{template}:token0123456789@12345678901234/{phone}?lang={language}&:1={doctor}",
        "twilio://AC0123456789abcdef0123456789abcdef:0123456789abcdef0123456789abcdef@15005550006/{phone}",
    ],
)
def test_addresses_that_apprise_reads_are_taken(address: str) -> None:
    assert config.load(_env_file=None, sms_url=address, demo=True).sms_url == address


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("nothing", "it must be an address of apprise"),
        ("gibberish://x/{phone}", "apprise can't read this gibberish:// address"),
        ("msg91://template@authkey0001/919845012301", "{phone} is missing"),
        ("json://127.0.0.1/{fone}", "{fone} is none of its places"),
    ],
)
def test_an_address_that_could_reach_nobody_stops_the_start(address: str, said: str) -> None:
    with pytest.raises(SettingsError, match=r"^WHATSAPP_URL: ") as caught:
        config.load(_env_file=None, whatsapp_url=address, demo=True)
    assert said in str(caught.value)


def test_templates_stand_by_kind_and_language() -> None:
    found = text_templates("confirmed.en=1107, confirmed.hi=1108,")
    assert found == {("confirmed", "en"): "1107", ("confirmed", "hi"): "1108"}
    with pytest.raises(ValueError, match=r"'confirmed=1107' is not kind\.language=id"):
        text_templates("confirmed=1107")


@pytest.mark.parametrize(
    ("at", "until"),
    [
        ("2026-11-30T20:59", None),
        ("2026-11-30T21:00", "2026-12-01T08:00"),
        ("2026-12-01T03:00", "2026-12-01T08:00"),
        ("2026-12-01T08:00", None),
    ],
)
def test_the_night_is_quiet_on_the_clinics_clock(at: str, until: str | None) -> None:
    now = datetime.fromisoformat(at).replace(tzinfo=INDIA).astimezone(UTC)
    ends = datetime.fromisoformat(until).replace(tzinfo=INDIA) if until else None
    assert end_of_quiet(quiet_hours("21-8"), now, INDIA) == ends
    assert end_of_quiet(quiet_hours(""), now, INDIA) is None


def test_hours_within_a_day_are_quiet_too() -> None:
    now = datetime(2026, 11, 30, 13, 30, tzinfo=INDIA)
    assert end_of_quiet(quiet_hours("13-15"), now, INDIA) == datetime(2026, 11, 30, 15, tzinfo=INDIA)
    assert end_of_quiet(quiet_hours("15-13"), now, INDIA) is None
    for wrong in ("21", "8-8", "21-25", "night"):
        with pytest.raises(ValueError, match="is not two different hours"):
            quiet_hours(wrong)
