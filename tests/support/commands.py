"""The clinic's command line, in this process or as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys

from click.testing import CliRunner, Result  # noqa: TID251  # commands are run as click runs them

from booking_ui.__main__ import cli
from tests.support.servers import ROOT


def run(*arguments: str) -> Result:
    """Run `python -m booking_ui …` in this process, with its database and settings."""
    return CliRunner().invoke(cli, arguments, prog_name="python -m booking_ui", catch_exceptions=False)


def process(*arguments: str, module: str = "booking_ui", **env: str) -> subprocess.CompletedProcess[str]:
    """Run `python -m booking_ui …` to its end as a process of its own; `env` is set beside this process's."""
    return subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT, env={**os.environ, **env}, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
