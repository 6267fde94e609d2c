"""Many writers at once: nothing is lost and, with SQLite, nobody is told that the database is locked."""

from __future__ import annotations

import socket
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import OperationalError

from ptm.database import CONNECT_TIMEOUT_S, Database
from ptm.errors import SettingsError
from ptm.models import Counter

WRITERS, TIMES = 8, 25


@pytest.fixture
def counter(database: Database) -> Database:
    with database.writing() as tx:
        tx.execute(insert(Counter).values(name="calls", value=0))
    return database


def test_a_postgresql_that_never_answers_is_given_up_in_seconds() -> None:
    """Its host takes the connection and says nothing, as one does that is gone behind a router or frozen."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        database = Database(f"postgresql://nobody@127.0.0.1:{silent.getsockname()[1]}/nothing")
        began = time.monotonic()
        with pytest.raises(OperationalError), database.reading():
            pass
        assert time.monotonic() - began < 2 * CONNECT_TIMEOUT_S + 1
        database.dispose()


def value(database: Database) -> int:
    with database.reading() as tx:
        return tx.scalars(select(Counter.value).where(Counter.name == "calls")).one()


def together(work: Callable[[int], int], writers: int = WRITERS) -> list[int]:
    """Let everybody begin at the same moment; return what each returned."""
    start = threading.Barrier(writers)

    def begin(number: int) -> int:
        start.wait()
        return work(number)

    with ThreadPoolExecutor(writers) as pool:
        return list(pool.map(begin, range(writers)))


def test_writers_that_read_first_neither_fail_nor_overwrite_each_other(counter: Database) -> None:
    def count(_number: int) -> int:
        for _ in range(TIMES):
            with counter.writing() as tx:
                found = tx.scalars(select(Counter.value).where(Counter.name == "calls").with_for_update()).one()
                tx.execute(update(Counter).where(Counter.name == "calls").values(value=found + 1))
        return TIMES

    assert sum(together(count)) == value(counter) == WRITERS * TIMES


def test_a_deferred_transaction_would_fail_at_once(counter: Database, tmp_path: Path) -> None:
    """Why writers begin IMMEDIATE: a reader cannot become a writer once somebody else has written."""
    if counter.dialect != "sqlite":
        pytest.skip("PostgreSQL has no such transactions")

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(tmp_path / "sunvai.db", timeout=10, isolation_level=None)

    first, second = connect(), connect()
    for connection in (first, second):
        connection.execute("BEGIN")
        connection.execute("SELECT value FROM counter").fetchall()
    first.execute("UPDATE counter SET value = value + 1")
    first.execute("COMMIT")
    with pytest.raises(sqlite3.OperationalError, match="database is locked"):
        second.execute("UPDATE counter SET value = value + 1")
    first.close()
    second.close()
    assert value(counter) == 1


def test_a_reader_does_not_wait_for_a_writer_and_sees_what_was_committed(counter: Database) -> None:
    with counter.writing() as tx:
        tx.execute(update(Counter).values(value=7))
        assert value(counter) == 0
    assert value(counter) == 7


def test_an_exception_takes_everything_back(counter: Database) -> None:
    with pytest.raises(KeyError), counter.writing() as tx:
        tx.execute(update(Counter).values(value=7))
        raise KeyError
    with pytest.raises(KeyError), counter.session() as session:
        session.execute(update(Counter).values(value=8))
        raise KeyError
    assert value(counter) == 0


def test_a_session_commits_at_the_end_of_its_block(counter: Database) -> None:
    with counter.session() as session:
        session.get_one(Counter, "calls").value = 9
    with counter.reading_session() as session:
        assert session.get_one(Counter, "calls").value == 9


def test_what_is_only_read_is_never_written(counter: Database) -> None:
    with counter.reading() as tx:
        tx.execute(update(Counter).values(value=7))
    assert value(counter) == 0


def test_a_committed_claim_survives_a_power_cut_on_sqlite(counter: Database) -> None:
    if counter.dialect != "sqlite":
        pytest.skip("PostgreSQL is told by its own configuration")
    with counter.reading() as tx:
        asked = [
            tx.execute(text(f"PRAGMA {name}")).scalar() for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    assert asked == ["wal", 2, 1]


def test_an_error_does_not_repeat_what_stood_in_the_statement(counter: Database) -> None:
    """A number or a name in a parameter would otherwise end up in a log."""
    with (
        pytest.raises(OperationalError if counter.dialect == "sqlite" else Exception) as error,
        counter.writing() as tx,
    ):
        tx.execute(text("SELECT :secret FROM nowhere"), {"secret": "919814012345"})
    assert "919814012345" not in str(error.value)
    assert "nowhere" in str(error.value)


def test_postgresql_speaks_utc(database: Database) -> None:
    if database.dialect != "postgresql":
        pytest.skip("SQLite has no zone")
    with database.reading() as tx:
        assert str(tx.execute(text("SHOW timezone")).scalar()).upper() == "UTC"


@pytest.mark.parametrize(
    ("url", "why"),
    [("", "database.url"), ("sunvai.db", "database.url"), ("mysql://host/sunvai", "neither sqlite nor postgresql"),
     ("oracle://host/x", "neither sqlite nor postgresql")],
)  # fmt: skip
def test_an_address_of_another_kind_is_refused(url: str, why: str) -> None:
    with pytest.raises(SettingsError, match=why):
        Database(url)
