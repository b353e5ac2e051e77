"""A database is of this version, of an earlier one, or of one that is not known yet."""

from __future__ import annotations

import pytest

from booking_ui.db import schema
from booking_ui.db.session import Database


def test_what_lies_between_two_revisions_is_named_in_order() -> None:
    assert schema.pending("0007")[:2] == ["0008", "0009"]
    assert schema.pending(schema.newest()) == []
    with pytest.raises(schema.NewerSchemaError, match="schema 9999; this version knows those up to"):
        schema.pending("9999")


def test_the_revision_that_renames_columns_lets_no_earlier_process_go_on() -> None:
    assert "0009" in schema.pending_alone("0008")
    assert "0008" not in schema.pending_alone("0001")


def test_a_database_of_this_version_may_be_used(db: Database) -> None:
    assert schema.version(db.url) == schema.newest()
    schema.require_current()
