"""For pages that hardly ask the database: one kind is enough, made once for a module."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ptm import schema
from ptm.database import Database


@pytest.fixture(scope="module")
def database_file(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    file = tmp_path_factory.mktemp("one") / "sunvai.db"
    database = Database(f"sqlite:///{file}")
    schema.upgrade(database)
    database.dispose()
    yield file


@pytest.fixture
def database_url(database_file: Path, tmp_path: Path) -> str:
    """A copy of the empty one."""
    copy = tmp_path / "sunvai.db"
    copy.write_bytes(database_file.read_bytes())
    return f"sqlite:///{copy}"


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.dispose()
