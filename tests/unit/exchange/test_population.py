from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from carrier.exchange.errors import BadPopulation
from carrier.exchange.population import load_population, parse_population
from tests.unit.exchange.sounds import write_tone

PARENT = "919812345678"


def test_the_last_behaviour_of_a_number_repeats(tmp_path: Path) -> None:
    population = parse_population({"numbers": {PARENT: [{"kind": "busy"}, {"kind": "answer"}]}}, "x", tmp_path)
    assert [population.behaviour(PARENT, ring).kind for ring in range(3)] == ["busy", "answer", "answer"]


def test_an_unknown_number_does_not_exist_unless_there_is_a_default(tmp_path: Path) -> None:
    assert parse_population({}, "x", tmp_path).behaviour(PARENT, 0).code == 3050
    assert parse_population({"default": {"kind": "answer"}}, "x", tmp_path).behaviour(PARENT, 0).kind == "answer"


def test_who_works_can_be_reached_in_the_evening_alone(tmp_path: Path) -> None:
    people = {"numbers": {PARENT: {"hours": ["16:00", "21:00"], "rings": [{"kind": "answer"}]}}}
    population = parse_population(people, "x", tmp_path)
    at = datetime(2026, 11, 25, 10, 29, tzinfo=UTC)
    assert population.behaviour(PARENT, 0, at).kind == "no_answer"
    assert population.behaviour(PARENT, 1, at + timedelta(minutes=1)).kind == "answer"


def test_calls_in_are_kept_in_the_order_of_their_times(tmp_path: Path) -> None:
    calls = [{"number": PARENT, "to": "918035731000", "after_s": after_s} for after_s in (60, 5)]
    assert [one.after_s for one in parse_population({"calls_in": calls}, "x", tmp_path).calls_in] == [5.0, 60.0]


def test_speech_lies_beside_the_population_file(tmp_path: Path) -> None:
    write_tone(tmp_path / "yes.wav")
    speeches = [{"wav": "yes.wav", "text": "हाँ"}, None]
    file = tmp_path / "population.json"
    file.write_text(json.dumps({"numbers": {PARENT: [{"kind": "answer", "speeches": speeches, "keys": ["1", None]}]}}))
    behaviour = load_population(file).behaviour(PARENT, 0)
    assert behaviour.keys == ("1", None)
    assert behaviour.speeches[0] is not None
    assert (behaviour.speeches[0].wav, behaviour.speeches[0].text) == (tmp_path / "yes.wav", "हाँ")


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        ({"kind": "sleeps"}, r"\[0\].kind"),
        ({"kind": "answer", "keys": ["a"]}, r"keys\[0\]"),
        ({"kind": "answer", "keys": "1"}, "must be a list"),
        ({"kind": "answer", "ring_s": -1}, "ring_s"),
        ({"kind": "answer", "patience": 3}, "no such key"),
        ({"kind": "answer", "barge_in": "yes"}, "true or false"),
        ({"kind": "answer", "barge_in_s": 3}, "must be a list"),
        ({"kind": "answer", "barge_in_s": [None, "soon"]}, "write a number"),
        ({"kind": "answer", "speeches": [{"wav": "nothing.wav"}]}, "nothing.wav cannot be read"),
        ({"kind": "answer", "speeches": [{"wav": "fast.wav"}]}, "16000 Hz"),
        ({"kind": "answer", "speeches": ["fast.wav"]}, "an object with 'wav'"),
        ({"kind": "answer", "noise_dbfs": 3}, "noise_dbfs"),
    ],
)
def test_a_mistake_is_named_with_its_place(behaviour: dict[str, Any], reason: str, tmp_path: Path) -> None:
    write_tone(tmp_path / "fast.wav", rate_hz=16000)
    with pytest.raises(BadPopulation, match=reason):
        parse_population({"numbers": {PARENT: [behaviour]}}, "people.json", tmp_path)


@pytest.mark.parametrize(
    "content",
    [
        [],
        {"people": {}},
        {"numbers": []},
        {"numbers": {"+91 98": [{"kind": "busy"}]}},
        {"numbers": {PARENT: {"rings": []}}},
        {"numbers": {PARENT: {"hours": ["four", "nine"], "rings": [{"kind": "busy"}]}}},
        {"calls_in": [{"number": PARENT}]},
        {"calls_in": [{"number": "x", "to": PARENT, "after_s": 1}]},
    ],
)
def test_what_is_no_population_is_refused(content: Any, tmp_path: Path) -> None:
    with pytest.raises(BadPopulation, match=r"people\.json"):
        parse_population(content, "people.json", tmp_path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadPopulation, match="cannot be read"):
        load_population(tmp_path / "nobody.json")
