"""A village, and a carrier that speaks real HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from callqueue.runtime import Runtime
from carrier.plivo.client import Limits, PlivoCarrier
from carrier.plivo.wire import Budget
from ptm import schema
from ptm.database import Database
from ptm.models import Base
from tests.conftest import SECRETS
from tests.support import servers
from tests.unit.callqueue.small_carrier import SmallCarrier, opened_carrier
from tests.unit.callqueue.village import Village

QUICK = Budget(connect_s=0.3, total_s=0.3)


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One database of each kind for all these tests: making and migrating one takes longer than a test does."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path_factory.mktemp('queue')}/sunvai.db"
        return
    server = request.getfixturevalue("postgresql_server")
    with servers.fresh_database(server, "sunvai_queue") as url:
        yield url


@pytest.fixture(scope="session")
def migrated(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    schema.upgrade(database)
    yield database
    database.dispose()


@pytest.fixture
def database(migrated: Database) -> Database:
    """A database with all tables and nothing in them."""
    tables = [table.name for table in reversed(Base.metadata.sorted_tables)]
    with migrated.writing() as tx:
        if migrated.dialect == "postgresql":
            tx.execute(text("TRUNCATE " + ", ".join(f'"{name}"' for name in tables) + " RESTART IDENTITY CASCADE"))
        else:
            for name in tables:
                tx.execute(text(f'DELETE FROM "{name}"'))
    return migrated


@pytest.fixture
def village(runtime: Runtime) -> Village:
    return Village(runtime)


@pytest.fixture
def carrier(runtime: Runtime) -> Iterator[SmallCarrier]:
    """The real client, dialling a carrier that does what the test says."""
    with opened_carrier() as carrier:
        carrier.at = runtime.clock.now()
        runtime.__dict__["carrier"] = PlivoCarrier(
            SECRETS["PLIVO_AUTH_ID"], SECRETS["PLIVO_AUTH_TOKEN"], api_url=carrier.url,
            limits=Limits(dial=QUICK, question=QUICK),
        )  # fmt: skip
        yield carrier
