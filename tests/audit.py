"""`make audit`: the pinned packages against the known holes, where the list of those can be reached.

Exits 1 on a hole, and 2 when nobody answers: what was not checked must not pass for checked.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
MANY = 10
CLEAN, FOUND, NOT_CHECKED = 0, 1, 2
COMMAND = (
    sys.executable,
    "-m",
    "pip_audit",
    "--disable-pip",
    "--require-hashes",
    "--progress-spinner=off",
    "--format=json",
    "--desc=off",
)


def main() -> int:
    command = list(COMMAND)
    for file in ("requirements.txt", "requirements-dev.txt"):
        command += ["--requirement", str(ROOT / file)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)
    except subprocess.TimeoutExpired:
        print("Not checked: the source of advisories did not answer within 3 minutes.")
        return NOT_CHECKED
    status, said = judged(done.returncode, done.stdout, done.stderr)
    print(said)
    return status


def judged(returncode: int, stdout: str, stderr: str) -> tuple[int, str]:
    """The exit status and what to say, by the report alone: words of an error or an advisory decide nothing.

    A hole wins over whatever was not checked; without a report nothing was checked.
    """
    packages = _packages(stdout)
    if packages is None:
        return (
            NOT_CHECKED,
            f"Not checked: pip-audit ended with {returncode} and without a report.\n{stderr[-2000:]}",
        )
    holes = [_line(one, hole) for one in packages for hole in one.get("vulns", ())]
    skipped = [one["name"] for one in packages if "skip_reason" in one]
    unknown = f"{len(skipped)} packages are unknown to the source of advisories that answers here."
    if holes:
        return FOUND, "\n".join([*holes, *([unknown] if skipped else [])])
    if returncode:
        return (
            NOT_CHECKED,
            f"Not checked: pip-audit ended with {returncode} and names no hole.\n{stderr[-2000:]}",
        )
    if len(skipped) > MANY:  # a mirror that serves packages knows nothing of their holes
        return NOT_CHECKED, f"Not checked: {unknown}"
    checked = f"No known hole; packages checked: {len(packages) - len(skipped)}."
    return CLEAN, f"{checked} Not audited: {', '.join(skipped)}." if skipped else checked


def _packages(stdout: str) -> list[dict[str, Any]] | None:
    """The packages of a report; None when it is none."""
    try:
        report = json.loads(stdout)
    except ValueError:
        return None
    found = report.get("dependencies") if isinstance(report, dict) else None
    return found if isinstance(found, list) and found else None


def _line(package: dict[str, Any], hole: dict[str, Any]) -> str:
    mended = ", ".join(hole.get("fix_versions", ())) or "none yet"
    return f"{package['name']} {package['version']}: {hole['id']}, mended in: {mended}"


if __name__ == "__main__":
    sys.exit(main())
