"""Every sentence of the money paths as nonsense: no rule may read one, so nothing but what people read may change.

`install()` comes before the first import of the product. From then on each sentence in a module of SCOPE is

- other letters, and others at every place where it is written, so that no two places agree;
- a `Sentence`, which refuses to be compared by the product with any other text;
- something new each time it is bound to a query, so that what is stored is never found again by it.

A sentence is text with a space in it, a word with a capital, or any text of a dictionary that has one of these. SQL,
patterns, types and docstrings are told by their place in the syntax tree and stay as they are.
"""

from __future__ import annotations

import ast
import builtins
import itertools
import re
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import CodeType, ModuleType
from typing import Any, TypeGuard
from zlib import crc32

import sqlalchemy as sa

SCOPE = ("booking_ui.domain.", "booking_ui.services.", "tests.simulation.plants")
LEFT_ALONE = (
    "booking_ui.domain.clinic.",
    "booking_ui.domain.people.",
    "booking_ui.domain.search.",
    "booking_ui.domain.clock",
    "booking_ui.services.journal.stated",
)
"""Whose words are looked up, are patterns of dates, or are parts of SQL."""
PROMISES = "booking_ui.services.upkeep.invariants"  # SQL, but for what each promise says
NO_WORDS = frozenset({"text", "compile", "fullmatch", "split", "sub", "strftime", "Index", "CheckConstraint"})
"""Functions whose texts are SQL, patterns or names."""
CODES = frozenset({"slot_fact"})
"""Functions that write a code with a space in it, which another one takes apart."""
JOBS = frozenset({"books compared", "webhook silence", "unpaid holds", "idempotency keys"})
"""Names of jobs, by which the clinic's monitoring knows them too."""

_PLACEHOLDER = re.compile(r"(\{[^}]*\})")
_LETTERS = str.maketrans(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "qwertzuiopasdfghjklyxcvbnmQWERTZUIOPASDFGHJKLYXCVBNM",
)
_numbers = itertools.count(1)


class SentenceRead(AssertionError):
    """A rule compared a sentence."""


class Sentence(str):
    """Text for people. The product may show it, store it, and see whether it is empty."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        _refuse(self, other)
        return str.__eq__(self, other)

    def __ne__(self, other: object) -> bool:
        _refuse(self, other)
        return str.__ne__(self, other)

    def __hash__(self) -> int:
        return str.__hash__(self)

    def __getitem__(self, key: Any) -> Sentence:
        return Sentence(str.__getitem__(self, key))

    def lstrip(self, chars: str | None = None, /) -> Sentence:  # by columns of remarks, on its way to a query
        return Sentence(str.lstrip(self, chars))


def _refuse(sentence: str, other: object) -> None:
    reader = str(sys._getframe(2).f_globals.get("__name__"))
    if isinstance(other, str) and other and reader.startswith(SCOPE):
        raise SentenceRead(f"{reader} compares {sentence!r}")


def install() -> None:
    """From now on the product is imported with nonsense for sentences."""
    assert not any(name.startswith(SCOPE) for name in sys.modules)
    builtins.Sentence = Sentence  # type: ignore[attr-defined]  # the name that garbled modules call
    sys.meta_path.insert(0, _Finder())
    sa.event.listen(sa.Engine, "before_cursor_execute", _never_the_same, retval=True)


class _Finder(MetaPathFinder):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if not f"{fullname}.".startswith(SCOPE) or fullname.startswith(LEFT_ALONE):
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and isinstance(spec.loader, SourceFileLoader):
            spec.loader = _Loader(spec.loader.name, spec.loader.path)
        return spec


class _Loader(SourceFileLoader):
    def get_code(self, fullname: str) -> CodeType:
        """Compiled anew: the cache knows the sentences."""
        tree = garbled(ast.parse(self.get_data(self.path)), self.name)
        return compile(tree, self.path, "exec", dont_inherit=True)


def garbled(tree: ast.Module, module: str) -> ast.Module:
    """The module with its sentences turned into nonsense."""
    _Garbler(module).visit(_Unmarked().visit(tree))
    return ast.fix_missing_locations(tree)


def is_sentence(text: str) -> bool:
    words = text.strip()
    return (
        words not in JOBS
        and bool(re.search("[A-Za-z]", words))
        and (" " in words or bool(re.fullmatch("[A-Z][a-z]{2,}[.!?]?", words)))
    )


def _is_text(node: ast.expr) -> TypeGuard[ast.Constant]:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


class _Unmarked(ast.NodeTransformer):
    """Takes the catalogue's mark away: N_("paid") is the text itself."""

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        return node.args[0] if getattr(node.func, "id", "") == "N_" else node


class _Garbler(ast.NodeTransformer):
    def __init__(self, module: str) -> None:
        self.module = module

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        return self._sentence(node) if _is_text(node) and is_sentence(str(node.value)) else node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.expr:
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                part.value = self.visit(part.value)  # its format stays
            elif isinstance(part, ast.Constant) and re.search("[A-Za-z].* | .*[A-Za-z]", str(part.value)):
                part.value = self._nonsense(str(part.value), node)
        return node

    def visit_Dict(self, node: ast.Dict) -> ast.expr:
        texts = [one for one in node.values if _is_text(one)]
        for_people = any(is_sentence(str(one.value)) for one in texts)
        node.values = [
            self._sentence(one) if for_people and one in texts else self.visit(one) for one in node.values
        ]
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.stmt:
        """A member of an enum: the first text is its code, any other one is for people."""
        self.generic_visit(node)
        if any(isinstance(base, ast.Name) and base.id == "StrEnum" for base in node.bases):
            for line in node.body:
                if isinstance(line, ast.Assign) and isinstance(line.value, ast.Tuple):
                    code, *others = line.value.elts
                    line.value.elts = [
                        code,
                        *(self._sentence(one) if _is_text(one) else one for one in others),
                    ]
        return node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name in NO_WORDS:
            return node
        if self.module == PROMISES:
            if name == "_Promise":
                node.args[1] = self.visit(node.args[1])
            return node
        self.generic_visit(node)
        return node

    def visit_Assign(self, node: ast.Assign) -> ast.stmt:
        if self.module != PROMISES or isinstance(node.value, ast.Tuple):
            self.generic_visit(node)
        return node

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        if getattr(node.value, "id", "") != "Literal":
            self.generic_visit(node)
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.stmt:
        node.value = self.visit(node.value) if node.value else None
        return node

    def visit_arg(self, node: ast.arg) -> ast.arg:
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.stmt:
        if node.name in CODES:
            return node
        node.returns = None
        self.generic_visit(node)
        return node

    def visit_Expr(self, node: ast.Expr) -> ast.stmt:
        if not isinstance(node.value, ast.Constant):
            self.generic_visit(node)
        return node

    def visit_MatchValue(self, node: ast.MatchValue) -> ast.pattern:
        return node

    def _sentence(self, node: ast.Constant) -> ast.expr:
        nonsense = ast.Constant(self._nonsense(str(node.value), node))
        return ast.copy_location(ast.Call(ast.Name("Sentence", ast.Load()), [nonsense], []), node)

    def _nonsense(self, text: str, node: ast.expr) -> str:
        """Other letters with the number of the place; what is filled in later stays, as do the spaces at both ends."""
        parts = _PLACEHOLDER.split(text)
        other = "".join(part if n % 2 else part.translate(_LETTERS) for n, part in enumerate(parts))
        place = crc32(f"{self.module}:{node.lineno}:{node.col_offset}".encode()) % 10_000
        kept = len(other) - len(other.rstrip(" .,:;?!)'\""))
        head, tail = (other[:-kept], other[-kept:]) if kept else (other, "")
        return f"{head}{place}{tail}"


def _never_the_same(
    _connection: object, _cursor: object, statement: str, parameters: Any, _context: object, _many: bool
) -> tuple[str, Any]:
    """Audit rows are hashed before they are written, so what is written there is what was hashed."""
    if not parameters or statement.startswith("INSERT INTO audit_entry"):
        return statement, parameters
    several = isinstance(parameters, list) or isinstance(next(iter(parameters)), (tuple, dict))
    return statement, [_renewed(row) for row in parameters] if several else _renewed(parameters)


def _renewed(row: Any) -> Any:
    if isinstance(row, dict):
        return {name: _new(value) for name, value in row.items()}
    return tuple(_new(value) for value in row)


def _new(value: Any) -> Any:
    return f"{value} {next(_numbers)}" if isinstance(value, Sentence) and value else value
