"""What a call could say: every prompt of every node, for every child, in every language."""

from __future__ import annotations

from collections.abc import Iterator

from ivr.trees.engine import NO_INPUT, NO_MATCH
from ivr.trees.facts import Facts, fact, slots_for
from ivr.trees.model import HEAR_BACK, LANGUAGES, AnyNode, AskNode, Line, MenuNode, RecordNode, Say, Tree

# A teacher may begin or cease to take calls between the preparation of a call and the call.
MAY_BECOME = frozenset({"teacher", "teacher_away"})
# What stands back for an answer or a teacher's own words is prepared all the same: those may be taken back any time.
STANDS_BACK = {
    "spare_time": None, "spare_level": "level", "praise_alone": "praise", "ask_every_day": "low_attendance",
}  # fmt: skip
# Said by us and not by a node.
ALWAYS = (NO_INPUT, NO_MATCH, "apology")


def lines_of(node: AnyNode) -> tuple[Line, ...]:
    """Return everything that a node has to say, re-prompts included."""
    lines = (*node.says, *(node.again if isinstance(node, MenuNode | RecordNode | AskNode) else ()))
    return tuple(line for line in lines if line.prompt != HEAR_BACK)


def everything_said(tree: Tree, facts: Facts) -> Iterator[Say]:
    """Yield what a family may hear whatever it does; star changes the language anywhere, so all three are needed.

    A line that hangs on what the tree remembers in mid-call (`var.`), or on what may become true until the call is
    made, counts as said.
    """
    for language in LANGUAGES:
        for child in range(len(facts["children"])):
            slots = slots_for(facts, child, language)
            for node in tree.nodes.values():
                for line in lines_of(node):
                    if line.language in (None, language) and _may_be_said(line, facts, child, language):
                        yield Say(line.prompt, language, slots)
            for prompt in ALWAYS:
                yield Say(prompt, language, slots)


def _may_be_said(line: Line, facts: Facts, child: int, language: str) -> bool:
    when = STANDS_BACK.get(line.when or "", line.when)
    return (
        not when or when.startswith("var.") or when in MAY_BECOME or fact(facts, child, when, {}, language) is not None
    )
