from __future__ import annotations

from ptm import schema
from ptm.database import Database
from tests.unit.scripts.commands.conftest import Say


def test_an_empty_database_gets_its_tables_once(say: Say, database_url: str) -> None:
    assert say("db", "upgrade").stdout == "The database now stands at the newest version.\n"
    assert say("db", "upgrade").stdout == "The database already stood at the newest version.\n"
    database = Database(database_url)
    assert schema.is_current(database)
    database.dispose()
