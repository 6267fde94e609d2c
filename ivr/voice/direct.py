"""Connections of the driver's own, for the two statements that run in every webhook.

The layers above a driver cost more than the database does there: a webhook that takes the pool's ping, a transaction
and eight statements through them spends four milliseconds, this way one.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from typing import Any, Protocol

from ivr.voice.statements import MAKES_A_RECORDING, Shape, for_psycopg, on_postgresql, on_sqlite
from ptm.database import Database

# Somebody is listening to nothing meanwhile.
PATIENCE_MS = 1_500
Values = Mapping[str, Any]


class Direct(Protocol):
    """One connection."""

    def read(self, sql: str, values: Values) -> tuple[Any, ...] | None:
        """Return the first row, or None."""
        ...

    def write(self, shape: Shape, values: Values) -> tuple[bool, int | None]:
        """Write all of a webhook, committed, or nothing; return whether it was written, and its recording."""
        ...

    def close(self) -> None: ...


class DirectPool:
    """As many connections as threads ever asked at once; one that failed is closed and not given again."""

    def __init__(self, database: Database) -> None:
        self._database = database
        # SQLite has one writer, and lets those that wait sleep ever longer: within a process a lock is fair to them.
        self.turn: AbstractContextManager[Any] = nullcontext() if _is_postgresql(database) else threading.Lock()
        self._idle: list[Direct] = []
        self.Error: type[Exception] = database.engine.dialect.loaded_dbapi.Error

    @contextmanager
    def connection(self) -> Iterator[Direct]:
        """Give a connection. Raises the driver's Error."""
        try:
            direct = self._idle.pop()
        except IndexError:
            direct = self._open()
        try:
            yield direct
        except BaseException:
            direct.close()
            raise
        self._idle.append(direct)

    def close(self) -> None:
        """Close what is not in use; the pool may be used again."""
        while self._idle:
            self._idle.pop().close()

    def _open(self) -> Direct:
        connection = self._database.engine.raw_connection()
        raw = connection.driver_connection
        connection.detach()
        return _PostgreSQL(raw) if _is_postgresql(self._database) else _SQLite(raw, self.turn)


def _is_postgresql(database: Database) -> bool:
    return database.dialect == "postgresql"


class _PostgreSQL:
    def __init__(self, raw: Any) -> None:
        raw.autocommit = True
        self._raw, self._cursor = raw, raw.cursor()
        self._cursor.execute(f"SET lock_timeout = {PATIENCE_MS}; SET statement_timeout = {PATIENCE_MS}")

    def read(self, sql: str, values: Values) -> tuple[Any, ...] | None:
        row: tuple[Any, ...] | None = self._cursor.execute(for_psycopg(sql), values).fetchone()
        return row

    def write(self, shape: Shape, values: Values) -> tuple[bool, int | None]:
        moved, recording = self._cursor.execute(on_postgresql(shape), values).fetchone()
        return moved == 1, recording

    def close(self) -> None:
        self._raw.close()


class _SQLite:
    def __init__(self, raw: Any, turn: AbstractContextManager[Any]) -> None:
        self._raw, self._cursor, self._turn = raw, raw.cursor(), turn
        self._cursor.execute(f"PRAGMA busy_timeout = {PATIENCE_MS}")

    def read(self, sql: str, values: Values) -> tuple[Any, ...] | None:
        rows = self._cursor.execute(sql, values).fetchall()  # all: an open read would hold back the log's checkpoint
        return rows[0] if rows else None

    def write(self, shape: Shape, values: Values) -> tuple[bool, int | None]:
        stored = {name: _as_text(value) if isinstance(value, datetime) else value for name, value in values.items()}
        with self._turn:
            return self._write(shape, stored)

    def _write(self, shape: Shape, stored: Values) -> tuple[bool, int | None]:
        recording = None
        self._cursor.execute("BEGIN IMMEDIATE")
        for at, sql in enumerate(on_sqlite(shape)):
            self._cursor.execute(sql, stored)
            if shape.move and at == 0 and self._cursor.rowcount != 1:
                self._cursor.execute("ROLLBACK")
                return False, None
            if at >= bool(shape.move) and shape.parts[at - bool(shape.move)] in MAKES_A_RECORDING:
                recording = self._cursor.fetchall()[0][0]
        self._cursor.execute("COMMIT")
        return True, recording

    def close(self) -> None:
        self._raw.close()


def _as_text(at: datetime) -> str:
    """Return an instant as SQLAlchemy keeps it in SQLite."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
