"""`make audit`: the pinned packages against the known holes, where the list of those can be reached.

Exits 1 on a hole, and 2 when nobody answers: what was not checked must not pass for checked.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
NOBODY = (
    "ConnectionError",
    "ServiceError",
    "NameResolutionError",
    "Max retries",
    "ProxyError",
    "timed out",
    "404",
)

MANY = 10
NOT_CHECKED = 2


def main() -> int:
    command = [
        sys.executable,
        "-m",
        "pip_audit",
        "--disable-pip",
        "--require-hashes",
        "--progress-spinner=off",
    ]
    for file in ("requirements.txt", "requirements-dev.txt"):
        command += ["--requirement", str(ROOT / file)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)
    except subprocess.TimeoutExpired:
        print("Not checked: the source of advisories did not answer within 3 minutes.")
        return NOT_CHECKED
    if done.returncode and any(word in done.stderr for word in NOBODY):
        print(
            "Not checked: the source of advisories (pypi.org) can't be reached from here. Run it again elsewhere."
        )
        return NOT_CHECKED
    skipped = done.stdout.count("could not be audited")
    if not done.returncode and skipped > MANY:  # a mirror that serves packages knows nothing of their holes
        print(f"Not checked: {skipped} packages are unknown to the source of advisories that answers here.")
        return NOT_CHECKED
    print(done.stdout or done.stderr)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
