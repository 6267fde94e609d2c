from __future__ import annotations

import pytest

from ivr.trees.load import parse_tree
from ivr.trees.model import Say, Tree
from ivr.trees.script import parse_script
from ivr.trees.timing import REACTION_S, TURN_S, longest_s, script_s, silent_s, typical_s
from tests.unit.trees.families import ONE_CHILD, SIBLINGS
from tests.unit.trees.test_load import SMALL


def two_seconds(_say: Say) -> float:
    return 2.0


def test_a_key_takes_the_prompts_up_to_it_and_the_time_to_press(ptm: Tree) -> None:
    small = parse_tree(SMALL)
    # ask, press, then told and bye in one turn
    assert script_s(small, ONE_CHILD, parse_script("1"), two_seconds) == pytest.approx(2 + REACTION_S + TURN_S + 4)
    # The first of the greeting's two prompts is heard, then a key; hanging up ends it.
    assert script_s(ptm, ONE_CHILD, parse_script("1/1 h"), two_seconds) == pytest.approx(
        2 + REACTION_S + TURN_S + (3 * 2 + TURN_S) + (2 + 4 + TURN_S)
    )


def test_silence_takes_the_prompts_and_the_menus_patience() -> None:
    assert silent_s(parse_tree(SMALL), ONE_CHILD, two_seconds) == pytest.approx(
        (2 + 5 + TURN_S) + 3 * (4 + 5 + TURN_S) + 2
    )


def test_speech_takes_the_beep_itself_and_the_silence_behind_it(ptm: Tree) -> None:
    def of(script: str) -> float:
        return script_s(ptm, ONE_CHILD, parse_script(script), two_seconds)

    assert of("1 1 r12 h") - of("1 1 r2 h") == pytest.approx(10)
    assert of("1 1 r200 h") == pytest.approx(of("1 1 r45 h"))


def test_the_typical_call_is_the_one_the_tree_names(ptm: Tree) -> None:
    assert typical_s(ptm, ONE_CHILD, two_seconds) == script_s(ptm, ONE_CHILD, parse_script(ptm.typical), two_seconds)


def test_the_longest_call_is_the_slowest_that_goes_forward(ptm: Tree) -> None:
    longest = longest_s(ptm, ONE_CHILD, two_seconds)
    for script in ("- - 1 - - - 1 r45 4 r45 2", "1 1 - r45 -", "- - -", ptm.typical):
        if script.count("r") < 2:
            assert script_s(ptm, ONE_CHILD, parse_script(script), two_seconds) <= longest
    assert longest_s(ptm, SIBLINGS, two_seconds) > longest


def test_going_round_in_circles_is_not_added_up_for_ever() -> None:
    circling = parse_tree(SMALL.replace('default = "bye"', 'default = "ask"'))
    assert longest_s(circling, ONE_CHILD, two_seconds) < 60
