"""Farah has an account."""

from __future__ import annotations

import pytest

from booking_ui.services.accounts import authentication
from booking_ui.services.views import Principal
from tests.support.accounts import MAIL, PASSWORD
from tests.support.cast import NOW, Cast


@pytest.fixture
def farah(cast: Cast) -> Principal:
    return authentication.open_account(
        name="Farah Ali", email=MAIL, phone="9876543210", password=PASSWORD, now=NOW
    )
