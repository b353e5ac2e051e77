"""`python -m booking_ui.commands.invariants`: counts every promise, prints each violation, exits 1 on any.

Exits 2, with a sentence, when they can't be counted: a setting is wrong, or the database is not there.
"""

from __future__ import annotations

import sys

from sqlalchemy.exc import SQLAlchemyError

from booking_ui.config.settings import SettingsError
from booking_ui.domain.clock import utc_now
from booking_ui.services.upkeep import invariants


def main() -> int:
    try:
        counts = invariants.count(now=utc_now())
    except SettingsError as exc:
        print(exc, file=sys.stderr)
        return 2
    except SQLAlchemyError:
        print(
            "The database can't be read. Is DATABASE_URL right, and was the clinic started once?",
            file=sys.stderr,
        )
        return 2
    for c in counts:
        print(f"{c.number}. {c.promise}: {c.checked} checked, {len(c.violations)} violated")
        for v in c.violations:
            print(f"   {v.subject}: {v.fault}")
    return 1 if invariants.total(counts) else 0


if __name__ == "__main__":
    sys.exit(main())
