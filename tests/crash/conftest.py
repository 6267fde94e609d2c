"""A village and a carrier that child processes share with the test, and a clock that both read."""

from __future__ import annotations

import multiprocessing
import signal
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest

from callqueue.runtime import Runtime
from ptm.database import Database
from ptm.settings import Settings, load_settings
from tests.callflow.staging import stage
from tests.conftest import NOW, ROOT, SECRETS
from tests.crash import victim
from tests.unit.callqueue.one_database import database, database_url, migrated
from tests.unit.callqueue.small_carrier import SmallCarrier, opened_carrier
from tests.unit.callqueue.village import Village

__all__ = ["database", "database_url", "migrated", "stage"]

# A server that has everything imported and no threads forks children in milliseconds.
_children = multiprocessing.get_context("forkserver")
_children.set_forkserver_preload(["tests.crash.victim"])


def kill_child(environ: dict[str, str], step: str, target: str, when: str, words: Sequence[str]) -> None:
    """Run a step in a child that dies at `target`; it is a failure of the test if it survives."""
    child = _children.Process(target=victim.main, args=(environ, step, target, when, words))
    child.start()
    child.join(60)
    assert child.exitcode == -signal.SIGKILL


@pytest.fixture
def carrier() -> Iterator[SmallCarrier]:
    with opened_carrier() as carrier:
        yield carrier


class Street:
    """The parts of this process and the environment of its children; `pass_time` moves the clock of all of them.

    The clock runs as fast as the machine's and is set forward: its anchor is the only thing that changes.
    """

    def __init__(self, environ: dict[str, str], carrier: SmallCarrier) -> None:
        self.environ = environ
        self.carrier = carrier
        self.ahead = timedelta(0)
        self._started: list[ForkServerProcess] = []
        self._began = time.time()
        self.runtime = self._runtime()
        self.runtime.redis.flushdb()
        self.village = Village(self.runtime)

    def _settings(self) -> Settings:
        return load_settings(ROOT / "config.toml", self.settings_environ())

    def settings_environ(self) -> dict[str, str]:
        return self.environ | {
            "SUNVAI_CLOCK__ANCHOR_AT": (NOW + self.ahead).isoformat(),
            "SUNVAI_CLOCK__ANCHOR_WALL": str(self._began),
        }

    def _runtime(self) -> Runtime:
        return Runtime(self._settings())

    def pass_time(self, duration: timedelta) -> None:
        self.ahead += duration
        self.runtime.__dict__["clock"] = self._settings().clock.clock()
        self.carrier.at = self.runtime.clock.now()

    def start(self, step: str, target: str, when: str, *words: object) -> ForkServerProcess:
        told = (self.settings_environ(), step, target, when, [str(word) for word in words])
        child = _children.Process(target=victim.main, args=told)
        child.start()
        self._started.append(child)
        return child

    def kill_at(self, step: str, target: str, when: str, *words: object) -> None:
        """Run a step in a child that dies at `target`; it is a failure of the test if it survives."""
        child = self.start(step, target, when, *words)
        child.join(60)
        assert child.exitcode == -signal.SIGKILL

    def dispose(self) -> None:
        """Let go of everything. A child that a failed test left stopped would be waited for at exit, for ever."""
        for child in self._started:
            child.kill()
        self.runtime.database.dispose()
        self.runtime.redis.close()


@pytest.fixture
def street(
    database: Database, database_url: str, redis_url: str, tmp_path: Path, carrier: SmallCarrier
) -> Iterator[Street]:
    environ = SECRETS | {
        "SUNVAI_CONFIG": str(ROOT / "config.toml"),
        "SUNVAI_DATABASE__URL": database_url,
        "SUNVAI_REDIS__URL": redis_url,
        "SUNVAI_STORAGE__FOLDER": str(tmp_path / "var"),
        "SUNVAI_CARRIER__API_URL": carrier.url,
        "SUNVAI_CARRIER__CONNECT_TIMEOUT_S": "1.0",
        "SUNVAI_CARRIER__READ_TIMEOUT_S": "1.0",
        "SUNVAI_CARRIER__CALLS_PER_SECOND": "100.0",
        "SUNVAI_MACHINE__LEASE_S": "8.0",
    }
    street = Street(environ, carrier)
    yield street
    street.dispose()
