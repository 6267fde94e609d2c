"""What parents of a place said: how many messages on which theme, and words that an analyst has read."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, aliased

from ivr.consoles.leader.cells import LEAST, Cell, about, cell
from ivr.consoles.leader.places import AREA, SCHOOL, Place
from ptm.clock import IST
from ptm.models import Area, Round, School, Suggestion

# More than these nobody reads before deciding; the rest is in the counts.
MOST_WORDS = 30


@dataclass(frozen=True)
class Said:
    """One message, public: a theme, a language, words. Nothing tells who said it, nor exactly when."""

    theme: str | None
    language: str
    text: str


@dataclass(frozen=True)
class Inside:
    """One place inside another: how many messages, and the theme that most of them have."""

    kind: str
    id: int
    name: str
    messages: Cell
    most_about: str | None


@dataclass(frozen=True)
class Voices:
    """What was said in a place. `enough` is false where so few spoke that words would give somebody away."""

    total: int
    enough: bool
    themes: Sequence[tuple[str | None, Cell]]
    unread: int
    inside: Sequence[Inside]
    words: Sequence[Said]


def load_voices(session: Session, place: Place, said_in: Round, rounds: Sequence[Round]) -> Voices:
    """Return what was said from the first day of a round until the next one of these rounds began."""
    when = _within(said_in, rounds)
    tally = _by_theme(session, place, when)
    total = sum(tally.values())
    enough = total >= LEAST
    return Voices(
        total=about(total),
        enough=enough,
        themes=[(theme, cell(count, total)) for theme, count in tally.most_common()] if enough else [],
        unread=about(_unread(session, place, when)),
        inside=_inside(session, place, when),
        words=_words(session, place, when) if enough else [],
    )


def _within(said_in: Round, rounds: Sequence[Round]) -> tuple[ColumnElement[bool], ...]:
    later = [one.starts_on_ist for one in rounds if one.starts_on_ist > said_in.starts_on_ist]
    since = (Suggestion.created_at >= _midnight(said_in.starts_on_ist),)
    return (*since, Suggestion.created_at < _midnight(min(later))) if later else since


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), IST)


# What was escalated concerns a child's safety: it went to named people and to nobody else.
_OPEN = (Suggestion.escalated.is_(False), Suggestion.status.in_(("new", "read", "needs_listening")))


def _by_theme(session: Session, place: Place, when: Any) -> Counter[str | None]:
    rows = session.execute(
        select(Suggestion.theme, func.count().label("messages"))
        .where(Suggestion.school_id.in_(place.schools), *_OPEN, *when)
        .group_by(Suggestion.theme)
    )
    return Counter({row.theme: row.messages for row in rows})


def _unread(session: Session, place: Place, when: Any) -> int:
    waiting = Suggestion.status.in_(("new", "needs_listening"))
    ours = Suggestion.school_id.in_(place.schools)
    return session.scalar(select(func.count()).select_from(Suggestion).where(ours, waiting, *_OPEN, *when)) or 0


def _words(session: Session, place: Place, when: Any) -> list[Said]:
    """Return words that a person has read, in the order of the words: no day and no school tells who spoke."""
    rows = session.execute(
        select(Suggestion.theme, Suggestion.language, Suggestion.public_text)
        .where(Suggestion.school_id.in_(place.schools), Suggestion.status == "read", Suggestion.public_text != "")
        .where(Suggestion.escalated.is_(False), *when)
        .order_by(Suggestion.id.desc())
        .limit(MOST_WORDS)
    )
    return sorted((Said(*row) for row in rows), key=lambda one: (one.theme or "~", one.text))


def _inside(session: Session, place: Place, when: Any) -> list[Inside]:
    """Return the areas and the schools that lie directly in an area, by name. A school holds no places."""
    if place.kind == SCHOOL:
        return []
    areas = session.execute(select(Area.id, Area.name).where(Area.parent_id == place.id))
    schools = session.execute(select(School.id, School.name).where(School.area_id == place.id))
    found = [(AREA, *row) for row in areas] + [(SCHOOL, *row) for row in schools]
    tallies = {AREA: _by_area(session, place, when), SCHOOL: _by_school(session, place, when)}
    lines = [_line(kind, place_id, name, tallies[kind].get(place_id, Counter())) for kind, place_id, name in found]
    return sorted(lines, key=lambda line: (line.kind, line.name, line.id))


def _line(kind: str, place_id: int, name: str, tally: Counter[str | None]) -> Inside:
    count = tally.total()
    if count < LEAST:
        return Inside(kind, place_id, name, Cell(under=LEAST), None)
    theme, most = tally.most_common(1)[0]
    return Inside(kind, place_id, name, Cell(exactly=count), theme if most >= LEAST else None)


def _by_school(session: Session, place: Place, when: Any) -> Mapping[int, Counter[str | None]]:
    rows = session.execute(
        select(Suggestion.school_id, Suggestion.theme, func.count())
        .join(School, School.id == Suggestion.school_id)
        .where(School.area_id == place.id, *_OPEN, *when)
        .group_by(Suggestion.school_id, Suggestion.theme)
    )
    return _tallies(rows)


def _by_area(session: Session, place: Place, when: Any) -> Mapping[int, Counter[str | None]]:
    """Count by the areas directly below: whatever lies deeper counts for the one of them above it."""
    below = select(Area.id.label("top"), Area.id.label("area_id")).where(Area.parent_id == place.id)
    tree = below.cte("below", recursive=True)
    child = aliased(Area)
    tree = tree.union_all(select(tree.c.top, child.id).join(child, child.parent_id == tree.c.area_id))
    rows = session.execute(
        select(tree.c.top, Suggestion.theme, func.count())
        .select_from(Suggestion)
        .join(School, School.id == Suggestion.school_id)
        .join(tree, tree.c.area_id == School.area_id)
        .where(*_OPEN, *when)
        .group_by(tree.c.top, Suggestion.theme)
    )
    return _tallies(rows)


def _tallies(rows: Any) -> Mapping[int, Counter[str | None]]:
    found: dict[int, Counter[str | None]] = defaultdict(Counter)
    for place_id, theme, count in rows:
        found[place_id][theme] += count
    return found
