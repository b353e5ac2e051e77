"""The audit over HTTP: what the clinic noted is said in the language that was asked for."""

from __future__ import annotations

import pytest
from anyio.from_thread import BlockingPortal

from booking_ui.db.session import write
from booking_ui.domain.causes import Cause
from booking_ui.domain.remark_codes import RemarkCode
from booking_ui.domain.remarks import Paise, Remark
from booking_ui.services.journal import audit
from tests.support.api import opened, signed_in
from tests.support.cast import NOW, Cast


@pytest.mark.usefixtures("clock")
def test_reasons_come_in_the_language_that_was_asked_for(portal: BlockingPortal, cast: Cast) -> None:
    with write() as tx:
        for reason in (Remark(RemarkCode.WENT_BACK, amount=Paise(50_000)), Cause.PAID_TWICE, "paid twice"):
            audit.record(tx, "clinic", "changed", actor="worker", now=NOW, reason=reason)

    def reasons(language: str) -> list[str]:
        with opened(portal, perimeter=True) as door:
            devi = signed_in(door, cast.devi.person_id)
            headers = {"Accept-Language": language}
            answer = devi.send("GET", "/api/admin/audit?subject=clinic", headers=headers)
        return [one["reason"] for one in answer.json()["data"]["entries"]]

    assert reasons("en") == ["paid twice", "paid twice", "₹500 went back"]
    assert reasons("hi") == ["paid twice", "दो बार पेमेंट हुआ", "₹500 वापस गए"]  # the first one is a person's own
