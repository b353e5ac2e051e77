"""The commands of the documents, run as they stand, and the smoke walk, against a whole clinic."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from booking_ui.smoke.checklist import walk
from booking_ui.smoke.visit import Visit
from tests.support.servers import ROOT, App

# The stand-in lets machines without curl run these tests; it knows the options that the documents use.
CURL = f'curl() {{ "{sys.executable}" -m tests.e2e.curl "$@"; }}\n'
REFUSALS = {"docs/api.md": [], "README.md": [], "docs/booking-payments.md": [409, 400, 400]}


def commands(document: str) -> str:
    """Every block of shell commands, in order, as one script."""
    return "\n".join(
        re.findall(r"^```bash\n(.*?)^```$", (ROOT / document).read_text(), re.MULTILINE | re.DOTALL)
    )


@pytest.mark.parametrize("document", REFUSALS)
def test_the_commands_of_a_document_do_what_it_says(running_app: App, tmp_path: Path, document: str) -> None:
    script = commands(document)
    assert script.count("curl ") >= 3
    for port, ours in ((3000, running_app.base_url), (3100, running_app.sandbox_url)):
        script = re.sub(rf"http://(localhost|127\.0\.0\.1):{port}", ours, script)
    answers = tmp_path / "answers"
    done = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", CURL + script],
        cwd=ROOT,
        env={**os.environ, "CURL_ANSWERS": str(answers)},
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    statuses = [int(line) for line in answers.read_text().split()]
    assert [status for status in statuses if status >= 400] == REFUSALS[document]


def test_the_smoke_walk_of_a_whole_clinic_is_green(running_app: App) -> None:
    outcomes = list(walk(Visit(running_app.base_url)))
    assert [f"{o.line.id} {o.reason}" for o in outcomes if o.mark == "fail"] == []
    assert [o.line.id for o in outcomes if o.mark == "person"] == [f"S-{n}" for n in range(28, 35)]
