"""A family that wants its teacher on the line, and what it hears of the teacher's own voice."""

from __future__ import annotations

import pytest

from ivr.trees.engine import advance
from ivr.trees.model import (
    HUNG_UP,
    NOT_AVAILABLE,
    Dial,
    Dialled,
    HungUp,
    Input,
    NoInput,
    Tree,
)
from tests.unit.trees.calls import heard, last, told, turns
from tests.unit.trees.families import (
    ONE_CHILD,
    VOICE,
    child,
    family,
)


def test_a_talk_with_the_teacher_ends_the_call_kindly(ptm: Tree) -> None:
    asked = last(ptm, ONE_CHILD, "1 2 1")
    assert heard(asked) == ["meet.connecting", "[dial]"]
    assert asked.steps[-1] == Dial(child=1, timeout_s=25, limit_s=150)
    assert heard(last(ptm, ONE_CHILD, "1 2 1 talk")) == ["goodbye.thanks", "[hang up]"]
    assert told(ptm, ONE_CHILD, "1 2 1 talk")[-2:] == ["dialled", "finished"]


@pytest.mark.parametrize(
    ("given", "reason"),
    [(Dialled("busy"), "no_answer"), (Dialled(NOT_AVAILABLE), NOT_AVAILABLE), (NoInput(), "no_answer")],
)
def test_a_teacher_who_cannot_be_reached_is_told_of_the_wish(ptm: Tree, given: Input, reason: str) -> None:
    turn = advance(ptm, ONE_CHILD, last(ptm, ONE_CHILD, "1 2 1").state, given)
    assert heard(turn) == ["meet.callback", "goodbye.thanks", "[hang up]"]
    assert [event.values for event in turn.events if event.kind == "callback_asked"] == [{"child": 1, "reason": reason}]


def test_who_hangs_up_while_the_teacher_is_rung_wants_to_be_called(ptm: Tree) -> None:
    ringing = last(ptm, ONE_CHILD, "1 2 1")
    turn = advance(ptm, ONE_CHILD, ringing.state, HungUp())
    assert [event.kind for event in turn.events] == ["callback_asked", "finished"]
    assert turn.events[0].values == {"child": 1, "reason": HUNG_UP}
    assert "callback_asked" not in told(ptm, ONE_CHILD, "1 2 h")
    assert ringing.state.variables == {"dialling": "yes"}
    assert "dialling" not in last(ptm, ONE_CHILD, "1 2 1 talk").state.variables
    assert "dialling" not in last(ptm, ONE_CHILD, "1 2 1 nobody").state.variables


def test_only_a_teacher_who_takes_calls_now_is_offered(ptm: Tree) -> None:
    assert heard(last(ptm, ONE_CHILD, "1 2")) == ["meet.day", "meet.choose", "[menu]"]
    assert heard(last(ptm, family(child(1, teacher="yes")), "1 2")) == ["meet.day", "meet.choose_now", "[menu]"]


def test_the_teachers_own_voice_stands_in_the_place_of_the_praise(ptm: Tree) -> None:
    said = heard(turns(ptm, family(child(1, voice=VOICE)), "1")[1])
    assert said == ["inform.attendance", "appreciate.voice", "[continue]"]
