"""The documents can't rot: every file, name, setting, make target and link that they mention exists.

The tables of `traceability.md` and `go-live.md` have a test of their own.
"""

from __future__ import annotations

import re
import subprocess
from functools import cache
from pathlib import PurePosixPath

import pytest

from booking_ui.__main__ import cli
from booking_ui.services.payments import cash_equation_count
from booking_ui.services.upkeep import invariants
from tests.support.servers import ROOT

GENERATED = {"docs/licenses.md"}
KINDS = ("css", "html", "ini", "js", "json", "lock", "md", "py", "toml", "txt")
# A path may leave out where it stands when that is plain from the text around it.
WITHIN = ("", "booking_ui/", "booking_ui/services/", "tests/", "tests/unit/", "docs/")
MADE_HERE = (
    ".env",
    ".venv",
    ".web",
    "data/",
    "bench/results/",
)  # on the reader's machine, never in the repository
# Fields of JSON, and names of others that a document explains.
ELSEWHERE = {"rx.call_script", "pom.xml", "data.checkoutOptions", "retry.enabled"}
WRITTEN_BY_A_RUN = re.compile(r"<!-- make \w+ writes from here -->.*?<!-- to here -->", re.DOTALL)

SPAN = re.compile(r"`([^`\n]+)`")
FENCE = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")


@cache
def tracked() -> tuple[str, ...]:
    """Every file that is in the repository, or about to be."""
    asked = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    return tuple(path for path in listed if (ROOT / path).exists())


@cache
def documents() -> tuple[str, ...]:
    pages = (path for path in tracked() if path.startswith("docs/") or path == "README.md")
    return tuple(path for path in pages if path.endswith(".md") and path not in GENERATED)


@cache
def text_of(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


@cache
def source() -> str:
    """All that is not prose, as one text."""
    kinds = (".py", ".js", ".toml", ".example", ".json", ".html", "Makefile", ".txt")
    files = [path for path in tracked() if path.endswith(kinds) and "test_documents" not in path]
    return "\n".join(text_of(path) for path in files)


@cache
def folders() -> frozenset[str]:
    return frozenset(f"{parent}/" for path in tracked() for parent in PurePosixPath(path).parents)


def spans(document: str) -> list[str]:
    """What stands between backticks in the sentences of a document; blocks of commands are not among it."""
    return SPAN.findall(WRITTEN_BY_A_RUN.sub("", FENCE.sub("", text_of(document))))


def files_named(path: str) -> list[str]:
    """The files or folders that a path may mean."""
    known = folders() if path.endswith("/") else frozenset(tracked())
    found = [start + path for start in WITHIN if start + path in known]
    if not found and "/" not in path:
        found = [one for one in tracked() if one.endswith(f"/{path}")]
    return found


def is_path(span: str) -> bool:
    if not re.fullmatch(r"[\w./-]+", span) or span.startswith(("/", "http")):
        return False
    return span.rpartition(".")[2] in KINDS if "." in PurePosixPath(span).name else span.endswith("/")


def has_name(path: str, name: str) -> bool:
    """A module has it as a function, class, method or constant."""
    wanted = re.escape(name)
    return bool(
        re.search(rf"^\s*(async def|def|class) {wanted}\b|^{wanted}\b *[:=]", text_of(path), re.MULTILINE)
    )


def is_dotted_name(span: str) -> bool:
    parts = span.split(".")
    return (
        len(parts) == 2
        and all(re.fullmatch(r"[A-Za-z_]\w*", part) for part in parts)
        and parts[1] not in KINDS
    )


def dotted_name_exists(span: str) -> bool:
    """A name of a module, a column of a table, or something that the source writes just so: an event, a line of log."""
    first, second = span.split(".")
    modules = [path for path in files_named(f"{first}.py") if path.startswith("booking_ui/")]
    packages = [f"{folder}{second}.py" for folder in folders() if folder.endswith(f"/{first}/")]
    if any(has_name(path, second) for path in modules) or any(path in tracked() for path in packages):
        return True
    columns = [path for path in tracked() if path.startswith("booking_ui/db/models/")]
    table = re.compile(rf'__tablename__ = "{first}"(.*?)(?=__tablename__|\Z)', re.DOTALL)
    if any(
        re.search(rf"^    {second}: ", found, re.MULTILINE)
        for path in columns
        for found in table.findall(text_of(path))
    ):
        return True
    return span in source() or span in ELSEWHERE


@pytest.mark.parametrize("document", documents())
def test_every_file_that_a_document_names_exists(document: str) -> None:
    named = {span for span in spans(document) if is_path(span) and not span.startswith(MADE_HERE)}
    assert sorted(path for path in named if not files_named(path)) == []


@pytest.mark.parametrize("document", documents())
def test_every_name_in_a_file_that_a_document_mentions_is_there(document: str) -> None:
    found = [span.split("::") for span in spans(document) if re.fullmatch(r"[\w./-]+\.py::\w+", span)]
    names = [(path, name, files_named(path) or files_named(PurePosixPath(path).name)) for path, name in found]
    assert [
        (path, name) for path, name, files in names if not any(has_name(one, name) for one in files)
    ] == []


@pytest.mark.parametrize("document", documents())
def test_every_dotted_name_of_a_document_is_in_the_code(document: str) -> None:
    named = {span.removesuffix("()") for span in spans(document)}
    assert sorted(one for one in named if is_dotted_name(one) and not dotted_name_exists(one)) == []


@pytest.mark.parametrize("document", documents())
def test_every_setting_and_constant_of_a_document_is_in_the_code(document: str) -> None:
    named = {found for span in spans(document) for found in re.findall(r"\b[A-Z]{2,}(?:_[A-Z]+)+\b", span)}
    assert sorted(name for name in named if name not in source() and name.lower() not in source()) == []


@pytest.mark.parametrize("document", documents())
def test_every_command_of_a_document_can_be_given(document: str) -> None:
    text = "\n".join([*spans(document), *(body for _, body in FENCE.findall(text_of(document)))])
    modules = {name.rstrip(".").replace(".", "/") for name in re.findall(r"python3? -m ([\w.]+)", text)} - {
        "alembic"
    }
    commands = set(re.findall(r"-m booking_ui ([a-z][\w-]*)", text))
    targets = set(re.findall(r"(?:^|\s)make ([a-z][\w-]*)", text, re.MULTILINE))
    there = set(re.findall(r"^([a-z][\w-]*):", text_of("Makefile"), re.MULTILINE))
    runnable = {path.removesuffix(".py").removesuffix("/__main__") for path in tracked()}
    assert sorted(modules - runnable) == []
    assert sorted(commands - set(cli.commands)) == []
    assert sorted(targets - there) == []


def anchors(document: str) -> set[str]:
    """The ids that headings get."""
    titles = re.findall(r"^#+ (.+)$", FENCE.sub("", text_of(document)), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}


def broken(document: str, link: str) -> bool:
    path, _, anchor = link.partition("#")
    target = (
        document if not path else str((ROOT / document).parent.joinpath(path).resolve().relative_to(ROOT))
    )
    if not (ROOT / target).exists():
        return True
    return bool(anchor) and target.endswith(".md") and anchor not in anchors(target)


@pytest.mark.parametrize("document", documents())
def test_every_link_of_a_document_leads_somewhere(document: str) -> None:
    links = [link for link in LINK.findall(FENCE.sub("", text_of(document))) if not link.startswith("http")]
    assert [link for link in links if broken(document, link)] == []


def test_every_decision_stands_in_the_index_once() -> None:
    index = LINK.findall(text_of("docs/decisions/README.md"))
    there = [PurePosixPath(path).name for path in tracked() if path.startswith("docs/decisions/")]
    assert sorted(index) == sorted(name for name in there if name != "README.md")


# The contracts of import-linter ask for a place at the root, among the services and for each audience; this list for all.
ROOMS = """
    api api/desk api/http api/patient commands commands/serving
    components components/desk components/desk/booking components/desk/bookings components/doctor components/patient
    components/shared components/ui
    config db db/models demo domain domain/clinic domain/people domain/search edge edge/found gateways gateways/paper gateways/paper/fonts
    gateways/pictures languages languages/hi
    pages pages/desk pages/doctor pages/patient
    sandbox sandbox/bank sandbox/checkout sandbox/checkout/static sandbox/control sandbox/rest sandbox/webhooks
    services services/accounts services/booking services/cases services/desk services/journal services/limits
    services/mail services/payments services/receipts services/refunds services/schedule services/upkeep services/views
    services/views/desk services/visits
    smoke states states/desk states/doctor states/patient states/shared
"""


def test_every_room_stands_in_the_tree_of_the_architecture() -> None:
    tree = next(body for _, body in FENCE.findall(text_of("docs/architecture.md")) if "commands/" in body)
    rooms = {folder for folder in folders() if re.fullmatch(r"booking_ui/[a-z_/]+/", folder)}
    declared = {f"booking_ui/{room}/" for room in ROOMS.split()}
    assert rooms - declared == set(), "a new room is declared here, and in the tree of docs/architecture.md"
    assert declared - rooms == set()
    unnamed = {room for room in rooms if f"{PurePosixPath(room).name}/" not in tree}
    assert unnamed == {"booking_ui/components/desk/bookings/", "booking_ui/sandbox/checkout/static/"}
    assert sorted(set(re.findall(r"\w+/", tree)) - {f"{PurePosixPath(one).name}/" for one in folders()}) == []


def test_the_proofs_list_every_promise_in_its_own_words() -> None:
    counted = [(one.number, one.text) for one in invariants.PROMISES]
    counted.append((cash_equation_count.NUMBER, cash_equation_count.PROMISE))
    listed = re.findall(r"^\| (\d+) \| (.+) \|$", text_of("docs/proof.md"), re.MULTILINE)
    assert [(int(number), text) for number, text in listed] == sorted(counted)
