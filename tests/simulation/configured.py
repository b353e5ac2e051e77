"""The settings of a story: the defaults, and nothing of the developer's `.env` or shell."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from booking_ui.config.settings import Settings, settings

SECRET_KEY = "the key of every story's audit rows"


@contextmanager
def configured(grace_seconds: int = 0) -> Iterator[None]:
    """The default settings with this story's grace, and one key for all stories: their first rows are made once."""
    ours = {name.upper() for name in Settings.model_fields}
    kept = {name: value for name, value in os.environ.items() if name.upper() not in ours}
    changed = {"PAYMENT_RETRY_GRACE_SECONDS": str(grace_seconds), "SECRET_KEY": SECRET_KEY}
    with (
        patch.dict(os.environ, {**kept, **changed}, clear=True),
        patch.dict(Settings.model_config, {"env_file": None}),
    ):
        settings.cache_clear()
        yield
    settings.cache_clear()
