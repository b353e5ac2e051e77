"""A heartbeat says when a job last ended well."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from booking_ui.services.journal import heartbeats
from booking_ui.services.payments import reconciliation
from tests.support.cast import NOW


def last() -> datetime | None:
    return heartbeats.last_beats().get(reconciliation.COMPARED)


@pytest.mark.usefixtures("db")
def test_a_heartbeat_is_written_once_a_minute_and_over_one_that_lies_ahead() -> None:
    for seconds, noted in ((100, 100), (159, 100), (160, 160), (159, 159), (159, 159)):
        heartbeats.beat(job=reconciliation.COMPARED, now=NOW + timedelta(seconds=seconds))
        assert last() == NOW + timedelta(seconds=noted)
