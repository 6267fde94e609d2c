"""Whom calls are held with, and what each call is told."""

from __future__ import annotations

from typing import Any

from ivr.trees.model import Tree


def child(number: int, **said: Any) -> dict[str, Any]:
    ordinary = {
        "id": number, "name": "Harmanpreet Kaur", "class_name": "5A", "attendance": 87, "level": "level.sentences",
        "praise": "praise.asks_questions",
    }  # fmt: skip
    return ordinary | said


def family(*children: dict[str, Any], language: str = "pa") -> dict[str, Any]:
    """Return what a call to a family is told; without children it is one ordinary child."""
    return {
        "language": language,
        "school": {"name": "GPS Rampur", "spoken": {"hi": "सरकारी स्कूल रामपुर"}},
        "children": list(children or (child(1),)),
        "meeting": {"on": "2026-11-28"},
    }


def school_class(number: int, **said: Any) -> dict[str, Any]:
    counts = {"families": 38, "heard": 27, "recorded": 9, "left": 11}
    return {"id": number, "class_name": "5A", **counts, "can_record": "yes", "started": "yes"} | said


def teacher(*classes: dict[str, Any], ready: str | None = "yes") -> dict[str, Any]:
    """Return what a teacher who calls is told; without classes it is one whose calls are under way."""
    told = list(classes or (school_class(1),))
    return {"language": "pa", "school": {}, "children": told, "caller": {"ready": ready}}


def prompt(number: int, words: str = "ਧੰਨਵਾਦ।", language: str = "pa") -> dict[str, Any]:
    return {"id": number, "words": words, f"in_{language}": "yes"}


def speaker(*prompts: dict[str, Any], ready: str | None = "yes") -> dict[str, Any]:
    """Return what is told to who calls to say prompts."""
    caller = {"ready": ready, "waiting": "yes" if prompts else None}
    return {"language": "pa", "school": {}, "children": list(prompts or ({},)), "caller": caller}


def put_through(numbers: int) -> dict[str, Any]:
    """Return what is told to a teacher who is put through to a family with so many numbers."""
    told = [{"id": number, "name": "Harmanpreet Kaur"} for number in range(1, numbers + 1)]
    return {"language": "pa", "school": {}, "children": told, "caller": {}}


VOICE = "0" * 64 + ".wav"
ONE_CHILD = family()
SIBLINGS = family(child(1), child(2, name="ਗੁਰਨੂਰ ਸਿੰਘ", attendance=60, teacher="yes"), child(3, praise=None, voice=VOICE))
NOTHING_TO_SAY = family(child(1, attendance=None, level=None, praise=None, class_name=None))
FAMILIES = {"one child": ONE_CHILD, "siblings": SIBLINGS, "nothing to say": NOTHING_TO_SAY}

WAITING, OPTED_OUT = {"waiting": "yes"}, {"waiting": "yes", "opted_out": "yes"}
NO_ROUND = {key: told for key, told in NOTHING_TO_SAY.items() if key != "meeting"} | {"caller": {}}
CALLERS: dict[str, dict[str, dict[str, Any]]] = {
    "outgoing": FAMILIES,
    "family": {
        "a message waits": SIBLINGS | {"caller": WAITING},
        "opted out": ONE_CHILD | {"caller": OPTED_OUT},
        "no round": NO_ROUND,
    },
    "unknown": {"nobody": {"language": "pa", "school": {}, "children": [{}], "caller": {}}},
    "teacher": {
        "one class": teacher(school_class(1, can_start="yes", started=None)),
        "two classes": teacher(school_class(1), school_class(2, class_name=None, place=2, can_record=None)),
        "not set up": teacher({}, ready=None),
    },
    "prompts": {
        "two prompts": speaker(prompt(1), prompt(2, "Thank you.", "en")),
        "nothing waits": speaker(),
    },
    "speaking": {
        "one number": put_through(1),
        "two numbers": put_through(2),
    },
}
"""What calls of each line are told, by what is special about them."""


def told_to(tree: Tree) -> dict[str, dict[str, Any]]:
    return CALLERS[tree.line]
