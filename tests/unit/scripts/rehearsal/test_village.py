"""The families of a rehearsal: as many as asked for, the same for the same seed, each with something to do."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select

from carrier.exchange.population import load_population
from prompts.synthesis.espeak import EspeakSynthesiser
from ptm.models import Batch, Call, Child
from scripts.rehearsal.people import write_people
from scripts.rehearsal.village import Village, press, settle
from tests.conftest import TestRuntime

HOUSEHOLDS = 60


@pytest.fixture
def village(runtime: TestRuntime) -> Village:
    return settle(runtime, HOUSEHOLDS, last_day=date(2026, 12, 1), seed=1)


@pytest.fixture
def voice() -> Iterator[EspeakSynthesiser]:
    voice = EspeakSynthesiser()
    yield voice
    voice.close()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_every_family_is_planned_once_by_its_teacher_or_by_the_state(runtime: TestRuntime, village: Village) -> None:
    assert len(village.families) == HOUSEHOLDS
    for _ in range(2):
        press(runtime, village)
    with runtime.database.reading() as tx:
        assert tx.scalar(select(func.count()).select_from(Call)) == HOUSEHOLDS
        assert set(tx.scalars(select(Call.priority))) == {0, 1}
        assert tx.scalar(select(func.count()).select_from(Child)) > HOUSEHOLDS  # some are siblings
        assert set(tx.scalars(select(Batch.state))) == {"preparing"}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_same_seed_makes_the_same_people(village: Village, voice: EspeakSynthesiser, tmp_path: Path) -> None:
    texts = {
        write_people(tmp_path / name, village.families, voice, seed=seed).read_text()
        for name, seed in [("a", 1), ("b", 1), ("c", 2)]
    }
    assert len(texts) == 2
    load_population(tmp_path / "a" / "population.json")
    numbers = json.loads((tmp_path / "a" / "population.json").read_text())["numbers"]
    assert {family[0] for family in ((*one.msisdns,) for one in village.families)} <= numbers.keys()
    first_rings = Counter(rings[0]["kind"] for rings in numbers.values())
    assert first_rings["answer"] > len(numbers) / 3 > first_rings["busy"] > 0
