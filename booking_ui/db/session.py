"""The engine and the only commit.

`with write() as tx` is one use case in one transaction: it commits when the block ends and rolls back when it raises.
`with rehearse() as tx` is a use case that leaves no trace, and `with read() as tx` never writes. Nobody else calls `commit`.
"""

from __future__ import annotations

import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from booking_ui.config.settings import settings

READ_ONLY = "25006"  # PostgreSQL, while another machine takes over
CONNECT_SECONDS = 5  # libpq would wait for ever
SQLITE_BUSY_MS = 30_000
POSTGRES_LOCK_MS = 10_000
# A thread never waits for a connection: together at least as many as the threads of edge/threads.py. Those beyond the
# first are closed after use, and rarely made: threads that wait for Razorpay hold none.
POOL, OVERFLOW = 16, 24


def is_away(error: sa.exc.SQLAlchemyError) -> bool:
    """True when the database can't be reached, written or locked now, and not when a statement is wrong."""
    if isinstance(error, sa.exc.TimeoutError | sa.exc.DisconnectionError):
        return True
    if not isinstance(error, sa.exc.DBAPIError):
        return False
    if getattr(error.orig, "sqlstate", None) == READ_ONLY or error.connection_invalidated:
        return True
    wrong = str(error.orig).startswith(
        ("no such", "near ", "incomplete input")
    )  # SQLite has one type for all
    return isinstance(error, sa.exc.OperationalError | sa.exc.InterfaceError) and not wrong


class FairQueue:
    """A lock that is handed over in order. SQLite has one writer; without a queue busy threads starve the others."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._busy = False
        self._waiting: deque[threading.Event] = deque()

    @contextmanager
    def turn(self) -> Iterator[None]:
        self._enter()
        try:
            yield
        finally:
            self._leave()

    def _enter(self) -> None:
        with self._guard:
            if not self._busy:
                self._busy = True
                return
            mine = threading.Event()
            self._waiting.append(mine)
        mine.wait()

    def _leave(self) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().set()  # stays busy: the next one owns it
            else:
                self._busy = False


@dataclass(frozen=True)
class Stamp:
    """The version of the whole database: equal stamps mean equal contents. `everywhere` when other processes may compare it."""

    value: str
    everywhere: bool


class Database:
    def __init__(self, url: str, *, pool_size: int = POOL) -> None:
        self.url = url
        self.sqlite = url.startswith("sqlite")
        self._queue = FairQueue()
        self.engine = sa.create_engine(
            url,
            hide_parameters=True,  # an error's text is logged; its values may name a person
            **(_sqlite_options(url, pool_size) if self.sqlite else _postgres_options(pool_size)),
        )
        if self.sqlite:
            _prepare_sqlite(self.engine)
        self._writer = self.engine.execution_options(begin_immediate=True)
        self._witness: Any = (
            None  # SQLite: a connection that never writes, and so sees every commit as another's
        )
        self._witness_guard = threading.Lock()

    @contextmanager
    def read(self) -> Iterator[Session]:
        with Session(self.engine, expire_on_commit=False) as tx:
            yield tx

    @contextmanager
    def write(self) -> Iterator[Session]:
        with self.rehearse() as tx:
            yield tx
            for call in tx.info.get(BEFORE_COMMIT, ()):
                call()
            tx.commit()
        for call in tx.info.get(AFTER_COMMIT, ()):
            call()

    @contextmanager
    def rehearse(self) -> Iterator[Session]:
        turn = self._queue.turn() if self.sqlite else nullcontext()
        with turn, Session(self._writer, expire_on_commit=False) as tx:
            yield tx

    def stamp(self, tx: Session) -> Stamp:
        """The version before the next read of `tx`; every commit of every process changes it."""
        if not self.sqlite:
            seen = tx.connection().exec_driver_sql("SELECT pg_current_snapshot()::text").scalar_one()
            return Stamp(str(seen), everywhere=True)
        with self._witness_guard, _wrapped():
            if self._witness is None:
                self._witness = self.engine.raw_connection()
                self._witness.detach()  # it must not occupy a place in the pool
            # Counts the commits of all other connections, other processes' too; only this connection can compare it.
            return Stamp(str(self._witness.execute("PRAGMA data_version").fetchone()[0]), everywhere=False)

    def dispose(self) -> None:
        if self._witness is not None:
            self._witness.close()
            self._witness = None
        self.engine.dispose()


@contextmanager
def _wrapped() -> Iterator[None]:
    """Raise errors of a connection without SQLAlchemy around it as SQLAlchemy would."""
    try:
        yield
    except sqlite3.OperationalError as fault:
        raise sa.exc.OperationalError("PRAGMA data_version", {}, fault) from fault


BEFORE_COMMIT, AFTER_COMMIT = "before_commit", "after_commit"


def before_commit(tx: Session, call: Callable[[], None]) -> None:
    """Call `call` as the last thing in this transaction; never when it rolls back."""
    tx.info.setdefault(BEFORE_COMMIT, []).append(call)


def after_commit(tx: Session, call: Callable[[], None]) -> None:
    """Call `call` once this transaction is committed; never when it rolls back."""
    tx.info.setdefault(AFTER_COMMIT, []).append(call)


def _sqlite_options(url: str, pool_size: int) -> dict[str, Any]:
    connect = {"timeout": SQLITE_BUSY_MS / 1000, "check_same_thread": False}
    if url == "sqlite://":  # in memory there is one connection, which SQLAlchemy keeps by itself
        return {"connect_args": connect}
    return {"pool_size": pool_size, "max_overflow": OVERFLOW, "connect_args": connect}


def _postgres_options(pool_size: int) -> dict[str, Any]:
    return {
        "pool_size": pool_size,
        "max_overflow": OVERFLOW,
        "pool_pre_ping": True,
        "connect_args": {
            "options": f"-c lock_timeout={POSTGRES_LOCK_MS} -c timezone=UTC",
            "connect_timeout": CONNECT_SECONDS,
        },
    }


def _prepare_sqlite(engine: sa.Engine) -> None:
    @sa.event.listens_for(engine, "connect")
    def _connect(raw: Any, _record: Any) -> None:
        raw.isolation_level = None  # the driver must not begin by itself: we choose the kind below
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            f"busy_timeout={SQLITE_BUSY_MS}",
        ):
            raw.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        immediate = connection.get_execution_options().get("begin_immediate", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


_current: Database | None = None
_current_guard = threading.Lock()


def database() -> Database:
    """The database of this process, made on first use: never at import, so forked workers share nothing.

    Raises SettingsError when it is to lie in a DATA_DIR that can't be written to.
    """
    global _current
    with _current_guard:
        if _current is None:
            if not settings().database_url:
                settings().make_data_dir()
            _current = Database(settings().database)
        return _current


def use(replacement: Database | None) -> None:
    """Put another database in place (tests, commands); None makes the next call read the settings again."""
    global _current
    with _current_guard:
        _current = replacement


@contextmanager
def read() -> Iterator[Session]:
    with database().read() as tx:
        yield tx


@contextmanager
def write() -> Iterator[Session]:
    with database().write() as tx:
        yield tx


@contextmanager
def rehearse() -> Iterator[Session]:
    with database().rehearse() as tx:
        yield tx
