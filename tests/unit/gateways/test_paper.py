"""A sheet is the same bytes each time, shows texts as they are, and keeps nobody waiting for long."""

from __future__ import annotations

import io
import subprocess
import sys
from threading import Event

import pytest
from pypdf import PdfReader

from booking_ui.domain.errors import ReceiptBusy
from booking_ui.gateways import paper
from tests.support.servers import ROOT

SHEET: dict[str, object] = {
    "language": "en", "title": "Receipt 1", "heading": "Receipt", "number": "1", "number_lines": ["Monday"],
    "clinic": "Clinic", "clinic_lines": ["Here"], "facts": [["Patient", "आशा Menon"]], "columns": ["What", "How much"],
    "lines": [["Consultation", "₹500"]], "total": ["Total", "₹500"], "notes": ["Exempt."], "footer": "1",
    "year": 2026, "month": 4, "day": 1,
}  # fmt: skip


def with_patient(name: str) -> dict[str, object]:
    return {**SHEET, "facts": [["Patient", name]]}


def text_of(pdf: bytes) -> str:
    return PdfReader(io.BytesIO(pdf)).pages[0].extract_text()


def test_a_sheet_is_the_same_bytes_in_another_process_and_at_another_time() -> None:
    here = paper.pdf(SHEET)
    program = (
        "import sys; from booking_ui.gateways import paper; from tests.unit.gateways.test_paper import SHEET; "
        "sys.stdout.buffer.write(paper.pdf(SHEET))"
    )
    there = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={"SOURCE_DATE_EPOCH": "1", "TZ": "Asia/Tokyo"},
        capture_output=True,
        check=True,
    ).stdout
    assert there == here == paper.pdf(SHEET)


def test_a_sheet_is_fit_for_archives_and_for_readers_of_screens() -> None:
    found = paper.pdf(SHEET)
    assert b"<pdfaid:part>2</pdfaid:part>" in found
    assert b"<pdfuaid:part>1</pdfuaid:part>" in found
    assert PdfReader(io.BytesIO(found)).metadata == {
        "/Title": "Receipt 1",
        "/Author": "Clinic",
        "/Creator": "Typst 0.15.1",  # which the wheel of 0.15.2 has inside
        "/CreationDate": "D:20260401000000Z",
        "/ModDate": "D:20260401000000Z",
    }


@pytest.mark.parametrize("name", ["#panic(1) *Bold* $x$ \\ `raw`", '"] #import "x.typ"', "<b>&amp;</b>"])
def test_no_text_is_read_as_markup(name: str) -> None:
    assert name in text_of(paper.pdf(with_patient(name)))


@pytest.mark.parametrize("name", ["আশা", "ਆਸ਼ਾ", "આશા", "ଆଶା", "ஆஷா", "ఆశా", "ಆಶಾ", "ആശ", "आशा", "Zoë Łuczak"])
def test_a_name_in_a_script_of_india_is_fit_for_archives_too(name: str) -> None:
    assert b"<pdfaid:part>2</pdfaid:part>" in paper.pdf(with_patient(name))


@pytest.mark.parametrize("name", ["Asha 😀", "李", "عائشہ"])
def test_a_name_in_letters_that_the_font_has_not_makes_a_sheet_all_the_same(name: str) -> None:
    found = paper.pdf(with_patient(name))
    assert "₹500" in text_of(found)
    assert found == paper.pdf(with_patient(name))


def test_whoever_waits_too_long_is_told_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    release = Event()
    monkeypatch.setattr(paper, "SECONDS", 0.05)
    stuck = [paper._threads.submit(release.wait, 20) for _ in range(paper.AT_ONCE)]
    try:
        with pytest.raises(ReceiptBusy):
            paper.pdf(SHEET)
    finally:
        release.set()
    assert all(one.result() for one in stuck)
