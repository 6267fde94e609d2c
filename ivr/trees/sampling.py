"""Made-up facts of a call, for trees that are timed, tried and checked without one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ivr.trees.model import LANGUAGES, Say, Tree
from ivr.trees.walk import everything_said, lines_of
from prompts.samples import sample_slots


def sample_facts(language: str, children: int = 1, *, answered: bool = False) -> dict[str, Any]:
    """Return what a call is told, with the sample values of the prompts: typical and a little long.

    With `answered` it is told what came of what parents said, too.
    """
    values = {name: slot.value for name, slot in sample_slots(language).items()}
    child = {
        "name": values["child"], "class_name": values["class"], "attendance": int(values["percent"]),
        "level": values["level"], "praise": values["praise"],
    }  # fmt: skip
    facts = {
        "language": language,
        "school": {"name": values["school"], "spoken": {}},
        "children": [{"id": number, **child} for number in range(1, children + 1)],
        "meeting": {"on": values["day"]},
    }
    if answered:
        facts["answer"] = {"texts": {each: sample_slots(each)["answer"].value for each in LANGUAGES}}
    return facts


def kinds_of_call(tree: Tree, language: str) -> dict[str, dict[str, Any]]:
    """Return the facts of each kind of call that the tree makes, by what the kind is called."""
    kinds = {"typical call": sample_facts(language)}
    if any(line.when == "answer" for node in tree.nodes.values() for line in lines_of(node)):
        kinds["with an answer"] = sample_facts(language, answered=True)
    return kinds


def sampled(tree: Tree) -> Iterator[Say]:
    """Yield whatever the tree could say to made-up families, in every language."""
    for language in LANGUAGES:
        for facts in kinds_of_call(tree, language).values():
            # Who changes the language in mid-call hears names in the other's voice: no clip of the catalogue's own.
            yield from (say for say in everything_said(tree, facts) if say.language == language)
