"""`make licenses`: the licence of every pinned package into docs/licenses.md, as its own metadata says."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

ROOT = Path(__file__).parent.parent
LIST = ROOT / "docs" / "licenses.md"

# What may be used and given on inside a closed or an MIT product, as long as the notice stays.
FINE = re.compile(
    r"MIT|BSD|Apache|ISC|PSF|Python Software Foundation|Python-2\.0|MPL|Mozilla Public|Unlicense|Zlib|0BSD|CC0|HPND"
    r"|Public Domain",
    re.IGNORECASE,
)
# Everything else that is used, each with the reason why that is no trouble.
EXCUSED = {
    "psycopg": "LGPL-3.0: an unchanged package of its own that can be replaced",
    "psycopg-binary": "LGPL-3.0: an unchanged package of its own that can be replaced",
    "text-unidecode": "Artistic License, one of its two; below pytest-playwright, never with the app",
}


@dataclass(frozen=True)
class Licensed:
    """One pinned package."""

    name: str
    version: str
    licence: str
    runs: bool  # with the app; the rest is for tests

    @property
    def fine(self) -> bool:
        """Every part of an "A AND B" must be fine, one of an "A OR B" is enough."""
        parts = re.split(r"\bAND\b|;|,", self.licence)
        return self.name in EXCUSED or all(FINE.search(part) for part in parts)


def pinned(file: str) -> dict[str, str]:
    lines = (ROOT / file).read_text().splitlines()
    found = (re.match(r"([A-Za-z0-9][\w.-]*)==([^\s;\\]+)", line) for line in lines)
    return {one[1].lower(): one[2] for one in found if one}


def some_machines() -> set[str]:
    """Packages that only some machines install: the list is the same on all, so it leaves them out."""
    lines = (ROOT / "requirements-dev.txt").read_text().splitlines()
    return {one[1].lower() for line in lines if (one := re.match(r"([A-Za-z0-9][\w.-]*)==[^\s;]+ *;", line))}


def licences() -> list[Licensed]:
    """All that is pinned and installed here; a package for another system has nothing to read."""
    app, tests = pinned("requirements.txt"), pinned("requirements-dev.txt")
    found = []
    for name, version in sorted((tests | app).items()):
        try:
            found.append(Licensed(name, version, _licence(distribution(name)), name in app))
        except PackageNotFoundError:
            continue
    return found


def _licence(package: Distribution) -> str:
    said = package.metadata
    if "License-Expression" in said:
        return said["License-Expression"]
    classified = [
        str(one).rpartition(" :: ")[2]
        for one in said.get_all("Classifier") or []
        if str(one).startswith("License ::") and not str(one).endswith(("OSI Approved", "DFSG approved"))
    ]
    free = said["License"].strip() if "License" in said else ""
    return ", ".join(classified) or _named(free) or _from_file(package)


def _named(text: str) -> str:
    """A name as it is, a whole text by what is known of it."""
    words = " ".join(text.split())
    return "MIT" if "Permission is hereby granted, free of charge" in words else words[:80]


def _from_file(package: Distribution) -> str:
    """From the licence that the package ships, when its metadata is silent."""
    for path in package.files or []:
        if re.match(r"(LICEN[CS]E|COPYING)", path.name, re.IGNORECASE):
            return _named(path.read_text())
    return "unknown"


def page(found: list[Licensed]) -> str:
    """docs/licenses.md."""
    lines = [
        "# Licences",
        "",
        "Made by `make licenses` from the metadata of what `requirements.txt` (the app) and `requirements-dev.txt` (tests)",
        "pin. `tests/unit/repository/test_licenses.py` refuses whatever is not MIT, BSD, Apache, ISC, PSF, MPL or as free, but for these:",
        "",
        *(f"- `{name}`: {why}" for name, why in EXCUSED.items()),
        "",
        "| package | version | licence | for |",
        "|---|---|---|---|",
        *(
            f"| {one.name} | {one.version} | {one.licence} | {'app' if one.runs else 'tests'} |"
            for one in found
        ),
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    every = licences()
    LIST.write_text(page(every))
    print(f"{len(every)} packages in {LIST.relative_to(ROOT)}")
