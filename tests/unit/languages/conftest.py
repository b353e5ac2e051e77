"""Sentences are looked up in a Hindi of the tests' own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.languages import small_hindi


@pytest.fixture(autouse=True)
def _hindi(tmp_path: Path) -> Iterator[None]:
    with small_hindi(tmp_path / "languages"):
        yield
