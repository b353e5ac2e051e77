"""What the go-live checklist wants indexed is indexed, on both databases."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from booking_ui.db.session import Database, read

LOOKED_UP = [
    ("appointment", "patient_id"),
    ("appointment", "slot_id"),
    ("appointment", "doctor_id"),
    ("payment", "gateway_order_id"),
    ("payment", "appointment_id"),
    ("slot", "starts_at"),
    ("webhook_event", "order_id"),
]


@pytest.mark.parametrize(("table", "column"), LOOKED_UP)
def test_a_column_that_is_looked_up_often_leads_an_index(db: Database, table: str, column: str) -> None:
    with read() as tx:
        found = sa.inspect(tx.connection())
        leading = [one["column_names"][0] for one in found.get_indexes(table)]
        leading += [one["column_names"][0] for one in found.get_unique_constraints(table)]
    assert column in leading
