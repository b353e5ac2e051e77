"""The receipt is a PDF on the booking's page, and paper is light on a dark screen."""

from __future__ import annotations

import io
import re
from pathlib import Path

from playwright.sync_api import Page
from pypdf import PdfReader

from tests.support.browser import a_paid_visit
from tests.support.servers import App

INK, PAPER = "rgb(27, 33, 29)", "rgb(255, 255, 255)"
COLOURS = (
    "[getComputedStyle(document.body).color, getComputedStyle(document.documentElement).backgroundColor]"
)


def test_the_receipt_is_saved_and_the_page_is_printed_dark_on_light(running_app: App, page: Page) -> None:
    reference, _ = a_paid_visit(running_app, page)
    page.emulate_media(color_scheme="dark")
    page.goto(f"/appointment/{reference}/")
    with page.expect_download() as saved:
        page.get_by_role("link", name="Receipt (PDF)").click()
    assert re.fullmatch(r"receipt-R-\d{4}-\d\d-\d{6}\.pdf", saved.value.suggested_filename)
    printed = PdfReader(io.BytesIO(Path(saved.value.path()).read_bytes())).pages[0].extract_text()
    assert f"Booking {reference}" in printed
    assert page.evaluate(COLOURS) != [INK, PAPER]
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate(COLOURS) == [INK, PAPER]
