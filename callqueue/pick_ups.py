"""What was learnt of when families pick up: counted with the attempts' ends, read when a retry's hour is chosen.

A family's own dials are its attempts and are counted nowhere else, so that nothing about its habits outlives them.
A school's and an area's are folded out of the changes that every end writes anyway.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from sqlalchemy import Connection, func, literal, select
from sqlalchemy.dialects import postgresql, sqlite

from callqueue.hours import Tally, picked_up
from callqueue.windows import hour_ist
from ptm.models import Area, Attempt, PhoneNumber, PickUp, School

# Older dials of a family say little of how it lives today.
MOST_OWN_DIALS = 40


class Areas(Protocol):
    """Which areas lie above a school."""

    def above(self, school_id: int) -> list[int]: ...


@dataclass(frozen=True)
class Known:
    """What is known before a family is dialled again."""

    household: Tally = field(default_factory=Tally)
    school: Tally = field(default_factory=Tally)
    district: Tally = field(default_factory=Tally)


def load_known(tx: Connection, household_id: int, school_id: int) -> Known:
    """Return what is known for a family; places count what was folded, which lags by seconds."""
    known = Known()
    _load_places(tx, school_id, known)
    for dial in tx.execute(_own_dials(household_id)):
        answered = picked_up(dial.outcome, dial.reach)
        if answered is not None and dial.rang_at is not None:
            known.household.note(hour_ist(dial.rang_at), answered)
    return known


def fold(tx: Connection, changes: Sequence[Any], areas: Areas) -> None:
    """Add the dials that stand in these changes to those of their school and of every area above it."""
    sums: dict[tuple[str, int, int], list[int]] = {}
    for change in changes:
        if change.rang_at_hour is None:
            continue
        for kind, place_id in (
            ("school", change.school_id),
            *(("area", area) for area in areas.above(change.school_id)),
        ):
            counts = sums.setdefault((kind, place_id, change.rang_at_hour), [0, 0])
            counts[0] += 1
            counts[1] += change.picked_up
    if sums:
        _add(tx, sums)


def _add(tx: Connection, sums: dict[tuple[str, int, int], list[int]]) -> None:
    statement: Any = (postgresql if tx.dialect.name == "postgresql" else sqlite).insert(PickUp)
    added = {name: getattr(PickUp, name) + statement.excluded[name] for name in ("dials", "answered")}
    # In the order of the key: two that fold at once then wait for each other instead of dying of a deadlock.
    rows = [
        {"kind": kind, "place_id": place_id, "hour_ist": hour, "dials": dials, "answered": answered}
        for (kind, place_id, hour), (dials, answered) in sorted(sums.items())
    ]
    tx.execute(statement.on_conflict_do_update(index_elements=["kind", "place_id", "hour_ist"], set_=added), rows)


def _load_places(tx: Connection, school_id: int, known: Known) -> None:
    above = select(School.area_id.label("id")).where(School.id == school_id).cte("above", recursive=True)
    parent = select(Area.parent_id).join(above, Area.id == above.c.id).where(Area.parent_id.is_not(None))
    above = above.union_all(parent)
    district = select(Area.id).join(above, above.c.id == Area.id).where(Area.kind == "district")
    counts = (PickUp.kind, PickUp.hour_ist, PickUp.dials, PickUp.answered)
    of_school = select(*counts).where(PickUp.kind == "school", PickUp.place_id == school_id)
    of_district = select(*counts).where(PickUp.kind == "area", PickUp.place_id.in_(district))
    for row in tx.execute(of_school.union_all(of_district)):
        tally = known.school if row.kind == "school" else known.district
        tally.dials[row.hour_ist] += row.dials
        tally.answered[row.hour_ist] += row.answered


def _own_dials(household_id: int) -> Any:
    return (
        select(Attempt.outcome, Attempt.reach, rang_at().label("rang_at"))
        .join(PhoneNumber, PhoneNumber.id == Attempt.phone_id)
        .where(PhoneNumber.household_id == literal(household_id), Attempt.state == "ended")
        .order_by(Attempt.id.desc())
        .limit(MOST_OWN_DIALS)
    )


def rang_at() -> Any:
    """Return when an attempt's phone rang, as well as is known."""
    return func.coalesce(Attempt.ringing_at, Attempt.dial_started_at)
