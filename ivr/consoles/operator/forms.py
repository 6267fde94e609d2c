"""What an operator's forms say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

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
        classes=tuple(name for name in form.get("classes", "").split(",") if name.strip()),
    )


def parse_reason(form: Mapping[str, str]) -> str | None:
    return " ".join(form.get("reason", "").split())[:LONGEST_REASON] or None
