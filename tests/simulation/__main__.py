"""Many stories, a summary, and the shortest one that breaks a promise: `python -m tests.simulation --seeds 1000`."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from tests.simulation.bugs import BUGS
from tests.simulation.plan import plan
from tests.simulation.shrink import shrink
from tests.simulation.stage import Tally
from tests.simulation.storage import Storage
from tests.simulation.story import play

CHUNK = 25


@dataclass
class Report:
    """The result of a run."""

    seeds: int = 0
    tally: Tally = field(default_factory=Tally)
    broken: dict[int, str] = field(default_factory=dict)

    def add(self, other: Report) -> None:
        self.seeds += other.seeds
        self.tally.add(other.tally)
        self.broken.update(other.broken)


@cache
def _storage(url: str) -> Storage:
    """One database for all stories of this process."""
    return Storage(url)


def run(first: int, count: int, bug: str, url: str) -> Report:
    """Play the stories of `count` seeds from `first` on, one after the other."""
    report = Report()
    for seed in range(first, first + count):
        ending = play(plan(seed), _storage(url), BUGS.get(bug))
        report.seeds += 1
        report.tally.add(ending.tally)
        if ending.fault:
            report.broken[seed] = ending.fault
    return report


def _runs(options: argparse.Namespace) -> Iterator[Report]:
    ends = range(options.first, options.first + options.seeds, CHUNK)
    chunks = [(start, min(CHUNK, options.first + options.seeds - start)) for start in ends]
    if options.jobs == 1:
        for start, count in chunks:
            yield run(start, count, options.bug, options.database_url)
        return
    with ProcessPoolExecutor(options.jobs) as pool:
        futures = [
            pool.submit(run, start, count, options.bug, options.database_url) for start, count in chunks
        ]
        for future in futures:
            yield future.result()


def _table(title: str, counts: Counter[str]) -> None:
    print(f"\n{title}: {sum(counts.values())} of {len(counts)} kinds")
    for name, count in sorted(counts.items()):
        print(f"  {count:>8}  {name}")


def _summary(report: Report, seconds: float) -> None:
    _table("Steps", report.tally.actions)
    _table("Polite refusals", report.tally.refusals)
    _table("Faults", report.tally.faults)
    _table("Crash points passed", report.tally.points)
    _table("Crashes", report.tally.crashes)
    print(
        f"\n{report.seeds} seeds, {report.tally.steps} steps, {sum(report.tally.points.values())} crash points passed, "
        f"{sum(report.tally.crashes.values())} crashes, {seconds:.0f} s, {report.seeds / seconds:.1f} seeds a second"
    )
    print(f"{len(report.broken)} violations")


def _markdown(report: Report, seconds: float) -> str:
    """The table of docs/simulation.md."""
    tally = report.tally
    places = len({name.split(", ")[1] for name in tally.points})
    rows = [
        ("seeds", f"{report.seeds:,}"),
        ("steps", f"{tally.steps:,} of {len(tally.actions)} kinds"),
        (
            "crash points passed",
            f"{sum(tally.points.values()):,} of {len(tally.points)} kinds, in {places} services",
        ),
        ("crashes", f"{sum(tally.crashes.values()):,} at {len(tally.crashes)} kinds of points"),
        ("faults injected", f"{sum(tally.faults.values()):,} of {len(tally.faults)} kinds"),
        ("polite refusals", f"{sum(tally.refusals.values()):,}"),
        ("**violations**", f"**{len(report.broken)}**"),
        ("time", f"{seconds / 60:.0f} min in one process"),
    ]
    faults = ", ".join(f"{name} {count:,}" for name, count in sorted(tally.faults.items()))
    head = ["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)]
    return "\n".join([*head, "", f"The faults: {faults}.", ""])


def _show_shortest(report: Report, options: argparse.Namespace) -> None:
    kinds = Counter("".join(c for c in fault if not c.isdigit())[:60] for fault in report.broken.values())
    print("\n" + "\n".join(f"{count:>6} × {kind}" for kind, count in kinds.most_common()))
    print("\nSeeds:", *sorted(report.broken)[:40])
    seed = min(report.broken)
    storage, bug = _storage(options.database_url), BUGS.get(options.bug)
    ending = shrink(play(plan(seed), storage, bug), storage, bug)
    print(f"\nThe shortest story of seed {seed}, under {ending.plan.conditions}:\n")
    print("\n".join(ending.lines))


def _options(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=1000, help="how many stories")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--bug", default="", choices=["", *BUGS], help="plant this bug")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes; SQLite only")
    parser.add_argument(
        "--database-url", default="sqlite://", help="an empty database; its tables are dropped"
    )
    parser.add_argument("--markdown", type=Path, help="write the table of docs/simulation.md to this file")
    parser.add_argument("--story", action="store_true", help="print the story of the first seed and stop")
    options = parser.parse_args(argv)
    if not options.database_url.startswith("sqlite"):
        options.jobs = 1  # all stories share its tables
    return options


def main(argv: list[str]) -> int:
    """Exit code 1 when a promise was broken, so that a night's run can fail."""
    options = _options(argv)
    if options.story:
        ending = play(plan(options.first), _storage(options.database_url), BUGS.get(options.bug))
        print("\n".join(ending.lines))
        return 1 if ending.fault else 0
    began, report = time.monotonic(), Report()
    for part in _runs(options):
        report.add(part)
        print(f"\r{report.seeds} seeds, {len(report.broken)} violations", end="", flush=True)
    _summary(report, time.monotonic() - began)
    if options.markdown:
        options.markdown.write_text(_markdown(report, time.monotonic() - began))
    if report.broken:
        _show_shortest(report, options)
    return 1 if report.broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
