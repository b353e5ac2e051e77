"""The audit's keys are derived from SECRET_KEY, and those of before are known by their ids."""

from __future__ import annotations

import pytest

from booking_ui.config.settings import settings
from booking_ui.services.journal import audit_keys

OLD, NEW = "o" * 40, "n" * 40
FACTS = ["entry", "doctor:1", 1]


def use(monkeypatch: pytest.MonkeyPatch, key: str, *previous: str) -> audit_keys.Keys:
    monkeypatch.setenv("SECRET_KEY", key)
    monkeypatch.setenv("SECRET_KEY_PREVIOUS", ", ".join(previous))
    settings.cache_clear()
    return audit_keys.keys()


def test_a_key_is_derived_as_rfc_5869_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its test case 3: SHA-256, no salt, no context; the first 32 bytes of the output."""
    monkeypatch.setattr(audit_keys, "CONTEXT", b"")
    okm = "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
    assert audit_keys._derived("\x0b" * 22).hex() == okm


def test_what_a_former_key_hashed_verifies_while_the_former_key_is_known(
    configured: pytest.MonkeyPatch,
) -> None:
    old = use(configured, OLD).newest
    hashed = audit_keys.keyed(old, FACTS)
    assert len(hashed) == 64
    new = use(configured, NEW, OLD)
    assert (new.newest == old, audit_keys.is_known(old)) == (False, True)
    assert audit_keys.same(audit_keys.keyed(old, FACTS), hashed)
    assert not audit_keys.same(audit_keys.keyed(new.newest, FACTS), hashed)


def test_without_its_key_nothing_verifies(configured: pytest.MonkeyPatch) -> None:
    old = use(configured, OLD).newest
    use(configured, NEW)
    assert (audit_keys.is_known(old), audit_keys.keyed(old, FACTS)) == (False, "")
    assert not audit_keys.same("", "")


def test_the_key_itself_is_not_the_secret_and_other_facts_hash_otherwise(
    configured: pytest.MonkeyPatch,
) -> None:
    found = use(configured, OLD)
    assert OLD.encode() not in found.by_id.values()
    assert audit_keys.keyed(found.newest, FACTS) != audit_keys.keyed(found.newest, [*FACTS, ""])
