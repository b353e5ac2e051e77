"""Schemathesis over our own description, with every check it has; `make schema` is the long run."""

from __future__ import annotations

import pytest

from bench.schema import ASKS_RAZORPAY, REFUSABLE, ROLES, hammer
from booking_ui.api.app import api
from booking_ui.config.settings import settings
from booking_ui.db.session import Database
from tests.support.cast import NOW
from tests.support.security.stage import set_stage


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One kind of database is enough to test the description."""
    return sqlite_url


@pytest.mark.parametrize("role", ROLES)
def test_every_answer_is_one_that_the_description_promises(
    db: Database, sandbox: str, configured: pytest.MonkeyPatch, role: str
) -> None:
    for name in ("PERSON", "CLAIM"):  # limits of a person hold from every address
        configured.setenv(f"RATE_LIMIT_{name}", "100000/minute")
    settings.cache_clear()
    report = hammer(role, set_stage(NOW), examples=3, seed=1, phases=("examples", "fuzzing"))
    assert report.errors == []
    assert report.failures == {}, list(report.samples.values())
    assert report.answers[500] == 0
    assert report.examples > 60
    assert len(report.checks) >= 8  # a check that is never made proves nothing


def test_what_may_refuse_a_fitting_input_is_still_described() -> None:
    assert {*REFUSABLE, *ASKS_RAZORPAY} <= set(api.openapi()["paths"])
