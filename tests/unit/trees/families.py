"""The families that calls are made to: what each call is told."""

from __future__ import annotations

from typing import Any


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


ONE_CHILD = family()
SIBLINGS = family(child(1), child(2, name="ਗੁਰਨੂਰ ਸਿੰਘ", attendance=60), child(3, praise=None))
NOTHING_TO_SAY = family(child(1, attendance=None, level=None, praise=None, class_name=None))
FAMILIES = {"one child": ONE_CHILD, "siblings": SIBLINGS, "nothing to say": NOTHING_TO_SAY}
