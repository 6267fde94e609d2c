"""What a call is told before it begins, and how it becomes the slots of prompts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, NotRequired, TypedDict, cast

from ivr.trees.model import LANGUAGES
from prompts import slots
from prompts.slots import Slot

LOW_ATTENDANCE_PERCENT = 75
"""Below this share of school days the call asks the family to send the child every day; the share that Indian school
boards ask for before an examination."""


class SchoolFacts(TypedDict):
    """`spoken` has the school's name as it is said, by language; `name` is used where a language is missing."""

    name: str
    spoken: NotRequired[Mapping[str, str]]


class ChildFacts(TypedDict):
    """What is said of one child. Attendance is in percent; level and praise are prompt ids (`praise.helps_others`)."""

    id: NotRequired[int | str]
    name: str
    class_name: NotRequired[str | None]
    attendance: NotRequired[int | None]
    level: NotRequired[str | None]
    praise: NotRequired[str | None]


class MeetingFacts(TypedDict):
    """`on` is the day of the meeting in India, as an ISO date."""

    on: str


class CallFacts(TypedDict):
    """Everything that one call is told: plain JSON, as `callqueue.briefing` writes it."""

    language: str
    school: SchoolFacts
    children: list[ChildFacts]
    meeting: MeetingFacts


Facts = Mapping[str, Any]
"""CallFacts as they come out of the database."""


def facts_problems(facts: Facts) -> list[str]:
    """Return what is wrong with facts, each with the key and how to mend it; nothing when a call can be made."""
    checks: tuple[tuple[str, Callable[[Any], bool], str], ...] = (
        ("language", lambda it: it in LANGUAGES, f"must be one of {', '.join(LANGUAGES)}"),
        ("school.name", _is_words, "must be the school's name"),
        ("meeting.on", _is_day, "must be a day such as 2026-11-28"),
        ("children", lambda it: isinstance(it, list) and bool(it), "must be a list with at least one child"),
    )
    found = [f"{path}: {mend}" for path, is_right, mend in checks if not is_right(_at(facts, path))]
    children = facts.get("children")
    for at, child in enumerate(children if isinstance(children, list) else ()):
        found += [f"children[{at}].{problem}" for problem in _child_problems(child)]
    return found


def slots_for(facts: Facts, child_index: int, language: str) -> dict[str, Slot]:
    """Return every slot that a prompt may ask for while the call speaks of one child."""
    child = facts["children"][child_index]
    school = facts["school"]
    filled = {
        "child": slots.name(child["name"]),
        "school": slots.place((school.get("spoken") or {}).get(language) or school["name"]),
        "day": slots.date(date.fromisoformat(facts["meeting"]["on"])),
    }
    if child.get("class_name"):
        filled["class"] = slots.class_name(child["class_name"])
    if child.get("attendance") is not None:
        filled["percent"] = slots.percent(child["attendance"])
    for kind in ("level", "praise"):
        if child.get(kind):
            filled[kind] = slots.prompt(child[kind])
    return filled


PERSONAL_SLOTS = frozenset({"percent", "level", "praise"})
"""What must not be said before somebody pressed the family key."""


def fact(facts: Facts, child_index: int, path: str, variables: Mapping[str, str]) -> str | None:
    """Return the fact that a tree names, as text, or None when it is not known.

    A bare name is a fact of the present child, or one of DERIVED; `var.x` was set by the tree; `school.name` and the
    like are looked up from the top.
    """
    if path in DERIVED:
        return "yes" if DERIVED[path](facts, child_index) else None
    if path.startswith("var."):
        return variables.get(path.removeprefix("var."))
    found = _at(facts, path) if "." in path else facts["children"][child_index].get(path)
    return None if found is None or found == "" else str(found)


def _is_low(facts: Facts, child_index: int) -> bool:
    attendance = facts["children"][child_index].get("attendance")
    return attendance is not None and attendance < LOW_ATTENDANCE_PERCENT


DERIVED: Mapping[str, Callable[[Facts, int], bool]] = {
    "siblings": lambda facts, _: len(facts["children"]) > 1,
    "later_child": lambda _, child_index: child_index > 0,
    "low_attendance": _is_low,
}
"""Facts that follow from others."""

CHILD_FACTS = frozenset(ChildFacts.__annotations__)


def _at(facts: Facts, path: str) -> Any:
    found: Any = facts
    for key in path.split("."):
        found = found.get(key) if isinstance(found, Mapping) else None
    return found


def _child_problems(child: Any) -> list[str]:
    if not isinstance(child, Mapping):
        return ["must be a table with a name"]
    known = cast(ChildFacts, child)
    found = [] if _is_words(known.get("name")) else ["name: must be the child's name"]
    attendance = known.get("attendance")
    if attendance is not None and not (type(attendance) is int and 0 <= attendance <= 100):
        found.append("attendance: must be a whole number from 0 to 100, or missing")
    for kind in ("level", "praise"):
        prompt = child.get(kind)
        if prompt and not (isinstance(prompt, str) and prompt.startswith(f"{kind}.")):
            found.append(f"{kind}: must be the id of a prompt such as {kind}.…, or missing")
    return found


def _is_words(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_day(value: Any) -> bool:
    try:
        return bool(date.fromisoformat(value))
    except (TypeError, ValueError):
        return False
