"""The fixture that gives a stage on each kind of database, for the conftest of whoever plays calls."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.callflow.stage import Stage, open_stage
from tests.support import servers


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def stage(request: pytest.FixtureRequest, redis_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """One stage for all calls of a module: each call has a family of its own."""
    folder: Path = tmp_path_factory.getbasetemp() / "stage"
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('stage')}/sunvai.db"
        with open_stage(database_url=url, redis_url=redis_url, folder=folder) as stage:
            yield stage
        return
    server = request.getfixturevalue("postgresql_server")
    with (
        servers.fresh_database(server, f"stage_{request.module.__name__.rpartition('.')[2]}") as url,
        open_stage(database_url=url, redis_url=redis_url, folder=folder) as stage,
    ):
        yield stage
