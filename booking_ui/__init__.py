"""The clinic: `python -m booking_ui --help` lists its commands."""

from __future__ import annotations

import os
import shlex
import sys

_COMMANDS = {
    "api.reference": "api-docs",
    "backup": "backup",
    "demo": "demo",
    "frontend": "build",
    "invariants": "invariants",
    "sandbox": "sandbox",
    "serve": "serve",
    "smoke": "smoke",
    "staff": "staff",
    "worker": "worker",
}
_PARTS = {"lifeline": "serve"}  # never a command, and run by none but the one that is named here
_STILL_WORK = ("invariants", "worker")  # promised in this form, and written in many a unit file


def _answer_old_form() -> None:
    """Name the command that `python -m booking_ui.NAME` is now; those that still work go on as it.

    Here, because most of those modules are gone, and this package is all that Python still finds of them.
    """
    module = sys.orig_argv[
        -len(sys.argv)
    ]  # before the arguments: `booking_ui.worker`, or `-mbooking_ui.worker`
    old = module.rpartition("booking_ui.")[2]
    if old in _PARTS:
        sys.stderr.write(
            f"`python -m booking_ui.{old}` is a part of `python -m booking_ui {_PARTS[old]}` now.\n"
        )
        raise SystemExit(2)
    if old not in _COMMANDS:
        return
    arguments = sys.argv[1:]
    if (old, arguments[:1]) != ("backup", ["restore"]):  # restoring is a command of its own
        arguments = [_COMMANDS[old], *arguments]
    new = shlex.join(["python", "-m", "booking_ui", *arguments])
    sys.stderr.write(f"`python -m booking_ui.{old}` is `{new}` now.\n")
    if old not in _STILL_WORK:
        raise SystemExit(2)
    sys.stderr.flush()
    options = [*sys.orig_argv[1 : -len(sys.argv)], module.removesuffix(f".{old}")]
    # In this same process, so that signals and the exit status are those of the new one.
    os.execv(sys.executable, [sys.executable, *options, *arguments])  # noqa: S606  # no shell is wanted


# Python sets this only while it looks for the module that `-m` names; no other import sees it.
if sys.argv[:1] == ["-m"]:
    _answer_old_form()
