"""`make attack`: every handler of every State × every attacker, through real websockets of a served app.

Prints the table and writes it to bench/results/attack.md and into docs/security-proof.md; exits 1 on any finding.
"""

from __future__ import annotations

import sys
from pathlib import Path

import structlog

from tests.support.security import clinic, hostile
from tests.support.security.hostile import Tally
from tests.support.servers import ROOT, migrate, scratch

RESULTS = Path(__file__).parent / "results"
PROOF = ROOT / "docs" / "security-proof.md"
BEGIN, END = "<!-- make attack writes from here -->", "<!-- to here -->"


def table(tallies: dict[str, Tally], replays: dict[str, int]) -> list[str]:
    """A cell is "refused / answered as declared"."""
    ordered = [tallies[name] for name in sorted(tallies)]
    who = list(ordered[0].refused)
    lines = [
        f"| handler | declared for | {' | '.join(who)} | with the token of Asha's closed tab |",
        f"|---|---|{'---|' * (len(who) + 1)}",
    ]
    for name in sorted(tallies):
        one = tallies[name]
        cells = " | ".join(f"{one.refused[a]} / {one.answered[a]}" for a in who)
        lines.append(f"| `{one.handler}` | {one.declared} | {cells} | {replays[name]} disclosures |")
    refused, answered = (
        sum(sum(getattr(one, what).values()) for one in ordered) for what in ("refused", "answered")
    )
    calls = f"{len(ordered)} handlers, {len(who)} attackers, {refused + answered:,} calls: {refused:,} refused, {answered:,} "
    return [f"{calls}answered as declared, 0 otherwise; {len(replays)} replayed tokens.", "", *lines]


def written(lines: list[str]) -> str:
    """The proof with the table in its place."""
    before, _, rest = PROOF.read_text().partition(BEGIN)
    return "\n".join([f"{before}{BEGIN}", "", *lines, "", f"{END}{rest.partition(END)[2]}"])


def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    with scratch("attack") as home:
        database = home / "booking.db"
        migrate(f"sqlite:///{database}", data_dir=home)
        with clinic.served(database, home) as at:
            tallies, findings = hostile.attack_all(at, thorough=True)
            replays = {name: len(hostile.replayed(at, name, "")) for name in hostile.handlers()}
            findings += [f"a replayed token: {name} told of Asha" for name, told in replays.items() if told]
            origins = ("https://evil.example", "null", "http://localhost")
            findings += [f"a page of {one} got a socket" for one in origins if hostile.gets_a_socket(at, one)]
    lines = table(tallies, replays)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "attack.md").write_text("\n".join(lines) + "\n")
    print("\n".join(lines))
    print(*findings, sep="\n")
    if not findings:
        PROOF.write_text(written(lines))
    sys.exit(bool(findings))


if __name__ == "__main__":
    main()
