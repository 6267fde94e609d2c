"""What a call could say: every prompt of every node, for every child, in every language."""

from __future__ import annotations

from collections.abc import Iterator

from ivr.trees.engine import NO_INPUT, NO_MATCH
from ivr.trees.facts import Facts, is_known, slots_for
from ivr.trees.model import LANGUAGES, Say, Tree

# Said by us and not by a node.
ALWAYS = (NO_INPUT, NO_MATCH, "apology")


def everything_said(tree: Tree, facts: Facts) -> Iterator[Say]:
    """Yield what a family may hear whatever it does; star changes the language anywhere, so all three are needed."""
    for language in LANGUAGES:
        for child in range(len(facts["children"])):
            slots = slots_for(facts, child, language)
            for node in tree.nodes.values():
                for line in node.says:
                    if not line.when or is_known(facts, child, line.when):
                        yield Say(line.prompt, language, slots)
            for prompt in ALWAYS:
                yield Say(prompt, language, slots)
