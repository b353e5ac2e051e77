"""`python -m bench.search URL`: a search with 5,000 doctors, typed letter by letter, in a database made for it.

Prints the time of the suggestions for each key, of the page's answer for each whole search, and of both after a commit.
"""

from __future__ import annotations

import itertools
import json
import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
import structlog

from booking_ui.db.models import Doctor, Person, Role, Slot
from booking_ui.db.session import Database, use, write
from booking_ui.demo import clinic
from booking_ui.domain.search.asked import Asked
from booking_ui.services.schedule import doctor_results, doctor_suggestions
from tests.support.servers import migrate, scratch

DOCTORS, DAYS, TIMES = 5_000, 14, 12
NOW = datetime(2026, 1, 5, 2, 30, tzinfo=UTC)
QUERIES = (
    "dil ka doctor", "bukhar", "skin bengaluru", "tooth ache bombay", "cardio logist", "dermatolgist", "kidney stone",
    "Hindi speaking skin doctor mumbay", "meenakshi iyenger", "qwerty", "asha menon", "prakesh shama",
    "hyderabd gynacologist", "चेन्नई में त्वचा के डॉक्टर",
)  # fmt: skip
SYLLABLES = "ka ra sha na ma ve ri ti su pra de gha bha lo mi ya ne ru va ja"
CITIES = "Mumbai Delhi Bengaluru Chennai Kolkata Hyderabad Ahmedabad Jaipur Lucknow Indore"
LANGUAGES = "English Hindi Kannada Tamil Telugu Marathi Bengali Gujarati"


def fill() -> None:
    """Doctors with invented family names, each working six days a week."""
    chance = random.Random(7)
    demo = clinic.facts()["doctors"]
    firsts, specialities = (sorted({pick(one) for one in demo}) for pick in (_first_name, _speciality))
    lasts = ["".join(chance.choices(SYLLABLES.split(), k=chance.randint(2, 4))).title() for _ in range(1_500)]
    areas = ["".join(chance.choices(SYLLABLES.split(), k=3)).title() + " Nagar" for _ in range(400)]
    doctors = [
        {
            "slug": f"d{number}", "name": f"Dr {chance.choice(firsts)} {chance.choice(lasts)}",
            "speciality": chance.choice(specialities), "qualifications": "MBBS", "practising_since": 2010,
            "languages": chance.sample(LANGUAGES.split(), 3), "city": chance.choice(CITIES.split()),
            "area": chance.choice(areas), "address": "1, Some Road", "about": "Explains every test. " * 10,
            "fee_paise": chance.choice([30_000, 50_000, 80_000, 120_000]), "slot_minutes": 30, "active": True,
        }
        for number in range(DOCTORS)
    ]  # fmt: skip
    with write() as tx:
        tx.connection().execute(sa.insert(Doctor), doctors)
        clinic.words(tx)
    for first in range(1, DOCTORS + 1, 500):
        with write() as tx:
            tx.connection().execute(sa.insert(Slot), list(_slots(range(first, first + 500))))


def _first_name(one: clinic.Facts) -> str:
    return str(one["name"].split()[1])


def _speciality(one: clinic.Facts) -> str:
    return str(one["speciality"])


def _slots(doctor_ids: Sequence[int]) -> itertools.chain[dict[str, object]]:
    return itertools.chain.from_iterable(_slots_of(one) for one in doctor_ids)


def _slots_of(doctor_id: int) -> list[dict[str, object]]:
    begins = [
        NOW + timedelta(hours=1, days=day, minutes=30 * time_)
        for day in range(DAYS)
        if (day + doctor_id) % 7
        for time_ in range(TIMES)
    ]
    return [
        {"doctor_id": doctor_id, "starts_at": at, "ends_at": at + timedelta(minutes=30), "withdrawn": False}
        for at in begins
    ]


def commit(number: int) -> None:
    """A commit that changes no doctor, as a busy clinic makes all the time."""
    with write() as tx:
        tx.add(
            Person(
                name="P",
                email=f"p{number}@example.com",
                phone="",
                password_hash="-",
                role=Role.PATIENT,
                created_at=NOW,
            )
        )


def timed(works: Sequence[Callable[[], object]], before: Callable[[int], None] = lambda _: None) -> str:
    """Time on the wall, and of the processor: the second one does not count what else the machine does."""
    took, worked = [], []
    for number, work in enumerate(works):
        before(number)
        began, worked_before = time.perf_counter(), time.thread_time()
        work()
        worked.append((time.thread_time() - worked_before) * 1000)
        took.append((time.perf_counter() - began) * 1000)
    return f"{len(took)} times, {_cut(took)}; of the processor {_cut(worked)}"


def _cut(took: list[float]) -> str:
    return f"p50 {statistics.median(took):.1f} ms, p95 {statistics.quantiles(took, n=20)[-1]:.1f} ms"


def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    url = sys.argv[1]
    with scratch("search") as home:
        migrate(url, data_dir=home)
    use(Database(url))
    fill()
    keys = [query[:end] for query in QUERIES for end in range(1, len(query) + 1)]
    suggest = [lambda q=q: doctor_suggestions.suggestions(q=q) for q in keys]
    answer = [lambda q=q: doctor_results.results(now=NOW, asked=Asked(q=q)) for q in QUERIES * 5]
    narrow = [
        lambda q=q: doctor_results.results(now=NOW, asked=Asked(q=q, when="today"))
        for q in ("", *QUERIES) * 5
    ]
    rows = {
        "the first search, which reads the doctors": timed([answer[0], answer[0]]),
        "suggestions, each key": timed(suggest),
        "suggestions, each key after a commit": timed(suggest[:100], commit),
        "answer of the page": timed(answer),
        "answer of the page after a commit": timed(answer, lambda number: commit(1_000 + number)),
        "answer for today": timed(narrow),
    }
    print(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
