"""The keys of a node's table: which kind of value each takes, and what to say when it is another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ivr.trees.errors import nearest
from ivr.trees.model import ANY_KEY, EVENTS, LANGUAGES, MOST_REPROMPTS, REACHES, Line

_LINE_KEYS = frozenset({"prompt", "when", "language"})

TREE_EVENTS = frozenset(
    {"family_confirmed", "wrong_number", "heard", "consent_given", "consent_refused", "recording_kept", "slot_chosen",
     "opted_out", "opted_in", "message_kept", "batch_asked", "prompt_kept"}
)  # fmt: skip
"""The events that a tree may tell; the engine tells the others by itself."""

_FROM_THE_ENGINE = {"heard": {"child"}, "consent_given": {"language"}, "consent_refused": {"language"},
                    "recording_kept": {"id"}, "opted_in": {"language"}, "message_kept": {"child", "id"},
                    "batch_asked": {"child"}, "prompt_kept": {"child", "id"}}  # fmt: skip


@dataclass(frozen=True)
class _Wrong(Exception):
    """A value is not what its key takes."""

    mend: str
    at: str = ""


def read_keys(place: str, table: Mapping[str, Any], problems: list[str]) -> dict[str, Any]:
    """Return the values of a node's keys as its dataclass takes them; what is wrong is left out and reported."""
    read: dict[str, Any] = {}
    for key, value in table.items():
        try:
            read[key] = _READERS[key](value)
        except _Wrong as wrong:
            problems.append(f"{place}.{key}{wrong.at}: {wrong.mend}")
    problems += [f"{place}.values: {problem}" for problem in _event_problems(read)]
    return read


def _event_problems(read: Mapping[str, Any]) -> list[str]:
    """Return the values that an event lacks or does not have."""
    kind = read.get("emits")
    if kind is None:
        return ["there is no emits for them"] if read.get("values") else []
    wanted = EVENTS[kind] - _FROM_THE_ENGINE.get(kind, set())
    given = read.get("values", {}).keys()
    missing = [f"{kind} needs {key}" for key in sorted(wanted - given)]
    return missing + [f"{kind} has no {key}" for key in sorted(given - wanted)]


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise _Wrong("must be a text in quotes")
    return value


def _one_of(*known: str) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if value not in known:
            raise _Wrong(f"must be one of {', '.join(known)}{nearest(str(value), known)}")
        return str(value)

    return read


def _whole(least: int, most: int) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        if type(value) is not int or not least <= value <= most:
            raise _Wrong(f"must be a whole number from {least} to {most}")
        return value

    return read


def _yes_or_no(value: Any) -> bool:
    if not isinstance(value, bool):
        raise _Wrong("must be true or false")
    return value


def _texts(value: Any) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(it, str) and it for it in value.values()):
        raise _Wrong('must be a table of texts such as { name = "value" }')
    return dict(value)


def _keys(value: Any) -> dict[str, str]:
    read = _texts(value)
    for key in read:
        if len(key) != 1 or key not in ANY_KEY:
            raise _Wrong("a phone has the keys 0 to 9, * and #", at=f".{key}")
    return read


def _lines(value: Any) -> tuple[Line, ...]:
    if not isinstance(value, list):
        raise _Wrong('must be a list of prompts such as ["greeting.family"]')
    return tuple(_line(line, at) for at, line in enumerate(value))


def _line(value: Any, at: int) -> Line:
    if isinstance(value, str) and value:
        return Line(value)
    if not isinstance(value, dict) or "prompt" not in value or not value.keys() <= _LINE_KEYS:
        raise _Wrong('must be a prompt\'s id, or { prompt = "...", when = "...", language = "..." }', at=f"[{at}]")
    if value.get("language", LANGUAGES[0]) not in LANGUAGES:
        raise _Wrong(f"language must be one of {', '.join(LANGUAGES)}", at=f"[{at}]")
    return Line(**_texts(value))


_READERS: Mapping[str, Callable[[Any], Any]] = {
    **dict.fromkeys(("next", "default", "empty", "more", "done", "on", "way"), _text),
    **dict.fromkeys(("says", "again"), _lines),
    **dict.fromkeys(("values", "ways", "variables"), _texts),
    "keys": _keys,
    "emits": _one_of(*sorted(TREE_EVENTS)),
    "reach": _one_of(*REACHES),
    "language": _one_of(*LANGUAGES),
    "checkpoint": _yes_or_no,
    "timeout_s": _whole(1, 30),
    "reprompts": _whole(0, MOST_REPROMPTS),
    "max_length_s": _whole(2, 120),
    "silence_s": _whole(1, 15),
    "digits": _whole(1, 12),
    "limit_s": _whole(30, 3600),
    "least_ms": _whole(1, 5000),
}
