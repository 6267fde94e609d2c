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
    """What is said of one child. Attendance is in percent; level and praise are prompt ids (`praise.helps_others`).

    `voice` is the clip with the teacher's own words for the class, `teacher` says that the teacher takes calls now.
    """

    id: NotRequired[int | str]
    name: str
    class_name: NotRequired[str | None]
    attendance: NotRequired[int | None]
    level: NotRequired[str | None]
    praise: NotRequired[str | None]
    voice: NotRequired[str | None]
    teacher: NotRequired[str | None]


class ClassFacts(TypedDict):
    """What a teacher is told of one class, in the place of a child. Without a name that can be said there is `place`.

    `can_record`: there is a round to record for; `started`: its calls were asked for; `can_start`: they can be.
    """

    id: int
    class_name: NotRequired[str | None]
    place: NotRequired[int | None]
    families: int
    heard: int
    recorded: int
    left: int
    can_record: NotRequired[str | None]
    can_start: NotRequired[str | None]
    started: NotRequired[str | None]


class PromptFacts(TypedDict):
    """What is to be said by phone, in the place of a child: words, and the one of in_pa, in_hi, in_en that is so."""

    id: int
    words: str
    in_pa: NotRequired[str | None]
    in_hi: NotRequired[str | None]
    in_en: NotRequired[str | None]


class NumberFacts(TypedDict):
    """One of the numbers of a family that a teacher is put through to, in the place of a child, whose name it has."""

    id: int
    name: str


class CallerFacts(TypedDict):
    """What is known of whoever calls us.

    `waiting`: there is a message for this family, or a prompt to say; `opted_out`: it wanted no more calls; `ready`:
    somebody with a PIN.
    """

    waiting: NotRequired[str | None]
    opted_out: NotRequired[str | None]
    ready: NotRequired[str | None]


class MeetingFacts(TypedDict):
    """`on` is the day of the meeting in India, as an ISO date."""

    on: str


class AnswerFacts(TypedDict):
    """What came of what parents said: by language the words to speak, or the name of a clip that somebody recorded."""

    texts: Mapping[str, str]
    clips: NotRequired[Mapping[str, str]]


class CallFacts(TypedDict):
    """Everything that one call is told: plain JSON, as `callqueue.briefing` writes it.

    A call that comes in knows its `caller`, and may know neither a name nor a round.
    """

    language: str
    school: SchoolFacts
    children: list[ChildFacts] | list[ClassFacts] | list[PromptFacts] | list[NumberFacts]
    meeting: NotRequired[MeetingFacts]
    answer: NotRequired[AnswerFacts]
    caller: NotRequired[CallerFacts]


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
    return found + _answer_problems(facts.get("answer"))


def slots_for(facts: Facts, child_index: int, language: str) -> dict[str, Slot]:
    """Return every slot that a prompt may ask for while the call speaks of one child."""
    child = facts["children"][child_index]
    school = facts["school"]
    filled = {
        "child": slots.name(child.get("name", "")),
        "school": slots.place((school.get("spoken") or {}).get(language) or school.get("name", "")),
    }
    if "meeting" in facts:
        filled["day"] = slots.date(date.fromisoformat(facts["meeting"]["on"]))
    if child.get("class_name"):
        filled["class"] = slots.class_name(child["class_name"])
    if child.get("attendance") is not None:
        filled["percent"] = slots.percent(child["attendance"])
    for kind in ("level", "praise"):
        if child.get(kind):
            filled[kind] = slots.prompt(child[kind])
    if voice := child.get("voice"):
        filled["voice"] = slots.clip(voice) if voice.endswith(".wav") else slots.text(voice)
    if answer := _answer(facts, language):
        filled["answer"] = answer
    if words := child.get("words"):
        filled["words"] = slots.text(words)
    if "families" in child:
        filled |= {name: slots.number(child[name]) for name in COUNTS if child.get(name) is not None}
    return filled


COUNTS = ("place", "families", "heard", "recorded", "left")
PERSONAL_SLOTS = frozenset({"percent", "level", "praise", *COUNTS})
"""What must not be said before somebody pressed the family key, or gave a teacher's PIN."""


def fact(
    facts: Facts, child_index: int, path: str, variables: Mapping[str, str], language: str | None = None
) -> str | None:
    """Return the fact that a tree names, as text, or None when it is not known.

    A bare name is a fact of the present child, or one of DERIVED; `var.x` was set by the tree; `school.name` and the
    like are looked up from the top. `language` is the one that the call is held in now, where not the household's own.
    """
    if path in DERIVED:
        return "yes" if DERIVED[path](facts, child_index, language or facts["language"]) else None
    if path.startswith("var."):
        return variables.get(path.removeprefix("var."))
    found = _at(facts, path) if "." in path else facts["children"][child_index].get(path)
    return None if found is None or found == "" else str(found)


def _is_low(facts: Facts, child_index: int, _language: str) -> bool:
    attendance = facts["children"][child_index].get("attendance")
    return attendance is not None and attendance < LOW_ATTENDANCE_PERCENT


def _answer(facts: Facts, language: str) -> Slot | None:
    """Return what this call tells of what parents said, when it has that in this language: a recording goes first."""
    answer = facts.get("answer") or {}
    if clip := (answer.get("clips") or {}).get(language):
        return slots.clip(clip)
    words = (answer.get("texts") or {}).get(language)
    return slots.text(words) if words else None


def _has_spare_time(facts: Facts, _child_index: int, language: str) -> bool:
    return _answer(facts, language) is None


def _asks_for_every_day(facts: Facts, child_index: int, language: str) -> bool:
    return _is_low(facts, child_index, language) and _has_room(facts, child_index, language)


def _has_spare_level(facts: Facts, child_index: int, language: str) -> bool:
    has_level = bool(facts["children"][child_index].get("level"))
    return has_level and _has_room(facts, child_index, language) and not _is_low(facts, child_index, language)


def _has_room(facts: Facts, child_index: int, language: str) -> bool:
    return not facts["children"][child_index].get("voice") and _has_spare_time(facts, child_index, language)


DERIVED: Mapping[str, Callable[[Facts, int, str], bool]] = {
    "siblings": lambda facts, _child_index, _language: len(facts["children"]) > 1,
    "later_child": lambda _facts, child_index, _language: child_index > 0,
    "low_attendance": _is_low,
    "answer": lambda facts, _child_index, language: _answer(facts, language) is not None,
    "spare_time": _has_spare_time,
    "spare_level": _has_spare_level,
    "ask_every_day": _asks_for_every_day,
    "praise_alone": lambda facts, child_index, _language: bool(
        facts["children"][child_index].get("praise") and not facts["children"][child_index].get("voice")
    ),
    "teacher_away": lambda facts, child_index, _language: not facts["children"][child_index].get("teacher"),
}
"""Facts that follow from others.

A call that tells an answer has no time to spare within its paid minute, and one that plays the teacher's own voice
less; the voice stands in the place of the chosen praise. Of the request to send a child every day, and of what it is
learning, a call holds one: the request where it is needed.
"""

CHILD_FACTS = frozenset(ChildFacts.__annotations__)
CLASS_FACTS = frozenset(ClassFacts.__annotations__)
PROMPT_FACTS = frozenset(PromptFacts.__annotations__)
NUMBER_FACTS = frozenset(NumberFacts.__annotations__)
CALLER_FACTS = frozenset(f"caller.{name}" for name in CallerFacts.__annotations__)


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


def _answer_problems(answer: Any) -> list[str]:
    if answer is None:
        return []
    found = []
    for kind in ("texts", "clips"):
        by_language = answer.get(kind, {}) if isinstance(answer, Mapping) else None
        told = isinstance(by_language, Mapping) and all(
            language in LANGUAGES and _is_words(value) for language, value in by_language.items()
        )
        found += [] if told else [f"answer.{kind}: must be a table with a text for each of its languages, or missing"]
    return found


def _is_words(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_day(value: Any) -> bool:
    try:
        return bool(date.fromisoformat(value))
    except (TypeError, ValueError):
        return False
