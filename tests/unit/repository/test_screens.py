"""Git keeps a dozen pictures and one sheet, those that the documents show."""

from __future__ import annotations

import re
import subprocess

from tests.screens.__main__ import SCHEMES, SHEETS, SHOTS, TRACKED, WIDTHS
from tests.support.servers import ROOT

PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".webp")


def tracked() -> list[str]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [name for name in listed.stdout.splitlines() if (ROOT / name).exists()]


def test_git_keeps_the_documented_pictures_and_no_others() -> None:
    pictures = {name for name in tracked() if name.endswith(PICTURES) and not name.startswith("assets/")}
    assert pictures == {f"docs/screens/{name}.png" for name in TRACKED + SHEETS}
    assert len(TRACKED) == len(set(TRACKED)) == 12


def test_every_documented_picture_is_one_that_make_screens_takes() -> None:
    taken = {f"{shot.name}-{width}-{scheme}" for shot in SHOTS for width in WIDTHS for scheme in SCHEMES}
    assert set(TRACKED) <= taken


def test_documents_show_only_pictures_that_git_keeps() -> None:
    shown = {
        picture
        for name in tracked()
        if name.endswith(".md")
        for picture in re.findall(r"[\w-]+-(?:390|1280)-(?:light|dark)\.png", (ROOT / name).read_text())
    }
    assert shown <= {f"{name}.png" for name in TRACKED + SHEETS}
    assert shown >= {f"{name}.png" for name in SHEETS}
