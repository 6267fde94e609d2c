from __future__ import annotations

from dataclasses import replace

from ivr.trees.model import LANGUAGES, Line, SayNode, Tree
from ivr.trees.walk import ALWAYS, everything_said, lines_of
from tests.unit.trees.calls import turns
from tests.unit.trees.families import NOTHING_TO_SAY, ONE_CHILD, SIBLINGS


def test_what_a_call_says_is_among_everything_that_may_be_said(ptm: Tree) -> None:
    prepared = list(everything_said(ptm, SIBLINGS))
    for script in ("1 1 r12 4 r9 2", "- 5 -", "* 3 1 2 -", "9 - -", "2", "1 1 - -"):
        for turn in turns(ptm, SIBLINGS, script):
            for step in turn.steps:
                for say in getattr(step, "says", [step] if hasattr(step, "prompt") else []):
                    assert say in prepared


def test_what_is_not_known_of_a_child_need_not_be_prepared(ptm: Tree) -> None:
    said = {say.prompt for say in everything_said(ptm, NOTHING_TO_SAY)}
    assert "inform.attendance" not in said
    assert "inform.attendance" in {say.prompt for say in everything_said(ptm, ONE_CHILD)}


def test_the_apology_and_the_reprompts_are_always_prepared_in_each_language(ptm: Tree) -> None:
    said = {(say.prompt, say.language) for say in everything_said(ptm, ONE_CHILD)}
    assert said >= {(prompt, language) for prompt in ALWAYS for language in LANGUAGES}


def test_a_line_in_one_language_is_prepared_in_that_alone(ptm: Tree) -> None:
    ptm = replace(ptm, nodes={"only": SayNode("only", (Line("x", language="hi"), Line("y", when="var.any")), next="a")})
    said = [(say.prompt, say.language) for say in everything_said(ptm, ONE_CHILD) if say.prompt in ("x", "y")]
    assert said == [("y", "pa"), ("x", "hi"), ("y", "hi"), ("y", "en")]
    assert lines_of(ptm.nodes["only"])[0].prompt == "x"


def test_what_stands_back_for_an_answer_is_prepared_in_case_it_is_taken_back(ptm: Tree) -> None:
    said = {say.prompt for say in everything_said(ptm, ONE_CHILD | {"answer": {"texts": {"pa": "ਪਾਣੀ ਲੱਗ ਗਿਆ"}}})}
    assert {"answer.told", "inform.level", "meet.day"} <= said
    assert "inform.level" not in {say.prompt for say in everything_said(ptm, NOTHING_TO_SAY)}
