"""The exchange's README names what there is, all of it, and nothing else."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from pathlib import Path

import pytest

from carrier.exchange import faults, xml
from carrier.exchange.population import KINDS, Behaviour, parse_population

FOLDER = Path(xml.__file__).parent
README = (FOLDER / "README.md").read_text()
SOURCES = "".join(path.read_text() for path in FOLDER.rglob("*.py"))


def section(title: str) -> str:
    return README.split(f"## {title}\n", 1)[1].split("\n## ", 1)[0]


def rows(title: str) -> set[str]:
    """Return the words in code in the first column of a section's table."""
    cells = re.findall(r"^\| (`.*?) \|", section(title), re.MULTILINE)
    return {word for cell in cells for word in re.findall(r"`([^`]+)`", cell)}


def test_every_key_of_a_behaviour_is_explained() -> None:
    assert rows("Population") == {field.name for field in fields(Behaviour)}
    assert all(f"`{kind}`" in section("Population") for kind in KINDS)


def test_the_example_is_a_population() -> None:
    parse_population(json.loads(section("Population").split("\n\nA number")[0]), "README", FOLDER)


def test_every_event_of_the_journal_is_explained() -> None:
    written = set(re.findall(r'(?:note|_chronicle)\(\s*(?:[^()"]|\((?:[^()]|\([^()]*\))*\))*?"([a-z_]+)"', SOURCES))
    assert written == rows("What is kept")


@pytest.mark.parametrize("fault", [*faults.REST_FAULTS, *faults.WEBHOOK_FAULTS])
def test_every_fault_is_explained(fault: str) -> None:
    assert f"`{fault}`" in section("Faults")


def test_every_element_that_is_played_is_named() -> None:
    played = set(xml.RULES) - {"Response", "Number"}
    assert all(name in section("What it plays") for name in played)


def test_every_file_that_is_named_exists() -> None:
    for name in rows("What is where"):
        assert (FOLDER / name).exists(), name
