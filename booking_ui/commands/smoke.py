"""`python -m booking_ui.smoke http://localhost:3000`: pass, fail or needs-a-person per line; exit code 1 on any fail.

SMOKE_ADMIN=mail:password names a desk account where there is no demo; SMOKE_MAIL=qa+{}@clinic.example is where the
two accounts of the walk get their mail.
"""

from __future__ import annotations

import os
import sys
from collections import Counter

from booking_ui.smoke.checklist import walk
from booking_ui.smoke.visit import Visit

WORDS = {"pass": "pass", "fail": "FAIL", "person": "needs a person"}


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or not arguments[0].startswith(("http://", "https://")):
        print("Give the address of a running clinic: make smoke BASE_URL=https://…", file=sys.stderr)
        return 2
    email, _, password = os.environ.get("SMOKE_ADMIN", "").partition(":")
    visit = Visit(arguments[0].rstrip("/"), admin=(email, password) if password else None)
    if "{}" in (mail := os.environ.get("SMOKE_MAIL", "")):
        visit.mail = mail
    marks: Counter[str] = Counter()
    for outcome in walk(visit):
        marks[outcome.mark] += 1
        print(
            f"{outcome.line.id}  {WORDS[outcome.mark]:<14}  {outcome.line.title}: {outcome.reason}",
            flush=True,
        )
    print(f"\n{marks['pass']} passed, {marks['fail']} failed, {marks['person']} need a person.")
    return 1 if marks["fail"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
