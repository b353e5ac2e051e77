"""`python -m booking_ui.invariants`: counts every promise, prints each violation, exits 1 on any."""

from __future__ import annotations

import sys

from booking_ui.domain.clock import utc_now
from booking_ui.services import invariants


def main() -> int:
    counts = invariants.count(now=utc_now())
    for c in counts:
        print(f"{c.number}. {c.promise}: {c.checked} checked, {len(c.violations)} violated")
        for v in c.violations:
            print(f"   {v.subject}: {v.fault}")
    return 1 if invariants.total(counts) else 0


if __name__ == "__main__":
    sys.exit(main())
