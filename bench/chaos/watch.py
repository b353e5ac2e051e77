"""Others, who look at the doctors all the while: how long they wait, and for how long nobody answered them."""

from __future__ import annotations

import http.client
import math
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

EVERY_SECONDS = 0.1
AT_ONCE = 32
PATIENCE = 30.0
ADDRESS = {"X-Forwarded-For": "198.51.100.7"}  # theirs alone: what one address may do is counted
LOOK = "/api/doctors"


@dataclass(frozen=True)
class Look:
    """One look: when it was due, the seconds until its answer, and its status; 0 when nothing answered."""

    due: float
    seconds: float
    status: int


@dataclass
class Looks:
    """The looks of some time, in the order of their answers."""

    found: list[Look] = field(default_factory=list)

    def p95(self) -> float:
        """Seconds that 95 of 100 did not wait longer for an answer, whichever it was; 0 when there was none."""
        took = sorted(look.seconds for look in self.found)
        return took[math.ceil(0.95 * len(took)) - 1] if took else 0.0

    def unserved(self) -> int:
        return sum(look.status != 200 for look in self.found)

    def longest_gap(self) -> float:
        """The longest time, in seconds, in which no look was served."""
        gap, since = 0.0, None
        for look in sorted(self.found, key=lambda one: one.due):
            if look.status == 200:
                since = None
                continue
            since = look.due if since is None else since
            gap = max(gap, look.due + look.seconds - since)
        return gap


@contextmanager
def watching(base_url: str) -> Iterator[Looks]:
    """Look at the doctors every tenth of a second, each time over a new connection, also while earlier looks wait."""
    looks, over = Looks(), threading.Event()
    place = urlsplit(base_url).netloc

    def look(due: float) -> None:
        looks.found.append(Look(due, *_looked(place, due)))

    def beat(pool: ThreadPoolExecutor) -> None:
        due = time.monotonic()
        while not over.wait(max(0.0, due - time.monotonic())):
            pool.submit(look, due)
            due += EVERY_SECONDS

    with ThreadPoolExecutor(AT_ONCE) as pool:
        beating = threading.Thread(target=beat, args=[pool])
        beating.start()
        try:
            yield looks
        finally:
            over.set()
            beating.join()


def _looked(place: str, due: float) -> tuple[float, int]:
    connection = http.client.HTTPConnection(place, timeout=PATIENCE)
    try:
        connection.request("GET", LOOK, headers=ADDRESS)
        answer = connection.getresponse()
        answer.read()
        status = answer.status
    except (OSError, http.client.HTTPException):
        status = 0
    finally:
        connection.close()
    return time.monotonic() - due, status


def looked(base_url: str, seconds: float) -> Looks:
    """The looks of so many seconds in which nothing else is done."""
    with watching(base_url) as looks:
        threading.Event().wait(seconds)
    return looks
