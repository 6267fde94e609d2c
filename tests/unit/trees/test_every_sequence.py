"""Every key sequence to a depth of six, and random ones to any depth: each call ends properly."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from ivr.trees.load import load_tree
from ivr.trees.model import LANGUAGES, Digits, HungUp, Input, NoInput, Tree, Turn
from prompts.catalogues import Catalogue
from tests.unit.trees.conftest import TREES
from tests.unit.trees.families import told_to
from tests.unit.trees.promises import TURNS_OF_SILENCE, Caller, Standing, everything_done

DEPTH = 6


# Calls that hold no question, or are over at once.
SHORT = ("not set up", "nothing waits", "one number", "two numbers")
SIDES = [(path, who) for path in TREES for who in told_to(load_tree(path))]


@pytest.mark.parametrize(("path", "who"), SIDES, ids=[f"{path.stem}, {who}" for path, who in SIDES])
def test_every_sequence_of_six_ends_properly(path: Path, who: str, language: str, catalogue: Catalogue) -> None:
    """The engine is a function of its state, so sequences that meet in a state are the same call from there on."""
    each_tree = load_tree(path)
    facts = told_to(each_tree)[who]
    caller = Caller(each_tree, facts | {"language": language}, catalogue)
    first = caller.begin()
    level = {first[0].key: first}
    seen = dict(level)
    for _ in range(DEPTH):
        level = _next_level(caller, level)
        level = {key: reached for key, reached in level.items() if key not in seen}
        seen |= level
    assert len(seen) > 100 or who in SHORT
    ending: set[str] = set()
    for standing, _turn in seen.values():
        _ends_by_silence(caller, standing, ending)
        assert caller.go_on(standing, HungUp())[0].state.over


def _next_level(caller: Caller, level: dict[str, tuple[Standing, Turn]]) -> dict[str, tuple[Standing, Turn]]:
    reached = {}
    for standing, turn in level.values():
        for given in everything_done(turn):
            following = caller.go_on(standing, given)
            reached[following[0].key] = following
    return reached


def _ends_by_silence(caller: Caller, standing: Standing, ending: set[str]) -> None:
    """Stay silent until the call is over, or meets one that is known to end."""
    trail = []
    for _ in range(TURNS_OF_SILENCE):
        if standing.state.over or standing.key in ending:
            ending |= set(trail)
            return
        trail.append(standing.key)
        standing, _turn = caller.go_on(standing, NoInput())
    raise AssertionError(f"still on the line: {standing.state}")


def _random_calls(tree: Tree, language: str, catalogue: Catalogue, how_many: int) -> None:
    """Make this language's share of so many calls."""
    sides = told_to(tree).values()
    for facts in sides:
        caller = Caller(tree, facts | {"language": language}, catalogue)
        for seed in range(how_many // len(sides) // len(LANGUAGES) + 1):
            _one_random_call(caller, random.Random(f"{language} {seed}"))


def _one_random_call(caller: Caller, dice: random.Random) -> None:
    standing, turn = caller.begin()
    done: list[Input] = []
    while not standing.state.over:
        choices = everything_done(turn)
        # Somebody who stays on the line longer gets further: hanging up is one choice among many, not each call's end.
        given = dice.choice(choices) if dice.random() < 0.7 else choices[0]
        if isinstance(given, HungUp) and dice.random() < 0.8:
            given = NoInput()
        done.append(given)
        standing, turn = caller.go_on(standing, given)
        assert len(done) <= 70, done


def test_three_thousand_random_calls_end_properly(each_tree: Tree, language: str, catalogue: Catalogue) -> None:
    _random_calls(each_tree, language, catalogue, 3_000)


@pytest.mark.long
def test_a_hundred_thousand_random_calls_end_properly(each_tree: Tree, language: str, catalogue: Catalogue) -> None:
    _random_calls(each_tree, language, catalogue, 100_000)


def test_somebody_who_presses_star_for_ever_comes_to_an_end(each_tree: Tree, catalogue: Catalogue) -> None:
    caller = Caller(each_tree, next(iter(told_to(each_tree).values())), catalogue)
    standing, _turn = caller.begin()
    for at in range(200):
        if standing.state.over:
            return
        standing, _turn = caller.go_on(standing, Digits("*1"[at % 2]))
    raise AssertionError("star goes on for ever")
