"""What every template can say: instants in Indian time, counts with their noun, where a static file lies."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, g, url_for

from ivr.session import runtime
from ptm.clock import IST

LANGUAGE_NAMES = {"pa": "Punjabi", "hi": "Hindi", "en": "English"}
# The ways between a role's pages, where there is more than one: (endpoint, what it is called).
WAYS: Mapping[str, Sequence[tuple[str, str]]] = {
    "teacher": [("teacher.classes", "My classes"), ("teacher.phone", "My phone")],
    "leader": [("leader.participation", "Participation"), ("leader.answers", "You said, we did")],
    "operator": [
        ("operator.system", "System"),
        ("operator.people", "People"),
        ("voices.catalogue", "Prompts"),
        ("trees.trees", "Call trees"),
    ],
}
STATIC = Path(__file__).parents[1] / "static"


def register(app: Flask) -> None:
    app.jinja_env.filters.update(when=when, day=day, clock=clock, count=count, grouped=grouped)
    app.jinja_env.globals.update(asset=asset, language_names=LANGUAGE_NAMES)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.context_processor(_person)


def when(at: datetime) -> str:
    """Say an instant as people here do: the time today, the day and the time on other days."""
    local, today = at.astimezone(IST), runtime().clock.now().astimezone(IST).date()
    return clock(at) if local.date() == today else f"{day(local.date())}, {clock(at)}"


def clock(at: datetime) -> str:
    return f"{at.astimezone(IST):%H:%M}"


def day(of: date | datetime) -> str:
    local = of.astimezone(IST) if isinstance(of, datetime) else of
    return f"{local:%a} {local.day} {local:%b}"


def grouped(number: int) -> str:
    """Group digits as India does: 12,34,567."""
    head, tail = divmod(abs(number), 1000)
    groups = [f"{tail:03d}"] if head else [str(tail)]
    while head:
        head, two = divmod(head, 100)
        groups.insert(0, f"{two:02d}" if head else str(two))
    return ("-" if number < 0 else "") + ",".join(groups)


def count(number: int, noun: str, plural: str | None = None) -> str:
    """Say a number with its noun: 1 child, 2 children."""
    return f"{grouped(number)} {noun if number == 1 else plural or noun + 's'}"


def asset(name: str) -> str:
    """Return the address of a static file, with its content's hash: browsers may keep it until it changes."""
    return url_for("static", filename=name, v=_fingerprint(name))


@cache
def _fingerprint(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]


def _person() -> dict[str, Any]:
    actor = g.get("actor")
    return {"person": actor, "ways": WAYS.get(actor.role, ()) if actor else ()}
