"""Pictures drawn from texts by typst: a layout each, with the fonts of receipts.

typst, because it shapes Devanagari, lays out text that has to fit, and receipts need it anyway. No font of the machine is
used: the same texts give the same picture everywhere.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import typst

SIZE = (1200, 630)  # pixels

_HERE = Path(__file__).parent
_FONTS = _HERE.parent / "paper"
_PIXELS_AN_INCH = 72.0  # a point of the layout is a pixel of the picture


def png(layout: str, said: Mapping[str, object]) -> bytes:
    """A picture of SIZE by the layout of that name; `said` has its texts by the names that the layout gives them."""
    drawn = typst.compile(
        str(_HERE / f"{layout}.typ"),
        root=str(_HERE),
        font_paths=[str(_FONTS)],
        ignore_system_fonts=True,
        sys_inputs={"said": json.dumps(said, ensure_ascii=False)},
        format="png",
        ppi=_PIXELS_AN_INCH,
    )
    assert isinstance(drawn, bytes)  # one page
    return drawn
