"""Migrations make exactly the tables that the code knows, on both databases."""

from __future__ import annotations

from ptm import schema
from ptm.database import Database


def test_migrations_and_models_agree(database: Database) -> None:
    assert schema.differences(database) == []


def test_upgrading_twice_changes_nothing(database: Database) -> None:
    schema.upgrade(database)
    assert schema.is_current(database)


def test_an_empty_database_is_not_current(database_url: str) -> None:
    database = Database(database_url)
    assert not schema.is_current(database)
    database.dispose()
