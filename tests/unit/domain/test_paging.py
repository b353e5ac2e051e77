"""Pages of a list: they cover it without gap or repeat, and asking past the end gives the last one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking_ui.domain.errors import FieldError
from booking_ui.domain.paging import LONGEST_PAGE, Paging, page_problems, paging


@given(total=st.integers(0, 1_000), size=st.integers(1, LONGEST_PAGE))
def test_the_pages_cover_every_row_once(total: int, size: int) -> None:
    pages = paging(total, 1, size).pages
    rows: list[int] = []
    for number in range(1, pages + 1):
        shown = paging(total, number, size)
        rows += range(total)[shown.offset : shown.offset + shown.size]
    assert rows == list(range(total))


@pytest.mark.parametrize(
    ("total", "asked", "shown"),
    [(0, 1, Paging(0, 1, 2)), (0, 9, Paging(0, 1, 2)), (4, 3, Paging(4, 2, 2)), (5, 3, Paging(5, 3, 2))],
)
def test_a_page_past_the_end_is_the_last_one(total: int, asked: int, shown: Paging) -> None:
    assert paging(total, asked, 2) == shown


def test_a_page_that_cannot_be_is_named() -> None:
    assert page_problems(1, LONGEST_PAGE) == []
    assert page_problems(0, LONGEST_PAGE + 1) == [
        FieldError("page", "Pages begin at 1."),
        FieldError("pageSize", "A page has 1 to 100 rows."),
    ]
