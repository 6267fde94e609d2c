"""What a leader's page reads: how many families of each school were reached, never which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ivr.consoles.leader.cells import LEAST, Cell, about, cell
from ptm.models import Area, Call, Round, School
from ptm.permissions import Actor, Permission, schools

COLUMNS = ("rang", "answered", "heard", "recorded", "unreached")


@dataclass(frozen=True)
class SchoolCounts:
    """One school's families in a round."""

    school: str
    area: str
    families: Cell
    cells: dict[str, Cell]


@dataclass(frozen=True)
class Participation:
    """All schools of an area in a round. Totals are rounded down to tens; small schools count in them only."""

    rows: Sequence[SchoolCounts]
    families: int
    totals: dict[str, int]
    small_schools: int


def load_rounds(session: Session, actor: Actor) -> list[Round]:
    """Return the rounds in which schools of this person's area were called, the newest first."""
    mine = select(Call.round_id).where(Call.school_id.in_(schools(actor, Permission.PARTICIPATION_COUNT)))
    return list(
        session.scalars(select(Round).where(Round.id.in_(mine)).order_by(Round.starts_on_ist.desc(), Round.id.desc()))
    )


def load_participation(session: Session, actor: Actor, round_id: int) -> Participation:
    """Return the counts of one round by school, the least reached first. One query."""
    at_least = {
        "rang": ("rang", "answered", "heard", "responded", "recorded"),
        "answered": ("answered", "heard", "responded", "recorded"),
        "heard": ("heard", "responded", "recorded"),
        "recorded": ("recorded",),
    }
    counts = [func.count().filter(Call.reach.in_(reaches)).label(name) for name, reaches in at_least.items()]
    # Unreached: their calls are over and they have not heard. Who still waits for a call is not counted as failed.
    unreached = func.count().filter(Call.state == "ended", Call.reach.not_in(at_least["heard"])).label("unreached")
    rows = session.execute(
        select(School.name, Area.name.label("area"), func.count().label("families"), *counts, unreached)
        .select_from(Call)
        .join(School, School.id == Call.school_id)
        .join(Area, Area.id == School.area_id)
        .where(Call.round_id == round_id, School.id.in_(schools(actor, Permission.PARTICIPATION_COUNT)))
        .group_by(School.id, School.name, Area.name)
    ).all()
    return _participation(rows)


def _participation(rows: Sequence[Any]) -> Participation:
    big = [row for row in rows if row.families >= LEAST]
    big.sort(key=lambda row: (row.heard / row.families, row.name))
    return Participation(
        rows=[_counts(row) for row in big],
        families=about(sum(row.families for row in rows)),
        totals={name: about(sum(getattr(row, name) for row in rows)) for name in COLUMNS},
        small_schools=len(rows) - len(big),
    )


def _counts(row: Any) -> SchoolCounts:
    cells = {name: cell(getattr(row, name), row.families) for name in COLUMNS}
    return SchoolCounts(row.name, row.area, Cell(exactly=row.families), cells)
