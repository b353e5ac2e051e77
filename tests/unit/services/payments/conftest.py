"""A clinic that lets a failed payment be tried again for a while."""

from __future__ import annotations

import pytest

from booking_ui.config.settings import settings


@pytest.fixture
def grace(configured: pytest.MonkeyPatch) -> None:
    """A minute in which a failed payment may be tried again on the held slot."""
    configured.setenv("PAYMENT_RETRY_GRACE_SECONDS", "60")
    settings.cache_clear()
