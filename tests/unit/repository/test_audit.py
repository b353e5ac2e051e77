"""What `make audit` makes of pip-audit's end: a hole always wins, and what was not checked is never clean."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.audit import CLEAN, FOUND, MANY, NOT_CHECKED, judged

SOUND = {"name": "starlette", "version": "0.49.1", "vulns": []}
HOLE = {"id": "PYSEC-2026-404", "fix_versions": ["2.0"], "aliases": []}
HOLED = {"name": "urllib3", "version": "1.0", "vulns": [HOLE]}
UNKNOWN = {"name": "own", "skip_reason": "Dependency not found on PyPI and could not be audited: own (1)"}
TROUBLE = "ServiceError: 404, Max retries exceeded, ConnectionError, timed out"


def report(*packages: dict[str, Any]) -> str:
    return json.dumps({"dependencies": packages, "fixes": []})


@pytest.mark.parametrize("beside", [[], [UNKNOWN] * (MANY + 1)], ids=["alone", "beside unchecked ones"])
def test_a_hole_wins_whatever_else_is_said(beside: list[dict[str, Any]]) -> None:
    status, said = judged(1, report(SOUND, HOLED, *beside), f"Found 1 known vulnerability. {TROUBLE}")
    assert status == FOUND
    assert "urllib3 1.0: PYSEC-2026-404, mended in: 2.0" in said


def test_a_hole_is_told_even_with_a_good_exit_status() -> None:
    assert judged(0, report(HOLED), "")[0] == FOUND


@pytest.mark.parametrize(
    ("returncode", "stdout"),
    [(1, ""), (1, "Traceback"), (0, ""), (0, "[]"), (1, report(SOUND)), (0, report(*[UNKNOWN] * (MANY + 1)))],
)
def test_what_was_not_checked_is_never_clean(returncode: int, stdout: str) -> None:
    status, said = judged(returncode, stdout, TROUBLE)
    assert (status, said[:11]) == (NOT_CHECKED, "Not checked")


def test_a_report_without_holes_is_clean_and_names_what_it_leaves_out() -> None:
    assert judged(0, report(SOUND), TROUBLE) == (CLEAN, "No known hole; packages checked: 1.")
    assert judged(0, report(SOUND, UNKNOWN), "")[1].endswith("Not audited: own.")
