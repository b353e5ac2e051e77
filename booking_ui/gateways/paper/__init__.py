"""A receipt as PDF/A, laid out by typst from texts alone: receipt.typ, with the fonts beside it (fonts/OFL.txt is their licence).

The same texts give the same bytes. No font and no clock of the machine is used, and no text is read as markup.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
import typst

from booking_ui.domain.errors import ReceiptBusy

if TYPE_CHECKING:
    from typst import PDFStandard

log = structlog.get_logger()

AT_ONCE = 2  # a sheet takes a core for some ten milliseconds
SECONDS = 5.0  # that a caller waits, in the queue and for the sheet together

_HERE = Path(__file__).parent
_LAYOUT = _HERE / "receipt.typ"
_STANDARDS: list[PDFStandard] = ["a-2a", "ua-1"]
_threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="paper")

Said = Mapping[str, object]
"""The texts of a sheet, by the names that receipt.typ gives them, and the date of the file."""


def pdf(said: Said) -> bytes:
    """The sheet. Raises ReceiptBusy when it is not ready in SECONDS."""
    work = _threads.submit(_made, said)
    try:
        return work.result(SECONDS)
    except TimeoutError:
        work.cancel()
        log.warning("receipt.busy")
        raise ReceiptBusy from None


def _made(said: Said) -> bytes:
    try:
        return _compiled(said, _STANDARDS)
    except typst.TypstError:
        # Archives must show every letter. What no font of ours has, such as an emoji in a name, is shown as a box, in a plain PDF.
        log.warning("receipt.not_for_archives")  # the error repeats the letters
        return _compiled(said, [])


def _compiled(said: Said, standards: list[PDFStandard]) -> bytes:
    return typst.compile(
        str(_LAYOUT),
        font_paths=[str(_HERE / "fonts")],
        ignore_system_fonts=True,
        sys_inputs={"said": json.dumps(said, ensure_ascii=False)},
        pdf_standards=standards,
    )
