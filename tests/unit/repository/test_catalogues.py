"""Every language says every sentence, with the same places."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from booking_ui.languages import FIRST, known_languages
from booking_ui.languages.catalogue import HERE

ROOT = HERE.parents[1]
OTHERS = [language for language in known_languages() if language != FIRST]


@cache
def of_the_code(folder: Path) -> Catalog:
    """What `make messages` takes from the code."""
    target = folder / "messages.pot"
    words = ["-F", "pyproject.toml", "-k", "N_", "-k", "pgettext:1c,2", "-o", str(target), "."]
    command = [sys.executable, "-m", "babel.messages.frontend", "-q", "extract", *words]
    subprocess.run(command, cwd=ROOT, check=True)
    with target.open("rb") as file:
        return read_po(file)


@pytest.fixture(scope="module")
def sentences(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    return of_the_code(tmp_path_factory.mktemp("messages"))


def catalogue(language: str) -> Catalog:
    with (HERE / language / "messages.po").open("rb") as file:
        return read_po(file, locale=language)


def forms(text: object) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)  # type: ignore[arg-type]  # one, or one and many


def places(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


def translated(message: Message, language: Catalog) -> tuple[str, ...]:
    found = language.get(message.id, message.context)
    return forms(found.string) if found else ("",)


def hidden(path: Path) -> list[int]:
    """The lines of sentences inside an f-string, which Babel reads on Python 3.12 and newer alone."""
    return [
        call.lineno
        for part in ast.walk(ast.parse(path.read_text()))
        if isinstance(part, ast.JoinedStr)
        for call in ast.walk(part)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id in ("_", "N_", "ngettext", "pgettext")
        and isinstance(call.args[0], ast.Constant)
    ]


def test_no_sentence_hides_inside_an_f_string(tmp_path: Path) -> None:
    sample = tmp_path / "sample.py"
    sample.write_text("""a = f"{_('Seen.')} {_(KNOWN)}"\nb = _("Said.")\n""")
    assert hidden(sample) == [1]
    code = (ROOT / "booking_ui").rglob("*.py")
    assert not {str(path.relative_to(ROOT)): lines for path in code if (lines := hidden(path))}


def test_there_is_another_language() -> None:
    assert "hi" in OTHERS


@pytest.mark.parametrize("language", OTHERS)
def test_every_sentence_of_the_code_is_said(language: str, sentences: Catalog) -> None:
    spoken = catalogue(language)
    missing = [message.id for message in sentences if message.id and not all(translated(message, spoken))]
    assert not missing, f"{len(missing)} of {len(sentences)}: run `make messages` and translate"


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_has_the_places_of_its_sentence(language: str, sentences: Catalog) -> None:
    """A singular may leave the number out."""
    spoken, wrong = catalogue(language), []
    for message in sentences:
        if not message.id:
            continue
        wanted = places(forms(message.id)[-1])
        for number, said in enumerate(translated(message, spoken)):
            may_lack = {"count"} if message.pluralizable and number == 0 else set()
            if not wanted - may_lack <= places(said) <= wanted:
                wrong.append((message.id, said))
    assert not wrong


@pytest.mark.parametrize("language", OTHERS)
def test_nothing_is_said_that_the_code_does_not_say(language: str, sentences: Catalog) -> None:
    known = {
        (message.id if isinstance(message.id, str) else message.id[0], message.context)
        for message in sentences
    }
    old = [m.id for m in catalogue(language) if m.id and (forms(m.id)[0], m.context) not in known]
    assert not old, "run `make messages`"


@pytest.mark.parametrize("language", OTHERS)
def test_no_translation_is_a_guess(language: str) -> None:
    assert not [message.id for message in catalogue(language) if message.id and message.fuzzy]


@pytest.mark.parametrize("language", OTHERS)
def test_a_sentence_with_an_end_has_one_in_every_language(language: str) -> None:
    """A full stop that is lost runs two sentences into each other."""
    ends = {".": "।.", "?": "?", "…": "…", ":": ":"}
    wrong = []
    for message in catalogue(language):
        if not message.id:
            continue
        said = forms(message.string)[-1]
        end = forms(message.id)[-1][-1]
        if end in ends and (not said or said[-1] not in ends[end]):
            wrong.append((message.id, said))
    assert not wrong
