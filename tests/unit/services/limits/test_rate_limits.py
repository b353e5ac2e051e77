"""Limits per address protect the house, limits per account and person protect the account; Redis only shares them."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
import redis

from booking_ui.config.settings import settings
from booking_ui.domain.errors import RateLimited, TooManyCodes
from booking_ui.gateways import limiter
from booking_ui.gateways import redis as gateway
from booking_ui.services.limits import rate_limits
from tests.support.servers import free_port

STRANGER = "203.0.113.7"


@pytest.fixture
def strict(configured: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Two of everything a minute, three wrong passwords."""
    configured.setenv("RATE_LIMIT_ADDRESS", "2/minute")
    configured.setenv("RATE_LIMIT_CLAIM", "2/minute")
    configured.setenv("RATE_LIMIT_SIGN_IN", "3/minute; 100/hour")
    configured.setenv("RATE_LIMIT_SIGN_IN_ADDRESS", "4/minute")
    settings.cache_clear()
    limiter.reset()
    yield configured
    gateway.reconnect()


def passes(host: str) -> bool:
    return rate_limits.is_within(rate_limits.limit_address, name="address", host=host)


def guesses(email: str, host: str) -> bool:
    """Whether another wrong password was looked at."""
    try:
        rate_limits.limit_guesses(email=email, host=host)
    except RateLimited:
        return False
    rate_limits.count_wrong_guess(email=email, host=host)
    return True


def test_the_third_call_within_the_minute_is_refused_and_told_how_long_to_wait(
    strict: pytest.MonkeyPatch,
) -> None:
    assert [passes(STRANGER) for _ in range(4)] == [True, True, False, False]
    with pytest.raises(RateLimited) as refused:
        rate_limits.limit_address(name="address", host=STRANGER)
    assert 1 <= refused.value.retry_after_seconds <= 60


def test_one_address_does_not_use_up_anothers(strict: pytest.MonkeyPatch) -> None:
    assert [passes(STRANGER) for _ in range(3)] == [True, True, False]
    assert passes("203.0.113.8")


def test_all_addresses_of_one_ipv6_subscriber_count_as_one(strict: pytest.MonkeyPatch) -> None:
    near = [passes(f"2001:db8:1:2::{n}") for n in range(3)]
    assert near == [True, True, False]
    assert passes("2001:db8:1:3::1")


def test_an_ipv4_address_in_ipv6_clothes_is_the_same_address(strict: pytest.MonkeyPatch) -> None:
    assert [passes(STRANGER), passes(f"::ffff:{STRANGER}"), passes(STRANGER)] == [True, True, False]


def test_a_trusted_address_is_free_of_limits_per_address_and_of_no_other(
    strict: pytest.MonkeyPatch,
) -> None:
    strict.setenv("RATE_LIMIT_TRUSTED_IPS", "203.0.113.0/24")
    settings.cache_clear()
    assert all(passes(STRANGER) for _ in range(9))
    rate_limits.limit_person(name="claim", person_id=1)
    rate_limits.limit_person(name="claim", person_id=1)
    with pytest.raises(RateLimited):
        rate_limits.limit_person(name="claim", person_id=1)
    rate_limits.limit_person(name="claim", person_id=2)
    assert [guesses("asha@example.com", STRANGER) for _ in range(4)] == [True, True, True, False]


def test_wrong_passwords_for_one_account_are_counted_from_wherever_they_come(
    strict: pytest.MonkeyPatch,
) -> None:
    tried = [guesses("asha@example.com", f"203.0.113.{n}") for n in range(5)]
    assert tried == [True, True, True, False, False]
    assert guesses("bilal@example.com", "203.0.113.1")


def test_the_account_is_the_same_however_its_mail_is_spelt(strict: pytest.MonkeyPatch) -> None:
    spelt = ("asha@example.com", "ASHA@example.com", " asha@EXAMPLE.com ", "asha@example.com")
    assert [guesses(one, f"203.0.113.{n}") for n, one in enumerate(spelt)] == [True, True, True, False]


def test_wrong_passwords_from_one_address_are_counted_over_all_accounts(
    strict: pytest.MonkeyPatch,
) -> None:
    tried = [guesses(f"nobody-{n}@example.com", STRANGER) for n in range(6)]
    assert tried == [True, True, True, True, False, False]


def test_the_right_password_forgets_the_accounts_wrong_ones_but_not_the_addresss(
    strict: pytest.MonkeyPatch,
) -> None:
    assert [guesses("asha@example.com", STRANGER) for _ in range(3)] == [True, True, True]
    rate_limits.count_right_guess(email="asha@example.com", host=STRANGER)
    assert [guesses("asha@example.com", STRANGER) for _ in range(2)] == [True, False]
    assert guesses("asha@example.com", "203.0.113.8")


def test_a_stranger_does_not_lock_the_owner_out_where_she_is_at_home(strict: pytest.MonkeyPatch) -> None:
    home, elsewhere = "198.51.100.4", "198.51.100.5"
    rate_limits.count_right_guess(email="asha@example.com", host=home)
    assert [guesses("asha@example.com", f"203.0.113.{n}") for n in range(4)] == [True, True, True, False]
    assert not guesses("asha@example.com", elsewhere)
    assert [guesses("asha@example.com", home) for _ in range(4)] == [True, True, True, False]


def test_being_at_home_gives_strangers_no_guesses_back(strict: pytest.MonkeyPatch) -> None:
    """Else she would open the door anew for them each time she comes in."""
    home = "198.51.100.4"
    rate_limits.count_right_guess(email="asha@example.com", host=home)
    assert [guesses("asha@example.com", f"203.0.113.{n}") for n in range(4)] == [True, True, True, False]
    rate_limits.count_right_guess(email="asha@example.com", host=home)
    assert not guesses("asha@example.com", "203.0.113.9")


def test_nobody_is_at_home_in_anothers_account(strict: pytest.MonkeyPatch) -> None:
    rate_limits.count_right_guess(email="mallory@example.com", host=STRANGER)
    assert [guesses("asha@example.com", f"203.0.113.{n}") for n in range(20, 24)] == [True, True, True, False]
    assert not guesses("asha@example.com", STRANGER)


def test_of_ten_thousand_guesses_at_once_as_many_are_looked_at_as_the_limit_says(
    configured: pytest.MonkeyPatch,
) -> None:
    del configured  # the settings' own defaults
    looked_at = sum(guesses("asha@example.com", f"198.51.{n // 250}.{n % 250}") for n in range(10_000))
    assert looked_at == 10


def test_with_redis_all_processes_count_together(strict: pytest.MonkeyPatch, redis_url: str) -> None:
    strict.setenv("REDIS_URL", redis_url)
    settings.cache_clear()
    assert [passes(STRANGER), passes(STRANGER)] == [True, True]
    limiter.reset()  # another process
    assert not passes(STRANGER)
    with redis.Redis.from_url(redis_url) as client:
        keys = [key.decode() for key in client.keys("*")]
    assert keys
    assert not [key for key in keys if STRANGER in key or "asha" in key]


def test_no_redis_key_names_anybody(strict: pytest.MonkeyPatch, redis_url: str) -> None:
    strict.setenv("REDIS_URL", redis_url)
    settings.cache_clear()
    guesses("asha@example.com", STRANGER)
    rate_limits.limit_person(name="claim", person_id=770_077)
    with redis.Redis.from_url(redis_url) as client:
        said = " ".join(key.decode() for key in client.keys("*"))
    assert len(said.split()) == 4
    assert not [word for word in ("asha", "example", "203.0", "770077", "person", "account") if word in said]


def test_while_redis_is_away_each_process_counts_for_itself(strict: pytest.MonkeyPatch) -> None:
    strict.setenv("REDIS_URL", f"redis://127.0.0.1:{free_port()}/0")
    settings.cache_clear()
    assert [passes(STRANGER) for _ in range(3)] == [True, True, False]


def test_a_crowd_makes_no_crowd_of_threads() -> None:
    """The library's memory starts a timer after each count unless the last one still runs."""
    limiter.reset()
    limiter.take("1000/minute", "first")
    began, made = time.monotonic(), set()
    for number in range(200):
        limiter.take("1000/minute", f"person:{number}")
        made |= {thread for thread in threading.enumerate() if isinstance(thread, threading.Timer)}
    assert len(made) <= 2 + (time.monotonic() - began) / limiter.TIDY_SECONDS
    limiter.reset()


def test_a_stranger_uses_up_no_codes_of_a_number_where_it_signed_in(strict: pytest.MonkeyPatch) -> None:
    strict.setenv("RATE_LIMIT_CODES", "2/hour")
    settings.cache_clear()
    home, number = "198.51.100.4", "+919845012301"

    def codes(host: str) -> bool:
        return rate_limits.is_within(rate_limits.limit_codes, to=number, host=host)

    rate_limits.note_home(phone=number, host=home)
    assert [codes(f"203.0.113.{n}") for n in range(3)] == [True, True, False]
    assert [codes(home) for _ in range(3)] == [True, True, False]


def test_texts_abroad_have_a_limit_of_their_own_that_uses_up_nobody_elses(
    strict: pytest.MonkeyPatch,
) -> None:
    strict.setenv("RATE_LIMIT_CODES_ABROAD", "2/day")
    strict.setenv("RATE_LIMIT_CODES_IN_ALL", "3/day")
    settings.cache_clear()

    def codes(number: str) -> bool:
        return rate_limits.is_within(rate_limits.limit_codes, to=number, host=STRANGER)

    abroad = [codes(f"+99291750030{n}") for n in range(5)]
    assert abroad == [True, True, False, False, False]
    assert [codes("+919845012301"), codes("+919845012302")] == [True, False]


def test_the_refusal_of_a_code_says_that_several_were_sent(strict: pytest.MonkeyPatch) -> None:
    strict.setenv("RATE_LIMIT_CODES_IN_ALL", "1/day")
    settings.cache_clear()
    rate_limits.limit_codes(to="+919845012301", host=STRANGER)
    with pytest.raises(TooManyCodes) as refused:
        rate_limits.limit_codes(to="+919845012302", host=STRANGER)
    assert refused.value.retry_after_seconds > 80_000
