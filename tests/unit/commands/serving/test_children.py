"""No child outlives its supervisor, however it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator

import pytest
from structlog.testing import capture_logs

from booking_ui.commands.serving import children as serving
from booking_ui.commands.serving import reaper
from booking_ui.commands.serving.children import Children, Failed, Stopped
from tests.support.servers import ROOT, wait_until

DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"

PARENT = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {DEAF!r}])"


@pytest.fixture
def children() -> Iterator[Children]:
    made = Children()
    yield made
    made.ask_to_stop()
    made.stop()


def _members(group: int) -> list[int]:
    """Process ids of a group, the dead who nobody buried left out."""
    listed = subprocess.run(
        ["ps", "-A", "-o", "pid=,pgid=,stat="], capture_output=True, text=True, check=True
    )
    rows = [line.split() for line in listed.stdout.splitlines()]
    return [int(pid) for pid, pgid, state in rows if int(pgid) == group and not state.startswith("Z")]


def _group(children: Children) -> int:
    return (children._step or children._running[-1].process).pid


def test_a_grandchild_that_ignores_sigterm_is_gone_after_the_grace(
    children: Children, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "GRACE", 0.3)
    children.start("Deaf", [sys.executable, "-c", PARENT], {})
    group = _group(children)
    wait_until(lambda: len(_members(group)) == 2, what="parent and child")
    children.stop()
    wait_until(lambda: _members(group) == [], what="an empty group")


def test_a_second_request_to_stop_does_not_wait_for_the_grace(children: Children) -> None:
    children.start("Deaf", [sys.executable, "-c", DEAF], {})
    group = _group(children)
    stopping = threading.Thread(target=children.stop)
    stopping.start()

    def ended() -> bool:
        children.ask_to_stop()
        return not stopping.is_alive()

    wait_until(ended, seconds=serving.GRACE / 2, what="the end")
    assert _members(group) == []


SUPERVISOR = f"""
import sys, time
from booking_ui.commands.serving import children as serving
serving.GRACE = 0.3
children = serving.Children()
children.run("A step", [sys.executable, "-c", "pass"], {{}})
children.start("Deaf", [sys.executable, "-c", {PARENT!r}], {{}})
children.start("Willing", [sys.executable, "-c", "import time; time.sleep(60)"], {{}})
print("pids", *(child.process.pid for child in children._running), children._lifeline.pid, flush=True)
time.sleep(60)
"""


def test_a_supervisor_that_is_killed_leaves_nobody_behind() -> None:
    supervisor = subprocess.Popen([sys.executable, "-c", SUPERVISOR], cwd=ROOT, stdout=subprocess.PIPE)
    try:
        assert supervisor.stdout is not None
        said = next(
            line for line in supervisor.stdout if line.startswith(b"pids ")
        )  # its children speak there too
        deaf, willing, watcher = map(int, said.split()[1:])
        wait_until(lambda: len(_members(deaf)) == 2, what="parent and child")
        assert len(_members(willing)) == 1
    finally:
        supervisor.kill()
        supervisor.communicate()
    wait_until(lambda: _members(deaf) + _members(willing) + _members(watcher) == [], what="empty groups")


def test_only_who_was_started_and_not_ended_is_left_behind() -> None:
    assert reaper.left_behind(["+7\n", "+8\n", "-7\n", "+9\n", "-4\n"]) == [8, 9]


def test_a_clinic_that_stops_by_itself_ends_its_lifeline_too(children: Children) -> None:
    children.start("Willing", [sys.executable, "-c", "import time; time.sleep(60)"], {})
    assert children._lifeline is not None
    pid = children._lifeline.pid
    children.stop()
    assert _members(pid) == []


def test_a_lifeline_that_is_killed_is_replaced_and_knows_every_child(children: Children) -> None:
    children.start("Willing", [sys.executable, "-c", "import time; time.sleep(60)"], {})
    assert children._lifeline is not None
    killed, willing = children._lifeline, children._running[0].process
    os.kill(killed.pid, signal.SIGKILL)
    wait_until(killed.has_ended, what="the end of the lifeline")
    with capture_logs() as said:
        children.tend()
    assert [line["process"] for line in said] == ["The lifeline"]
    assert children._lifeline.pid != killed.pid
    children._lifeline.close()  # as when the supervisor is killed
    assert willing.wait(20) == -signal.SIGTERM
    children._running.clear()
    children._lifeline = None


def test_a_step_is_silent_unless_it_fails(children: Children, capfd: pytest.CaptureFixture[str]) -> None:
    children.run("Counting", [sys.executable, "-c", "print(1)"], {})
    assert capfd.readouterr() == ("", "")
    with pytest.raises(Failed, match=r"(?s)no such table.*Counting failed"):
        children.run("Counting", [sys.executable, "-c", "raise SystemExit('no such table')"], {})
    assert children._running == []


def test_a_stop_interrupts_a_step_and_ends_it(children: Children, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "GRACE", 0.3)
    threading.Timer(0.2, children.ask_to_stop).start()
    with pytest.raises(Stopped):
        children.run("Deaf", [sys.executable, "-c", DEAF], {})
    group = _group(children)
    children.stop()
    assert _members(group) == []


def test_a_child_that_ends_is_named(children: Children) -> None:
    children.start("The sandbox", [sys.executable, "-c", "raise SystemExit(3)"], {})
    children._running[0].process.wait()
    with pytest.raises(Failed, match="The sandbox ended with status 3"):
        children.check()


WILLING = "import time; time.sleep(60)"


def _tended(children: Children, done: Callable[[], object]) -> None:
    def look() -> object:
        children.tend()
        return done()

    wait_until(look, what="the child's return")


def test_a_child_that_is_killed_is_started_again_and_that_is_one_line_of_log(children: Children) -> None:
    children.start("The app", [sys.executable, "-c", WILLING], {})
    children.start("The sandbox", [sys.executable, "-c", WILLING], {})
    app, sandbox = (child.process.pid for child in children._running)
    with capture_logs() as said:
        os.kill(app, signal.SIGKILL)
        children._running[0].process.wait()
        _tended(children, lambda: children._running[0].process.poll() is None)
    (line,) = said
    assert (line["event"], line["process"], line["status"]) == ("process.ended", "The app", -signal.SIGKILL)
    assert _members(children._running[0].process.pid)
    assert children._running[0].process.pid != app
    assert children._running[1].process.pid == sandbox
    children.stop()
    assert _members(app) + _members(sandbox) == []


def test_what_a_killed_process_leaves_behind_is_ended_before_it_is_started_again(children: Children) -> None:
    children.start("The app", [sys.executable, "-c", PARENT], {})
    old = _group(children)
    wait_until(lambda: len(_members(old)) == 2, what="parent and child")
    os.kill(old, signal.SIGKILL)
    children._running[0].process.wait()
    _tended(children, lambda: _group(children) != old and len(_members(_group(children))) == 2)
    wait_until(lambda: _members(old) == [], what="an empty group")


def test_a_child_that_does_not_stay_up_closes_the_clinic(
    children: Children, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "PAUSES", (0.0, 0.1, 0.1))
    children.start("The app", [sys.executable, "-c", "raise SystemExit(3)"], {})
    with (
        capture_logs() as said,
        pytest.raises(Failed, match="The app ended with status 3, once more; stopping"),
    ):
        _tended(children, lambda: False)
    assert [line["again_in_seconds"] for line in said] == [0.0, 0.1, 0.1]


def test_a_child_that_ran_for_long_is_given_every_pause_anew(
    children: Children, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "PAUSES", (0.0,))
    monkeypatch.setattr(serving, "STEADY", 0.0)
    children.start("The app", [sys.executable, "-c", "raise SystemExit(3)"], {})
    with capture_logs() as said:
        _tended(children, lambda: len(said) >= 3)


def test_the_pauses_grow_and_are_bounded() -> None:
    assert list(serving.PAUSES) == sorted(serving.PAUSES)
    assert serving.PAUSES[0] == 0
    assert serving.PAUSES[-1] <= 30
    assert sum(serving.PAUSES) < serving.STEADY
