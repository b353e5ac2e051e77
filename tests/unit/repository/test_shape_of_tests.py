"""Tests stand alone: what several of them need is in tests/support."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.support.servers import ROOT

# Helpers, and programs that are tested like any other.
ON_THEIR_OWN = ("tests.support.", "tests.audit", "tests.licenses", "tests.screens", "tests.simulation")


@cache
def tracked(folder: str) -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", folder],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [name for name in listed.stdout.splitlines() if (ROOT / name).exists()]


def imported(file: str) -> Iterator[str]:
    """Every module under tests that a file imports, with its names: `tests.support.cast.NOW`."""
    for node in ast.walk(ast.parse((ROOT / file).read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.startswith("tests."))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("tests"):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def imports() -> Iterator[tuple[str, str]]:
    for file in [*tracked("tests"), *tracked("bench")]:
        if file.endswith(".py"):
            yield from ((file, name) for name in imported(file))


def test_no_module_imports_a_test_or_a_conftest() -> None:
    found = [
        f"{file}: {name}"
        for file, name in imports()
        if any(part.startswith("test_") or part == "conftest" for part in name.split(".")[:-1])
        or name.rpartition(".")[2] == "conftest"
    ]
    assert found == []


def test_a_helper_of_two_folders_is_in_support() -> None:
    found = [
        f"{file}: {name}"
        for file, name in imports()
        if not name.startswith(ON_THEIR_OWN) and Path(file).parent.as_posix().replace("/", ".") not in name
    ]
    assert found == []
