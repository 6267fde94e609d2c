"""One call through the engine: what is said, what silence and wrong keys lead to, and how it ends."""

from __future__ import annotations

from typing import Any

import pytest

from ivr.trees.engine import advance, start
from ivr.trees.load import parse_tree
from ivr.trees.model import (
    Digits,
    HungUp,
    NoInput,
    Recorded,
    Say,
    Tree,
)
from tests.unit.trees.calls import heard, last, told, turns
from tests.unit.trees.families import (
    ONE_CHILD,
    SIBLINGS,
    VOICE,
    child,
    family,
)

SPEECH = Recorded("r-1", "https://carrier.example/r-1.wav", 12_000)


def test_the_first_thing_heard_is_who_calls_and_how_to_be_left_alone(ptm: Tree) -> None:
    turn = start(ptm, ONE_CHILD)
    assert heard(turn) == ["greeting.family", "greeting.keys", "[menu]"]
    assert turn.state.reach == "answered"
    assert turn.events == ()


def test_the_whole_call_is_told_in_order(ptm: Tree) -> None:
    assert told(ptm, ONE_CHILD, "1 1 r12 2") == [
        "family_confirmed", "heard", "responded", "consent_given", "recording_made", "responded", "slot_chosen",
        "recording_kept", "finished",
    ]  # fmt: skip


def test_what_is_said_of_a_child_counts_as_heard_only_when_it_was_played_to_its_end(ptm: Tree) -> None:
    *_, confirmed = turns(ptm, ONE_CHILD, "1")[:2]
    assert heard(confirmed) == ["inform.attendance", "inform.level", "appreciate.praise", "[continue]"]
    assert confirmed.state.reach == "answered"
    behind = advance(ptm, ONE_CHILD, confirmed.state, NoInput())
    assert behind.state.reach == "heard"
    assert [event.values for event in behind.events if event.kind == "heard"] == [{"child": 1}]


def test_what_is_not_known_of_a_child_is_not_said(ptm: Tree) -> None:
    quiet = family(child(1, attendance=None, praise=None))
    assert heard(turns(ptm, quiet, "1")[1]) == ["inform.level", "[continue]"]


def test_a_low_attendance_brings_the_request_to_come_every_day(ptm: Tree) -> None:
    seldom = heard(turns(ptm, family(child(1, attendance=74)), "1")[1])
    assert ("inform.every_day" in seldom, "inform.level" in seldom) == (True, False), "a paid minute holds one of them"
    with_voice = heard(turns(ptm, family(child(1, attendance=74, voice=VOICE)), "1")[1])
    assert "inform.every_day" not in with_voice
    assert "inform.every_day" not in heard(turns(ptm, family(child(1, attendance=75)), "1")[1])


def test_siblings_are_spoken_of_one_after_the_other(ptm: Tree) -> None:
    call = turns(ptm, SIBLINGS, "1")
    names = [say.slots["child"].value for turn in call for say in turn.steps if isinstance(say, Say)]
    assert list(dict.fromkeys(names)) == ["Harmanpreet Kaur", "ਗੁਰਨੂਰ ਸਿੰਘ"]
    assert [event.values["child"] for turn in call for event in turn.events if event.kind == "heard"] == [1, 2, 3]
    assert heard(call[2])[0] == "child.next"


def test_behind_the_last_sibling_the_call_speaks_of_the_first_again(ptm: Tree) -> None:
    assert last(ptm, SIBLINGS, "1").state.child == 0


def test_an_unknown_language_falls_back_to_punjabi(ptm: Tree) -> None:
    assert start(ptm, ONE_CHILD | {"language": "ur"}).state.language == "pa"


# ---- silence and wrong keys ----


def test_silence_is_answered_with_a_reprompt_that_says_so(ptm: Tree) -> None:
    assert heard(last(ptm, ONE_CHILD, "-")) == ["reprompt.no_input", "greeting.again", "[menu]"]


def test_a_wrong_key_is_answered_with_a_reprompt_that_says_so(ptm: Tree) -> None:
    assert heard(last(ptm, ONE_CHILD, "5")) == ["reprompt.no_match", "greeting.again", "[menu]"]


def test_a_menu_without_short_words_says_all_of_them_again(ptm: Tree) -> None:
    assert heard(last(ptm, ONE_CHILD, "1 5")) == ["reprompt.no_match", "listen.consent", "[menu]"]


def test_after_the_last_reprompt_the_call_goes_on(ptm: Tree) -> None:
    assert heard(last(ptm, ONE_CHILD, "1 - 5 -")) == ["reprompt.no_input", "listen.consent", "[menu]"]
    assert heard(last(ptm, ONE_CHILD, "1 - 5 - 7")) == ["meet.day", "meet.choose", "[menu]"]


def test_who_never_presses_the_family_key_hears_nothing_personal_and_when_the_meeting_is(ptm: Tree) -> None:
    ended = last(ptm, ONE_CHILD, "- - -")
    assert heard(ended) == ["meet.invitation", "goodbye.thanks", "[hang up]"]
    assert ended.events[-1].values == {"way": "not_confirmed", "reach": "answered"}


def test_a_wrong_number_is_told(ptm: Tree) -> None:
    assert told(ptm, ONE_CHILD, "2") == ["wrong_number", "finished"]


# ---- hanging up and coming late ----


@pytest.mark.parametrize("script", ["", "1", "1 1", "1 1 r12", "1 2", "*"])
def test_hanging_up_ends_the_call_wherever_it_stands(ptm: Tree, script: str) -> None:
    ended = last(ptm, ONE_CHILD, f"{script} h")
    assert ended.state.over
    assert ended.events[-1].values["way"] == "hung_up"
    assert heard(ended) == ["[hang up]"]


def test_a_call_that_is_over_stays_over(ptm: Tree) -> None:
    over = last(ptm, ONE_CHILD, "2")
    assert advance(ptm, ONE_CHILD, over.state, Digits("1")).state == over.state
    assert advance(ptm, ONE_CHILD, over.state, HungUp()).events == ()


def test_a_recording_that_comes_after_the_end_is_kept(ptm: Tree) -> None:
    over = last(ptm, ONE_CHILD, "1 1 h")
    late = advance(ptm, ONE_CHILD, over.state, SPEECH)
    assert [event.kind for event in late.events] == ["recording_made", "recording_kept"]
    assert late.state.reach == "recorded"
    assert advance(ptm, ONE_CHILD, over.state, Recorded("click", "u", 50)).state.reach == "responded"


def test_the_same_input_gives_the_same_turn(ptm: Tree) -> None:
    state = last(ptm, SIBLINGS, "1 1").state
    assert advance(ptm, SIBLINGS, state, SPEECH) == advance(ptm, SIBLINGS, state, SPEECH)


# ---- kinds of node that the meeting's call does not use ----

BRANCHING = """
name = "branching"
start = "look"
opt_out = "stop"
goodbye = "bye"

[nodes.look]
kind = "branch"
on = "level"
ways = { "level.words" = "praise" }
default = "remember"

[nodes.remember]
kind = "set"
variables = { path = "quiet" }
next = "second"

[nodes.second]
kind = "branch"
on = "var.path"
ways = { quiet = "bye" }
default = "praise"

[nodes.praise]
kind = "say"
says = ["appreciate.praise", { prompt = "meet.day", when = "var.path" }, { prompt = "listen.speak", when = "siblings" }]
reach = "heard"
next = "@back"

[nodes.stop]
kind = "menu"
says = ["opt_out.confirm"]
keys = { 9 = "bye" }
default = "bye"

[nodes.bye]
kind = "end"
says = [{ prompt = "goodbye.thanks", when = "school.name" }]
"""


def _branching(facts: dict[str, Any]) -> list[str]:
    return heard(start(parse_tree(BRANCHING), facts))


def test_a_branch_follows_what_is_known() -> None:
    # A way back that nobody left for anything ends the call politely.
    assert _branching(family(child(1, level="level.words"))) == ["appreciate.praise", "goodbye.thanks", "[hang up]"]


def test_a_branch_on_what_the_tree_remembered() -> None:
    assert _branching(ONE_CHILD) == ["goodbye.thanks", "[hang up]"]


def test_a_tree_without_a_language_menu_has_no_star(ptm: Tree) -> None:
    tree = parse_tree(BRANCHING.replace('start = "look"', 'start = "stop"'))
    assert heard(advance(tree, ONE_CHILD, start(tree, ONE_CHILD).state, Digits("*")))[0] == "reprompt.no_match"


def test_a_tree_may_say_itself_when_a_recording_is_kept(ptm: Tree) -> None:
    keeper = '[nodes.morning]\nkind = "say"\nemits = "recording_kept"\nnext = "evening"\n\n[nodes.never]'
    tree = parse_tree(ptm.definition.replace("[nodes.morning]", keeper))
    assert told(tree, ONE_CHILD, "1 1 r12 2")[-3:] == ["recording_kept", "slot_chosen", "finished"]
