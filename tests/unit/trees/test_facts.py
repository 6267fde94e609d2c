from __future__ import annotations

from typing import Any

import pytest

from ivr.trees.facts import fact, facts_problems, slots_for
from prompts import slots
from prompts.slots import SlotKind
from tests.unit.trees.families import NOTHING_TO_SAY, ONE_CHILD, SIBLINGS, child, family


def test_the_slots_of_a_call_are_filled_from_its_facts() -> None:
    filled = slots_for(ONE_CHILD, 0, "pa")
    assert {name: slot.value for name, slot in filled.items()} == {
        "child": "Harmanpreet Kaur", "school": "GPS Rampur", "day": "2026-11-28", "class": "5A", "percent": "87",
        "level": "level.sentences", "praise": "praise.asks_questions",
    }  # fmt: skip
    assert filled["level"].kind is SlotKind.PROMPT


def test_the_school_is_named_as_it_is_said_in_each_language() -> None:
    assert slots_for(ONE_CHILD, 0, "hi")["school"].value == "सरकारी स्कूल रामपुर"
    assert slots_for(ONE_CHILD, 0, "en")["school"].value == "GPS Rampur"


def test_what_is_not_known_fills_no_slot() -> None:
    assert slots_for(NOTHING_TO_SAY, 0, "pa").keys() == {"child", "school", "day"}


def test_an_answer_is_told_in_the_languages_that_have_it_and_a_recording_goes_first() -> None:
    answer = {"texts": {"pa": "ਪਾਣੀ ਲੱਗ ਗਿਆ", "en": "there is water"}, "clips": {"en": "a" * 64 + ".wav"}}
    facts = ONE_CHILD | {"answer": answer}
    filled = [slots_for(facts, 0, language).get("answer") for language in ("pa", "hi", "en")]
    assert filled == [slots.text("ਪਾਣੀ ਲੱਗ ਗਿਆ"), None, slots.clip("a" * 64 + ".wav")]
    assert [fact(facts, 0, "answer", {}, language) for language in ("pa", "hi")] == ["yes", None]


def test_a_call_that_tells_an_answer_has_no_time_to_spare() -> None:
    facts = ONE_CHILD | {"answer": {"texts": {"pa": "ਪਾਣੀ ਲੱਗ ਗਿਆ"}}}
    spare = ("spare_time", "spare_level")
    assert [fact(facts, 0, path, {}) for path in spare] == [None, None]
    assert [fact(facts, 0, path, {}, "hi") for path in spare] == ["yes", "yes"]
    assert [fact(NOTHING_TO_SAY, 0, path, {}) for path in spare] == ["yes", None]


def test_nought_percent_is_known() -> None:
    assert slots_for(family(child(1, attendance=0)), 0, "pa")["percent"].value == "0"
    assert fact(family(child(1, attendance=0)), 0, "attendance", {}) == "0"


@pytest.mark.parametrize(
    ("path", "at", "known"),
    [
        ("attendance", 0, "87"),
        ("attendance", 1, "60"),
        ("praise", 2, None),
        ("siblings", 0, "yes"),
        ("later_child", 0, None),
        ("later_child", 1, "yes"),
        ("low_attendance", 0, None),
        ("low_attendance", 1, "yes"),
        ("school.name", 0, "GPS Rampur"),
        ("school.nothing.there", 0, None),
        ("var.path", 0, "quiet"),
        ("var.other", 0, None),
        ("unheard_of", 0, None),
    ],
)
def test_a_tree_asks_for_facts_by_name(path: str, at: int, known: str | None) -> None:
    assert fact(SIBLINGS, at, path, {"path": "quiet"}) == known


def test_good_facts_have_no_problem() -> None:
    assert facts_problems(SIBLINGS) == []


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"language": "ur"}, "language: must be one of pa, hi, en"),
        ({"school": {"name": " "}}, "school.name: must be the school's name"),
        ({"school": 3}, "school.name: must be the school's name"),
        ({"meeting": {"on": "soon"}}, "meeting.on: must be a day such as 2026-11-28"),
        ({"meeting": {"on": 3}}, "meeting.on: must be a day such as 2026-11-28"),
        ({"children": []}, "children: must be a list with at least one child"),
        ({"children": None}, "children: must be a list with at least one child"),
        ({"children": [3]}, "children[0].must be a table with a name"),
        ({"children": [child(1, name="")]}, "children[0].name: must be the child's name"),
        ({"children": [child(1, attendance=101)]}, "children[0].attendance: must be a whole number"),
        ({"children": [child(1), child(2, level="words")]}, "children[1].level: must be the id of a prompt"),
        ({"answer": {"texts": {"ur": "پانی"}}}, "answer.texts: must be a table with a text for each"),
        ({"answer": {"texts": {}, "clips": {"pa": ""}}}, "answer.clips: must be a table with a text for each"),
    ],
)
def test_what_is_wrong_with_facts_is_said_with_its_place(wrong: dict[str, Any], problem: str) -> None:
    (found,) = facts_problems(ONE_CHILD | wrong)
    assert found.startswith(problem)
