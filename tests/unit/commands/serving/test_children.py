"""No child outlives its supervisor, however it ends."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

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
    return children._running[-1][1].pid


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
print("pids", *(process.pid for _, process in children._running), children._lifeline.pid, flush=True)
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
    children._running[0][1].wait()
    with pytest.raises(Failed, match="The sandbox ended with status 3"):
        children.check()
