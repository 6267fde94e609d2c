"""Made-up facts of a call, for trees that are timed, tried and checked without one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ivr.trees.facts import COUNTS
from ivr.trees.model import LANGUAGES, Say, Tree
from ivr.trees.walk import everything_said, lines_of
from prompts.samples import sample_slots

# Said in as many words as the sample's other percentage, and below `ivr.trees.facts.LOW_ATTENDANCE_PERCENT`.
SELDOM_PERCENT = 67


def sample_facts(
    language: str, children: int = 1, *, answered: bool = False, voiced: bool = False, seldom: bool = False,
    line: str = "outgoing",
) -> dict[str, Any]:  # fmt: skip
    """Return what a call of a line is told, with the sample values of the prompts: typical and a little long.

    With `answered` it is told what came of what parents said, with `voiced` it plays the teacher's own words; with
    `seldom` the child came to school too seldom.
    """
    values = {name: slot.value for name, slot in sample_slots(language).items()}
    facts: dict[str, Any] = {"language": language, "school": {"name": values["school"], "spoken": {}}}
    if line != "outgoing":
        facts["caller"] = {"waiting": "yes", "ready": "yes"}
    if line == "unknown":
        return facts | {"school": {}, "children": [{}]}
    one = _one_of(line, values, language)
    facts["children"] = [{"id": number, **one} for number in range(1, children + 1)]
    facts["meeting"] = {"on": values["day"]}
    if voiced:
        facts["children"][0]["voice"] = values["voice"]
    if seldom:
        facts["children"][0]["attendance"] = SELDOM_PERCENT
    if answered:
        facts["answer"] = {"texts": {each: sample_slots(each)["answer"].value for each in LANGUAGES}}
    return facts


def _one_of(line: str, values: Mapping[str, str], language: str) -> dict[str, Any]:
    """Return what stands in a child's place on a line."""
    if line == "teacher":
        return _class(values)
    if line == "prompts":
        return {"words": values["words"], f"in_{language}": "yes"}
    return {"name": values["child"]} if line == "speaking" else _child(values)


def _child(values: Mapping[str, str]) -> dict[str, Any]:
    return {
        "name": values["child"], "class_name": values["class"], "attendance": int(values["percent"]),
        "level": values["level"], "praise": values["praise"], "teacher": "yes",
    }  # fmt: skip


def _class(values: Mapping[str, str]) -> dict[str, Any]:
    counts = {name: int(values[name]) for name in COUNTS}
    return {"class_name": values["class"], **counts, "can_record": "yes", "can_start": "yes", "started": "yes"}


def kinds_of_call(tree: Tree, language: str) -> dict[str, dict[str, Any]]:
    """Return the facts of each kind of call that the tree makes, by what the kind is called."""
    asked = {line.when for node in tree.nodes.values() for line in lines_of(node)}
    told = {"with an answer": {"answered": True}, "with the teacher's voice": {"voiced": True}}
    told |= {"with both": {"answered": True, "voiced": True}, "of a child who comes seldom": {"seldom": True}}
    told["with all three"] = {"answered": True, "voiced": True, "seldom": True}
    kinds = {"typical call": sample_facts(language, line=tree.line)}
    for kind, how in told.items():
        if all(_FACT[name] in asked for name in how):
            kinds[kind] = sample_facts(language, line=tree.line, **how)
    return kinds


_FACT = {"answered": "answer", "voiced": "voice", "seldom": "ask_every_day"}


def sampled(tree: Tree) -> Iterator[Say]:
    """Yield whatever the tree could say to made-up families, in every language."""
    for language in LANGUAGES:
        for facts in kinds_of_call(tree, language).values():
            # Who changes the language in mid-call hears names in the other's voice: no clip of the catalogue's own.
            yield from (say for say in everything_said(tree, facts) if say.language == language)
