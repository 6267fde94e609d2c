"""What a call is told before it begins, and how it becomes the slots of prompts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from prompts import slots
from prompts.slots import Slot

Facts = Mapping[str, Any]
"""{"language", "school": {"name", "spoken": {language: name}}, "children": [{"name", "class_name", "attendance",
"level", "praise"}], "meeting": {"on": ISO date}}: plain JSON, as `callqueue.briefing` writes it."""


def slots_for(facts: Facts, child_index: int, language: str) -> dict[str, Slot]:
    """Return every slot that a prompt may ask for while the call speaks of one child."""
    child = facts["children"][child_index]
    school = facts["school"]
    filled = {
        "child": slots.name(child["name"]),
        "school": slots.place(school["spoken"].get(language) or school["name"]),
        "class": slots.class_name(child["class_name"]),
        "day": slots.date(date.fromisoformat(facts["meeting"]["on"])),
    }
    if child.get("attendance") is not None:
        filled["percent"] = slots.percent(child["attendance"])
    for kind in ("level", "praise"):
        if child.get(kind):
            filled[kind] = slots.prompt(child[kind])
    return filled


def is_known(facts: Facts, child_index: int, fact: str) -> bool:
    """Say whether a fact of the present child was given; siblings is known when there is more than one child."""
    if fact == "siblings":
        return len(facts["children"]) > 1
    return facts["children"][child_index].get(fact) is not None
