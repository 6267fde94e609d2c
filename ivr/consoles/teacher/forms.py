"""What a teacher's forms say, read strictly: a wrong value is a problem to show, never an exception."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from ivr.consoles.unnumbered import HOLDS_NUMBER, holds_number

LANGUAGES = ("pa", "hi", "en")
LONGEST_NOTE = 1000
FORM_KEY = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Said:
    """What will be said about one child. None leaves that sentence out of the call."""

    attendance: int | None
    level: str | None
    praise: str | None


@dataclass(frozen=True)
class Choices:
    """The prompt ids that a teacher may choose from."""

    levels: Collection[str]
    praises: Collection[str]


@dataclass(frozen=True)
class Note:
    """What a parent said in person, about which child's family, in which language it is written down."""

    child_id: int
    language: str
    text: str


def parse_note(form: Mapping[str, str], child_ids: Collection[int]) -> Note | str:
    """Return the note, or what is wrong with it in words for the teacher."""
    child, language = form.get("child", ""), form.get("language", "")
    text = " ".join(form.get("text", "").split())
    if not (child.isascii() and child.isdigit() and int(child) in child_ids):
        return "Choose whose family it was from the list."
    if language not in LANGUAGES:
        return "Choose the language in which you wrote it."
    if not text:
        return "Write down what was said."
    if len(text) > LONGEST_NOTE:
        return f"A note has at most {LONGEST_NOTE} characters. This one has {len(text)}."
    if holds_number(text):
        return HOLDS_NUMBER
    return Note(int(child), language, text)


def parse_messages(
    form: Mapping[str, str], child_ids: Iterable[int], choices: Choices
) -> tuple[dict[int, Said], dict[int, str]]:
    """Return what is to be said, and the problems, both by child. A child that the form leaves out stays as it is."""
    said: dict[int, Said] = {}
    problems: dict[int, str] = {}
    for child_id in child_ids:
        if f"attendance-{child_id}" not in form:
            continue
        attendance = form[f"attendance-{child_id}"].strip().removesuffix("%").strip()
        level, praise = form.get(f"level-{child_id}", ""), form.get(f"praise-{child_id}", "")
        problem = _problem(attendance, level, praise, choices)
        if problem:
            problems[child_id] = problem
        else:
            said[child_id] = Said(int(attendance) if attendance else None, level or None, praise or None)
    return said, problems


def _problem(attendance: str, level: str, praise: str, choices: Choices) -> str | None:
    if attendance and not (attendance.isascii() and attendance.isdigit() and int(attendance) <= 100):
        return "Attendance is a whole number from 0 to 100, or empty."
    if level and level not in choices.levels:
        return "Choose what the child is learning from the list."
    if praise and praise not in choices.praises:
        return "Choose the praise from the list."
    return None
