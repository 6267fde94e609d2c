"""The teacher's line: a PIN first, then a message for a class, its calls, and how they stand."""

from __future__ import annotations

from ivr.trees.engine import start
from tests.unit.trees.calls import heard, last, told, tree
from tests.unit.trees.families import (
    school_class,
    teacher,
)

TEACHER = teacher(school_class(1, can_start="yes"))


def test_a_teacher_gives_a_pin_before_anything_is_told() -> None:
    asked = start(tree("teacher"), TEACHER)
    assert heard(asked) == ["teacher.welcome", "teacher.pin", "[ask]"]
    assert asked.steps[-1].digits == 6  # type: ignore[union-attr]
    assert heard(last(tree("teacher"), TEACHER, "no")) == ["teacher.pin_wrong", "teacher.pin", "[ask]"]
    assert heard(last(tree("teacher"), TEACHER, "-")) == [
        "reprompt.no_input",
        "teacher.welcome",
        "teacher.pin",
        "[ask]",
    ]
    assert heard(last(tree("teacher"), TEACHER, "no no no")) == ["teacher.refused", "[hang up]"]
    assert heard(last(tree("teacher"), TEACHER, "pin")) == ["teacher.menu", "[menu]"]


def test_whoever_set_no_line_up_is_told_how_to() -> None:
    assert heard(start(tree("teacher"), teacher({}, ready=None))) == ["teacher.not_set_up", "[hang up]"]


def test_a_star_at_the_pin_leads_to_the_languages() -> None:
    assert heard(last(tree("teacher"), TEACHER, "* 3")) == ["teacher.welcome", "teacher.pin", "[ask]"]
    assert last(tree("teacher"), TEACHER, "* 3").state.language == "en"


def test_a_teacher_hears_the_message_before_a_class_does() -> None:
    back = last(tree("teacher"), TEACHER, "pin 1 r5")
    assert heard(back) == ["teacher.you_said", "@recording", "teacher.keep", "[menu]"]
    kept = last(tree("teacher"), TEACHER, "pin 1 r5 1")
    assert [event.values for event in kept.events if event.kind == "message_kept"] == [{"child": 1, "id": "try-2"}]


def test_a_message_that_was_kept_is_not_taken_back_by_the_next_one() -> None:
    again = told(tree("teacher"), TEACHER, "pin 1 r5 1 1 r4 2 r3 1 h")
    assert again.count("message_kept") == 2
    assert again.count("recording_discarded") == 1


def test_a_message_that_nobody_kept_is_not_used() -> None:
    assert "message_kept" not in told(tree("teacher"), TEACHER, "pin 1 r5 - -")
    assert "message_kept" not in told(tree("teacher"), TEACHER, "pin 1 r5 h")


def test_a_teacher_of_several_classes_chooses_one() -> None:
    several = teacher(school_class(7), school_class(8, class_name=None, place=2, can_start="yes"))
    assert heard(last(tree("teacher"), several, "pin")) == ["teacher.class", "teacher.choose", "[menu]"]
    assert heard(last(tree("teacher"), several, "pin 2")) == ["teacher.class_nth", "teacher.choose", "[menu]"]
    started = last(tree("teacher"), several, "pin 2 1 3 1")
    assert [event.values for event in started.events if event.kind == "batch_asked"] == [{"child": 8}]
    assert heard(last(tree("teacher"), several, "pin 1 3"))[0] == "teacher.cannot_start"


def test_a_teacher_hears_how_the_calls_stand() -> None:
    assert heard(last(tree("teacher"), TEACHER, "pin 2")) == ["teacher.figures", "teacher.menu", "[menu]"]
    idle = teacher(school_class(1, started=None))
    assert heard(last(tree("teacher"), idle, "pin 2"))[0] == "teacher.not_started"
