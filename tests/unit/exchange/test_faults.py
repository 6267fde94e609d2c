from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from carrier.exchange.errors import BadSettings
from carrier.exchange.faults import KNOWN, Faults, load_faults, parse_fault


def struck(rule: dict[str, Any], requests: int = 6) -> list[bool]:
    faults = Faults([parse_fault({"on": "call", "do": "error", **rule}, "test")])
    return [faults.on_rest("call") is not None for _ in range(requests)]


def test_a_rule_strikes_every_request_it_matches() -> None:
    assert struck({}) == [True] * 6


def test_a_rule_may_strike_the_nth_request_or_the_first_few() -> None:
    assert struck({"nth": 3}) == [False, False, True, False, False, False]
    assert struck({"times": 2}) == [True, True, False, False, False, False]


def test_a_storm_comes_back() -> None:
    assert struck({"every": 4, "run": 2}, 9) == [False, False, True, True, False, False, True, True, False]


def test_chance_is_seeded() -> None:
    rule = {"probability": 0.5, "seed": 4}
    assert struck(rule, 50) == struck(rule, 50)
    assert 10 < sum(struck(rule, 50)) < 40


def test_a_rule_for_calls_leaves_other_requests_alone() -> None:
    faults = Faults([parse_fault({"on": "call", "do": "error"}, "test")])
    assert faults.on_rest("other") is None
    assert faults.on_webhook("ring") is None


def test_faults_are_loaded_by_name_and_by_file(tmp_path: Path) -> None:
    file = tmp_path / "faults.json"
    file.write_text(json.dumps([{"on": "any", "do": "throttle"}]))
    rules = load_faults(["duplicates", str(file)])
    assert [(rule.on, rule.do) for rule in rules] == [("webhook:any", "duplicate"), ("any", "throttle")]
    for name in KNOWN:
        assert load_faults([name])


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ({"on": "call"}, "at least"),
        ({"on": "calls", "do": "error"}, "choose one of"),
        ({"on": "call", "do": "duplicate"}, "it can be"),
        ({"on": "webhook:ring", "do": "error"}, "it can be"),
        ({"on": "call", "do": "error", "often": 1}, "no 'often'"),
        ({"on": "call", "do": "error", "nth": -1}, "nth"),
        ({"on": "call", "do": "error", "every": 0}, "every"),
        ({"on": "call", "do": "error", "probability": "x"}, "probability"),
    ],
)
def test_a_bad_rule_is_named_with_its_place(rule: dict[str, Any], reason: str, tmp_path: Path) -> None:
    file = tmp_path / "faults.json"
    file.write_text(json.dumps([rule]))
    with pytest.raises(BadSettings, match=rf"faults\.json\[0\].*{reason}"):
        load_faults([str(file)])


@pytest.mark.parametrize("content", ["{}", "not json"])
def test_a_file_that_holds_no_rules_is_named(content: str, tmp_path: Path) -> None:
    (tmp_path / "faults.json").write_text(content)
    with pytest.raises(BadSettings, match=r"faults\.json"):
        load_faults([str(tmp_path / "faults.json")])


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(BadSettings, match="duplicates"):
        load_faults(["gremlins"])
