"""Docstrings begin with what they promise: a noun or a verb, never a question."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
A_QUESTION = re.compile(r"(Who|Whoever|Whom|Whose|What|Whatever|Which|Whether|Where|How|Why|When|The same)\b")


def docstrings(path: Path) -> Iterator[str]:
    """Those of the module, its classes and functions, and strings that stand below a name."""
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.Expr(value=ast.Constant(value=str() as text)):
                yield text.strip()


def modules() -> list[Path]:
    return sorted((ROOT / "booking_ui").rglob("*.py"))


def test_no_docstring_begins_with_a_question() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}: {text.splitlines()[0]}"
        for path in modules()
        for text in docstrings(path)
        if A_QUESTION.match(text)
    ]
    assert wrong == []


@pytest.mark.parametrize(
    "text", ['"""What it does."""', 'def f():\n    """How many."""', 'X = 1\n"""The same as Y."""']
)
def test_a_question_is_seen_wherever_it_stands(tmp_path: Path, text: str) -> None:
    (tmp_path / "one.py").write_text(text)
    assert [bool(A_QUESTION.match(found)) for found in docstrings(tmp_path / "one.py")] == [True]
