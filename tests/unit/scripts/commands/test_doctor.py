"""The doctor finds each illness alone and says how to mend it; a healthy installation passes."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import insert
from sqlalchemy.engine import URL

from callqueue.claiming import STOP_DIALING
from callqueue.runtime import Runtime
from ivr.voice.parts import studio_of
from prompts.build import build
from ptm import schema
from ptm.database import Database
from ptm.models import Switch
from ptm.settings import load_settings
from scripts.cli import sunvai
from tests.conftest import ROOT, SECRETS
from tests.support import servers
from tests.unit.carrier.phone_company import PhoneCompany, answers, opened_company

NO_RECORDINGS = json.dumps({"meta": {"next": None, "offset": 0, "total_count": 0}, "objects": []})


@pytest.fixture(scope="module")
def built_clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every prompt, rendered once for all these tests."""
    folder = tmp_path_factory.mktemp("built")
    studio = studio_of(Runtime(load_settings(ROOT / "config.toml", SECRETS | {"SUNVAI_STORAGE__FOLDER": str(folder)})))
    assert build(studio).problems == ()
    studio.close()
    return folder / "clips"


@pytest.fixture
def company() -> Iterator[PhoneCompany]:
    with opened_company() as company:
        company.will(answers(200, NO_RECORDINGS))
        yield company


@pytest.fixture
def healthy(environ: Mapping[str, str], parts: Runtime, built_clips: Path, company: PhoneCompany) -> dict[str, str]:
    """The environment of an installation in which nothing is wrong."""
    folder = parts.settings.storage.folder
    folder.mkdir(parents=True)
    shutil.copytree(
        built_clips, folder / "clips", copy_function=lambda source, target: Path(target).hardlink_to(source)
    )
    return dict(environ) | {"SUNVAI_CARRIER__API_URL": company.url}


def ask(environ: Mapping[str, str]) -> Result:
    return CliRunner().invoke(sunvai, ["doctor"], env=dict(environ))


def wrong(result: Result) -> list[str]:
    """Return the lines of what is wrong, each with how to mend it."""
    lines = result.stdout.splitlines()
    return [f"{line}{lines[at + 1].strip()}" for at, line in enumerate(lines) if line.startswith("WRONG")]


def test_a_healthy_installation_passes(healthy: dict[str, str], company: PhoneCompany) -> None:
    result = ask(healthy)
    assert (result.exit_code, wrong(result)) == (0, []), result.stdout
    assert result.stdout.endswith("Everything is well.\n")
    subjects = {line.split()[1] for line in result.stdout.splitlines()[:-1]}
    assert subjects >= {"settings", "database", "redis", "carrier", "web", "models", "prompts", "clock", "disk"}
    assert {seen.method for seen in company.seen} == {"GET"}, "nobody may be called"


ILLNESSES = {
    "SUNVAI_REDIS__URL": ("unix:///nowhere/redis.sock", "redis", "sunvai up"),
    "SUNVAI_CARRIER__API_URL": ("http://127.0.0.1:9", "carrier", "PLIVO_AUTH_TOKEN"),
    "PLIVO_AUTH_ID": ("XX-not-an-account-id", "carrier", "MA or SA first"),
    "SUNVAI_STORAGE__FOLDER": (str(ROOT / "config.toml" / "var"), "disk", "storage.folder"),
}


@pytest.mark.parametrize("name", ILLNESSES)
def test_each_illness_is_found_alone_with_how_to_mend_it(healthy: dict[str, str], name: str) -> None:
    value, subject, mend = ILLNESSES[name]
    result = ask(healthy | {name: value})
    found = [line for line in wrong(result) if line.split()[1] == subject]
    assert result.exit_code == 1
    assert len(found) == 1 and mend in found[0], result.stdout
    others = {line.split()[1] for line in wrong(result)} - {subject}
    assert others <= ({"prompts"} if subject == "disk" else set())


def test_a_wrong_setting_is_the_only_thing_said(healthy: dict[str, str]) -> None:
    result = ask(healthy | {"SUNVAI_CARRIER__LINES": "-1"})
    assert result.exit_code == 1
    assert "carrier.lines" in result.stdout and "database" not in result.stdout


def test_wrong_credentials_are_told_from_a_network_that_is_down(healthy: dict[str, str], company: PhoneCompany) -> None:
    company.will(answers(401, "Could not verify your access level"))
    (line,) = wrong(ask(healthy))
    assert "answered 401" in line


def test_a_database_without_tables_is_told_to_be_upgraded(healthy: dict[str, str], tmp_path: Path) -> None:
    (line,) = wrong(ask(healthy | {"SUNVAI_DATABASE__URL": f"sqlite:///{tmp_path}/empty.db"}))
    assert "sunvai db upgrade" in line


def test_a_database_that_is_away_is_told(healthy: dict[str, str]) -> None:
    (line,) = wrong(ask(healthy | {"SUNVAI_DATABASE__URL": "postgresql://nobody@127.0.0.1:9/sunvai"}))
    assert "postgresql does not answer" in line and "database.url" in line


def test_postgresql_is_looked_at_with_its_clock(healthy: dict[str, str], postgresql_server: URL) -> None:
    with servers.fresh_database(postgresql_server, "sunvai_doctor") as url:
        database = Database(url)
        schema.upgrade(database)
        database.dispose()
        result = ask(healthy | {"SUNVAI_DATABASE__URL": url})
    assert (result.exit_code, wrong(result)) == (0, [])
    assert "postgresql, newest version" in result.stdout


def test_a_prompt_that_is_missing_is_told(healthy: dict[str, str], parts: Runtime) -> None:
    clip = next((parts.settings.storage.folder / "clips").rglob("*.wav"))
    clip.unlink()
    (line,) = wrong(ask(healthy))
    assert "sunvai prompts build" in line


def test_a_folder_that_is_no_model_is_told(healthy: dict[str, str], tmp_path: Path) -> None:
    (line,) = wrong(ask(healthy | {"SUNVAI_ASR__MODELS__PA": str(tmp_path)}))
    assert "pa: " in line and "is not a Vosk model" in line


def test_a_thrown_switch_is_told(healthy: dict[str, str], parts: Runtime) -> None:
    with parts.database.writing() as tx:
        tx.execute(insert(Switch).values(name=STOP_DIALING, on_since_at=parts.clock.now(), reason="test"))
    (line,) = wrong(ask(healthy))
    assert "all dialling is stopped" in line


def test_a_local_address_for_a_carrier_elsewhere_is_told(healthy: dict[str, str]) -> None:
    result = ask(healthy | {"SUNVAI_CARRIER__API_URL": "http://carrier.invalid"})
    assert any("public_url" in line for line in wrong(result))


def test_every_account_of_the_carrier_is_looked_at(healthy: dict[str, str]) -> None:
    north = 'name="north",caller_id="918035731001",lines=100,calls_per_second=4.0,api_url="http://127.0.0.1:9"'
    told = {"SUNVAI_CARRIER__ACCOUNTS": f"[{{{north}}}]", "PLIVO_AUTH_TOKEN__NORTH": "a-token-for-tests-alone"}
    result = ask(healthy | told | {"PLIVO_AUTH_ID__NORTH": "MANORTHNORTHNORTHNOR"})
    assert result.exit_code == 1
    assert "knows the account; 50 lines" in result.output
    assert "north: http://127.0.0.1:9 does not answer" in result.output
    assert "PLIVO_AUTH_ID__NORTH and PLIVO_AUTH_TOKEN__NORTH" in result.output
