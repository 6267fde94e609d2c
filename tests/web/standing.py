"""One database of each kind for a whole module or folder: making and migrating one takes longer than a test does."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
from sqlalchemy import text

from ptm import schema
from ptm.database import Database
from ptm.models import Base
from tests.support import servers

_names = itertools.count()


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path_factory.mktemp('standing')}/sunvai.db"
        return
    server = request.getfixturevalue("postgresql_server")
    with servers.fresh_database(server, f"sunvai_standing_{next(_names)}") as url:
        yield url


@pytest.fixture(scope="session")
def migrated(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    schema.upgrade(database)
    if database.dialect == "postgresql":
        with database.writing() as tx:
            # These tests pull no plug: a commit need not wait for the disk.
            tx.execute(text(f'ALTER DATABASE "{database.engine.url.database}" SET synchronous_commit = off'))
        database.dispose()
    yield database
    database.dispose()


@pytest.fixture
def database(migrated: Database) -> Database:
    """A database with all tables and nothing in them."""
    names = [table.name for table in reversed(Base.metadata.sorted_tables)]
    with migrated.writing() as tx:
        # TRUNCATE makes a new file for every table and index, which takes longer than most of these tests.
        for name in names:
            tx.execute(text(f'DELETE FROM "{name}"'))
    return migrated
