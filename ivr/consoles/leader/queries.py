"""What a leader's page reads: how many families of each school were reached, never which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from callqueue.participation import load_participation as load_counts
from ivr.consoles.leader.cells import LEAST, Cell, about, cell
from ptm.models import Area, Participation, ParticipationChange, Round, School
from ptm.permissions import Actor, Permission, schools

# How far a call got at least, from the counts of how far it got at last. Unreached: it is over and nobody heard.
COLUMNS: Mapping[str, Sequence[str]] = {
    "rang": ("rang", "answered", "heard", "responded", "recorded"),
    "answered": ("answered", "heard", "responded", "recorded"),
    "heard": ("heard", "responded", "recorded"),
    "recorded": ("recorded",),
    "unreached": ("unreached", "rang", "answered"),
}
# Nobody reads 19,000 lines; who needs help most stands in the first ones.
MOST_SCHOOLS = 200


@dataclass(frozen=True)
class SchoolCounts:
    """One school's families in a round."""

    school: str
    area: str
    families: Cell
    cells: dict[str, Cell]


@dataclass(frozen=True)
class Reached:
    """The schools of an area in a round, the least reached first; totals are rounded down to tens.

    Small schools count in the totals only. `listed_of` is how many schools could be listed.
    """

    rows: Sequence[SchoolCounts]
    listed_of: int
    families: int
    totals: dict[str, int]
    small_schools: int


@dataclass(frozen=True)
class _School:
    name: str
    area: str
    families: int
    counts: dict[str, int]


def load_rounds(session: Session, actor: Actor) -> list[Round]:
    """Return the rounds in which schools of this person's area were called, the newest first."""
    mine = schools(actor, Permission.PARTICIPATION_COUNT)
    folded = select(Participation.round_id).where(Participation.kind == "school", Participation.place_id.in_(mine))
    waiting = select(ParticipationChange.round_id).where(ParticipationChange.school_id.in_(mine))
    called = select(Round).where(or_(Round.id.in_(folded), Round.id.in_(waiting)))
    return list(session.scalars(called.order_by(Round.starts_on_ist.desc(), Round.id.desc())))


def load_reached(session: Session, actor: Actor, round_id: int) -> Reached:
    """Return the counts of one round by school, as exact as the last call that ended; no call is read for it."""
    mine = session.execute(
        select(School.id, School.name, Area.name.label("area"))
        .join(Area, Area.id == School.area_id)
        .where(School.id.in_(schools(actor, Permission.PARTICIPATION_COUNT)))
    ).all()
    counts = load_counts(session.connection(), round_id, "school", [row.id for row in mine])
    return _reached([_school(row.name, row.area, counts[row.id]) for row in mine if counts[row.id]["calls"]])


def _school(name: str, area: str, counts: Mapping[str, int]) -> _School:
    sums = {column: sum(counts[reach] for reach in reaches) for column, reaches in COLUMNS.items()}
    return _School(name, area, counts["calls"], sums)


def _reached(called: Sequence[_School]) -> Reached:
    big = [school for school in called if school.families >= LEAST]
    big.sort(key=lambda school: (school.counts["heard"] / school.families, school.name))
    return Reached(
        rows=[_shown(school) for school in big[:MOST_SCHOOLS]],
        listed_of=len(big),
        families=about(sum(school.families for school in called)),
        totals={column: about(sum(school.counts[column] for school in called)) for column in COLUMNS},
        small_schools=len(called) - len(big),
    )


def _shown(school: _School) -> SchoolCounts:
    cells = {column: cell(count, school.families) for column, count in school.counts.items()}
    return SchoolCounts(school.name, school.area, Cell(exactly=school.families), cells)
