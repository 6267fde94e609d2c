from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner

from carrier.exchange.command import command
from carrier.exchange.errors import BadSettings
from carrier.exchange.peopling import Habits, Household, Utterance, people
from carrier.exchange.population import load_population, parse_population
from tests.unit.exchange.sounds import write_tone

HOMES = [Household(str(919800000000 + index), "pa" if index % 2 else "hi") for index in range(2000)]
SPEECH = [Utterance("pa.wav", "ਧੰਨਵਾਦ", "pa"), Utterance("hi.wav", "धन्यवाद", "hi")]


def test_the_same_seed_makes_the_same_people_whoever_else_is_there() -> None:
    everybody, some = people(HOMES, SPEECH, seed=7), people(HOMES[::3], SPEECH, seed=7)
    assert all(everybody["numbers"][number] == script for number, script in some["numbers"].items())
    assert people(HOMES, SPEECH, seed=8) != everybody


def test_habits_are_kept_to() -> None:
    made = people(HOMES, SPEECH, seed=1, habits=Habits(no_answer=0.5, busy=0.25, switched_off=0, rejected=0))
    kinds = Counter(script[0]["kind"] for script in made["numbers"].values())
    assert 900 < kinds["no_answer"] < 1100
    assert 400 < kinds["busy"] < 600
    assert not kinds["switched_off"]


def test_noise_and_work_change_nothing_else_about_anybody() -> None:
    quiet, loud = people(HOMES, SPEECH, seed=1), people(HOMES, SPEECH, seed=1, habits=Habits(noisy=0.5, works=0.2))
    changed = 0
    for number, script in loud["numbers"].items():
        rings = script["rings"] if isinstance(script, dict) else script
        changed += isinstance(script, dict)
        bare = [{key: value for key, value in one.items() if key != "noise_dbfs"} for one in rings]
        assert bare == quiet["numbers"][number]
    assert 300 < changed < 500


def test_parents_speak_their_own_language() -> None:
    made = people(HOMES, SPEECH, seed=1, habits=Habits(speaks=1))
    for home in HOMES:
        for behaviour in made["numbers"][home.number]:
            for speech in behaviour.get("speeches", []):
                assert speech["wav"] == f"{home.language}.wav"


def test_people_made_up_are_a_population(tmp_path: Path) -> None:
    for name in ("pa.wav", "hi.wav"):
        write_tone(tmp_path / name)
    population = parse_population(people(HOMES, SPEECH, seed=1), "made", tmp_path)
    assert population.behaviour(HOMES[0].number, 9).kind in ("answer", "rejected", "invalid")


def test_the_command_writes_a_file_that_can_be_loaded(tmp_path: Path) -> None:
    (tmp_path / "homes.csv").write_text("919812345678,pa\n919812345679,hi\n")
    write_tone(tmp_path / "pa.wav")
    (tmp_path / "speech.json").write_text(json.dumps([{"wav": "pa.wav", "text": "ਧੰਨਵਾਦ", "language": "pa"}]))
    target = tmp_path / "out" / "population.json"
    target.parent.mkdir()
    options = ["--speech", str(tmp_path / "speech.json"), "--habit", "speaks=1", "--habit", "no_answer=0"]
    told = CliRunner().invoke(command, ["people", str(tmp_path / "homes.csv"), str(target), *options])
    assert told.exit_code == 0, told.output
    assert load_population(target).behaviour("919812345678", 5).kind == "answer"


@pytest.mark.parametrize(("name", "value"), [("sleeps", "1"), ("busy", "2"), ("busy", "often")])
def test_a_habit_that_cannot_be_is_named(name: str, value: str) -> None:
    with pytest.raises(BadSettings, match=f"--habit {name}"):
        Habits().changed({name: value})
