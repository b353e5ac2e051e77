"""Remarks whose words do not matter to a test."""

from __future__ import annotations

from booking_ui.domain.remark_codes import RemarkCode
from booking_ui.domain.remarks import Remark


def quoted(text: str) -> Remark:
    """A remark that says just this."""
    return Remark(RemarkCode.QUOTED, text=text)
