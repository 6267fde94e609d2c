"""One engine, two doors: `writing` for transactions that change something, `reading` for those that do not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import Session

from ptm.errors import SettingsError

BUSY_TIMEOUT_MS = 15_000
# A server in the same house answers in milliseconds. One that is gone must not hold up whoever listens to nothing
# meanwhile: connecting gives up after the first, a connection that was cut in silence after the second.
CONNECT_TIMEOUT_S, SILENCE_MS = 2, 30_000


class Database:
    """PostgreSQL or SQLite behind the same two doors."""

    def __init__(self, url: str, *, pool_size: int = 10) -> None:
        self.engine = _engine(url, pool_size)
        self._reader = self.engine.execution_options(read_only=True)

    @property
    def dialect(self) -> str:
        return self.engine.dialect.name

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Open a transaction that may write; it commits at the end of the block and rolls back on an exception."""
        with self.engine.begin() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a transaction that only reads: on SQLite it never waits for a writer."""
        with self._reader.connect() as connection:
            yield connection

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Open an ORM session in a writing transaction; it commits at the end of the block."""
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def reading_session(self) -> Iterator[Session]:
        """Open an ORM session that only reads."""
        with Session(self._reader, expire_on_commit=False) as session:
            yield session

    def dispose(self) -> None:
        self.engine.dispose()


def _engine(url: str, pool_size: int) -> Engine:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise SettingsError(f"database.url: {error}") from None
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() == "sqlite":
        # Parameters are names and numbers of families: they must not stand in an error, and so in a log.
        # Ten readers on one small file gain nothing; one connection a thread keeps the busy handler fair.
        engine = create_engine(parsed, hide_parameters=True, connect_args={"timeout": BUSY_TIMEOUT_MS / 1000})
        return _with_honest_transactions(engine)
    if parsed.drivername != "postgresql+psycopg":
        raise SettingsError(f"database.url: {parsed.drivername} is neither sqlite nor postgresql+psycopg")
    return create_engine(
        parsed, hide_parameters=True, pool_size=pool_size, pool_pre_ping=True,
        connect_args={
            "options": "-c timezone=utc", "connect_timeout": CONNECT_TIMEOUT_S, "tcp_user_timeout": SILENCE_MS,
            "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3,
        },
    )  # fmt: skip


def _with_honest_transactions(engine: Engine) -> Engine:
    """Make SQLite begin for real: IMMEDIATE for writers, deferred for readers.

    The driver's own way runs SELECTs outside the transaction, so that two webhooks of one call can overwrite each
    other; a plain BEGIN fails about a third of the writes under load with "database is locked", at once, because a
    snapshot cannot be upgraded once another writer has committed. IMMEDIATE failed none (measured).
    """

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        # FULL: a committed claim must survive a power cut, else its number could be dialled again.
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        deferred = connection.get_execution_options().get("read_only", False)
        connection.exec_driver_sql("BEGIN" if deferred else "BEGIN IMMEDIATE")

    return engine
