"""A call written down as one line of text, told as the words a test reads."""

from __future__ import annotations

from ivr.trees.facts import Facts
from ivr.trees.load import INBOUND_TREES, load_tree
from ivr.trees.model import Ask, Continue, Dial, HangUp, Menu, Record, Replay, Say, Tree, Turn
from ivr.trees.script import parse_script, play


def tree(line: str) -> Tree:
    return load_tree(INBOUND_TREES[line])


def turns(tree: Tree, facts: Facts, script: str) -> list[Turn]:
    """Return every turn of a call; when the words are used up it stops there."""
    return [exchanged.turn for exchanged in play(tree, facts, parse_script(script), to_the_end=False)]


def last(tree: Tree, facts: Facts, script: str) -> Turn:
    return turns(tree, facts, script)[-1]


def heard(turn: Turn) -> list[str]:
    """Return the prompts of a turn in order, and in brackets what it waits for."""
    *says, wait = turn.steps
    nested = wait.says if isinstance(wait, Menu | Ask) else ()
    return [*(say.prompt for say in (*says, *nested) if isinstance(say, Say | Replay)), f"[{WAITS[type(wait)]}]"]


def told(tree: Tree, facts: Facts, script: str) -> list[str]:
    """Return the kinds of all events of a call, in order."""
    return [event.kind for turn in turns(tree, facts, script) for event in turn.events]


WAITS: dict[type, str] = {
    Menu: "menu",
    Record: "record",
    Ask: "ask",
    Dial: "dial",
    Continue: "continue",
    HangUp: "hang up",
}
