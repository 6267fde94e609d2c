"""What an operator's forms say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

LONGEST_REASON = 200


@dataclass(frozen=True)
class NewPerson:
    """Somebody to add. `classes` are names as typed; `place` is a UDISE code or kind:code, by role."""

    login: str
    name: str
    role: str
    place: str
    classes: tuple[str, ...]


def parse_person(form: Mapping[str, str]) -> NewPerson:
    """Read the form as it is; ptm.people says what is wrong with it."""
    return NewPerson(
        login=form.get("login", ""),
        name=form.get("name", ""),
        role=form.get("role", ""),
        place=form.get("place", ""),
        classes=_names(form.get("classes", "")),
    )


def parse_classes(form: MultiDict[str, str]) -> tuple[str, ...]:
    """Read the classes ticked, and those that are to be made."""
    return (*form.getlist("class"), *_names(form.get("new", "")))


def _names(text: str) -> tuple[str, ...]:
    return tuple(name for name in text.split(",") if name.strip())


def parse_reason(form: Mapping[str, str]) -> str | None:
    return " ".join(form.get("reason", "").split())[:LONGEST_REASON] or None
