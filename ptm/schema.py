"""Bring a database to the tables that this code knows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from ptm.database import Database
from ptm.errors import SunvaiError
from ptm.models import Base

MIGRATIONS = Path(__file__).with_name("migrations")

# A migration that waits longer than this for a lock holds up the calls behind it: better to fail and run again later.
LOCK_TIMEOUT_MS, STATEMENT_TIMEOUT_MS = 4_000, 60_000


def upgrade(database: Database, to: str = "head") -> None:
    """Bring the tables up to a version; doing it twice changes nothing. Each run is one transaction.

    Raises SunvaiError when a row would point to nothing afterwards; then nothing has changed.
    """
    changing = _changing_sqlite if database.dialect == "sqlite" else _changing_postgresql
    with changing(database) as connection:
        command.upgrade(_config(connection), to)


@contextmanager
def _changing_postgresql(database: Database) -> Iterator[Connection]:
    with database.writing() as connection:
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {LOCK_TIMEOUT_MS}")
        connection.exec_driver_sql(f"SET LOCAL statement_timeout = {STATEMENT_TIMEOUT_MS}")
        # Two hosts that start together must not both create the tables.
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(8126317)")
        yield connection


@contextmanager
def _changing_sqlite(database: Database) -> Iterator[Connection]:
    """Open a transaction in which tables can be dropped and made anew, which is how SQLite's tables change.

    A dropped table's rows are deleted first, which foreign keys forbid; and they can be held back only before a
    transaction begins, on its own connection.
    """
    with database.engine.connect() as connection:
        switch = connection.connection.cursor()
        switch.execute("PRAGMA foreign_keys=OFF")
        try:
            with connection.begin():
                yield connection
                lost = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
                if lost:
                    tables = ", ".join(sorted({str(row[0]) for row in lost}))
                    raise SunvaiError(f"the database was not changed: rows of {tables} would point to nothing")
        finally:
            switch.execute("PRAGMA foreign_keys=ON")
            switch.close()


def revise(database: Database, message: str) -> None:
    """Write a new migration from the difference between the models and `database`."""
    with database.writing() as connection:
        command.revision(_config(connection), message, autogenerate=True)


def is_current(database: Database) -> bool:
    """Say whether the database stands at the newest version."""
    with database.reading() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    return found == ScriptDirectory(str(MIGRATIONS)).get_current_head()


def differences(database: Database) -> list[object]:
    """Return what the tables of `database` and the models disagree about: nothing, when migrations are whole."""
    with database.reading() as connection:
        return list(compare_metadata(MigrationContext.configure(connection), Base.metadata))


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes["connection"] = connection
    return config
