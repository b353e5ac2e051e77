"""The number of connections or requests that one address may have open at once in this process, and their order.

Rates (services/limits/rate_limits.py) count how often an address comes. What stays is counted here: a thousand requests that
never end are within any rate. Addresses of RATE_LIMIT_TRUSTED_IPS are free of it.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque

from booking_ui.services.limits import metrics, rate_limits


class Turnstile:
    """Lets at most `most` of one network in. `name` labels what was refused among the metrics."""

    def __init__(self, name: str, most: int) -> None:
        self._name, self._most = name, most
        self._inside: Counter[str] = Counter()

    def enter(self, host: str) -> Place | None:
        """A place to be left, or None when the network of `host` has all of its own."""
        network = rate_limits.network(host)
        if self._inside[network] >= self._most and not rate_limits.trusted(host):
            metrics.REFUSED.labels(self._name).inc()
            return None
        self._inside[network] += 1
        return Place(self._inside, network)


class Place:
    """One place inside. Leaving it twice is leaving it once."""

    def __init__(self, inside: Counter[str], network: str) -> None:
        self._inside, self._network = inside, network
        self._taken = True

    def leave(self) -> None:
        if self._taken:
            self._taken = False
            self._inside[self._network] -= 1
            if not self._inside[self._network]:
                del self._inside[self._network]


class Turns:
    """Lets those of one line go on one after the other, each in a round of the event loop of its own.

    The loop serves in the order of arrival. A thousand that come together would be served before everybody who comes after
    them; as one line they delay the others by one of them in each round.
    """

    def __init__(self) -> None:
        self._lines: dict[str, deque[asyncio.Future[None]]] = {}

    async def take(self, line: str) -> None:
        """Wait until all who came before in this line went on."""
        waiting = self._lines.get(line)
        if waiting is None:
            self._lines[line] = deque()
            asyncio.get_running_loop().call_soon(self._next, line)
            return
        turn = asyncio.get_running_loop().create_future()
        waiting.append(turn)
        await turn

    def _next(self, line: str) -> None:
        waiting = self._lines[line]
        while waiting:
            turn = waiting.popleft()
            if not turn.done():  # else it was cancelled
                turn.set_result(None)
                asyncio.get_running_loop().call_soon(self._next, line)
                return
        del self._lines[line]
