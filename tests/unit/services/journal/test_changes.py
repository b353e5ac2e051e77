"""Listeners hear of a change once it is committed, and of nothing else."""

from __future__ import annotations

import pytest

from booking_ui.db.session import write
from booking_ui.services.journal import changes

pytestmark = pytest.mark.usefixtures("db")


def test_every_listener_hears_every_topic_in_order_after_the_commit() -> None:
    heard: list[str] = []
    changes.listen(heard.append)
    changes.listen(lambda topic: heard.append(f"second: {topic}"))
    with write() as tx:
        changes.announce(tx, "appointment:1", "doctor:2")
        assert heard == []
    assert heard == ["appointment:1", "second: appointment:1", "doctor:2", "second: doctor:2"]


def announced_in_vain(topic: str) -> None:
    with write() as tx:
        changes.announce(tx, topic)
        raise ZeroDivisionError


def test_what_was_rolled_back_is_told_to_nobody() -> None:
    heard: list[str] = []
    changes.listen(heard.append)
    with pytest.raises(ZeroDivisionError):
        announced_in_vain("appointment:1")
    with write() as tx:
        changes.announce(tx, "appointment:2")
    assert heard == ["appointment:2"]


def test_a_listener_that_left_hears_nothing_more_not_even_of_a_change_under_way() -> None:
    gone: list[str] = []
    stays: list[str] = []
    changes.listen(gone.append)
    changes.listen(stays.append)
    with write() as tx:
        changes.announce(tx, "doctor:1")
        changes.unlisten(gone.append)
    assert (gone, stays) == ([], ["doctor:1"])


def test_a_listener_may_leave_while_it_is_told() -> None:
    heard: list[str] = []

    def once(topic: str) -> None:
        heard.append(topic)
        changes.unlisten(once)

    changes.listen(once)
    changes.listen(lambda topic: heard.append(f"second: {topic}"))
    with write() as tx:
        changes.announce(tx, "doctor:1", "doctor:2")
    assert heard == ["doctor:1", "second: doctor:1", "second: doctor:2"]
