from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from click.testing import CliRunner
from sqlalchemy import select

from callqueue.runtime import Runtime
from ptm import schema
from ptm.database import Database
from ptm.models import PhoneNumber
from ptm.sealing import Vault
from scripts.cli import sunvai
from tests.conftest import SECRETS
from tests.unit.scripts.commands.conftest import Say


def test_an_empty_database_gets_its_tables_once(say: Say, database_url: str) -> None:
    assert say("db", "upgrade").stdout == "The database now stands at the newest version.\n"
    assert say("db", "upgrade").stdout == "The database already stood at the newest version.\n"
    database = Database(database_url)
    assert schema.is_current(database)
    database.dispose()


def test_numbers_are_sealed_anew_with_a_new_data_key(
    say: Say, environ: Mapping[str, str], parts: Runtime, class_list: Path
) -> None:
    say("roster", "import", str(class_list))
    new = "a-new-data-key-for-tests"
    both = {"SUNVAI_DATA_KEY": new, "SUNVAI_OTHER_DATA_KEYS": SECRETS["SUNVAI_DATA_KEY"]}
    runner = CliRunner()
    ill = runner.invoke(sunvai, ["doctor"], env={**environ, **both})
    assert "2 number(s) are sealed with another data key" in ill.stdout
    for done in (2, 0):
        told = runner.invoke(sunvai, ["db", "reseal"], env={**environ, **both})
        assert told.stdout == f"{done} number(s) sealed anew; all numbers are sealed with the present key.\n"
    with parts.database.reading() as tx:
        sealed = tx.scalars(select(PhoneNumber.sealed_msisdn).order_by(PhoneNumber.id)).all()
    assert [Vault(new).unseal(one) for one in sealed] == ["919814012345", "919814012346"]
