"""Participation, counted as calls end: a change is written with the event and folded into the counts soon after.

Nothing is ever recomputed: a change commits with what it counts, and folding moves it, so that counts and waiting
changes together are exact at any moment, whatever was killed. One small insert is all that a webhook pays; no two
webhooks wait for the same row.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from sqlalchemy import Connection, delete, insert, literal, select
from sqlalchemy.dialects import postgresql, sqlite

from callqueue import pick_ups
from ptm.models import Area, Participation, ParticipationChange, School

Place = Literal["school", "area"]
Counts = Mapping[str, int]

FIELDS = ("calls", "ended", "unreached", "rang", "answered", "heard", "responded", "recorded", "dials", "pulses")
FOLD_ROWS = 5_000

_NOTHING = dict.fromkeys(FIELDS, 0)


def count(tx: Connection, round_id: int, school_id: int, **changes: int) -> None:
    """Note that a school's counts changed."""
    tx.execute(insert(ParticipationChange).values(round_id=round_id, school_id=school_id, **(_NOTHING | changes)))


def count_ended(tx: Connection, calls: Iterable[tuple[int, int, str]]) -> None:
    """Note calls that ended, given as (round, school, reach)."""
    tallies: dict[tuple[int, int], Counter[str]] = {}
    for round_id, school_id, reach in calls:
        tallies.setdefault((round_id, school_id), Counter()).update({"ended": 1, reach: 1})
    for (round_id, school_id), changes in tallies.items():
        count(tx, round_id, school_id, **changes)


def fold(tx: Connection, most: int = FOLD_ROWS) -> int:
    """Move waiting changes into the counts of their school and of every area above it; return how many."""
    changes = tx.execute(
        select(ParticipationChange.__table__)
        .order_by(ParticipationChange.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    ).all()
    if changes:
        areas = _Areas(tx)
        _add(tx, _by_place(changes, areas))
        pick_ups.fold(tx, changes, areas)
        tx.execute(delete(ParticipationChange).where(ParticipationChange.id.in_([change.id for change in changes])))
    return len(changes)


def load_participation(tx: Connection, round_id: int, kind: Place, place_ids: Sequence[int]) -> dict[int, Counts]:
    """Return the counts of these schools or areas, exact to the last committed event."""
    found = {place_id: Counter(_NOTHING) for place_id in place_ids}
    where = (Participation.round_id == round_id, Participation.kind == kind, Participation.place_id.in_(place_ids))
    counts_of, changes_of = Participation.__table__.c, ParticipationChange.__table__.c
    folded = select(literal(1).label("is_folded"), counts_of.place_id.label("school_id"), *_columns(counts_of))
    changes = select(literal(0), changes_of.school_id, *_columns(changes_of)).where(changes_of.round_id == round_id)
    # One statement: between two, a fold would move changes from where was not yet looked to where was looked already.
    read = tx.execute(folded.where(*where).union_all(changes)).all()
    rows: list[tuple[int, Any]] = [(row.school_id, row) for row in read if row.is_folded]
    waiting = [row for row in read if not row.is_folded]
    if waiting:
        pending = _by_place(waiting, _Areas(tx))
        rows += [(place[2], counts) for place, counts in pending.items() if place[1] == kind and place[2] in found]
    for place_id, counts in rows:
        found[place_id].update(_fields(counts))
    return {place_id: dict(counts) for place_id, counts in found.items()}


def _columns(table: Any) -> list[Any]:
    return [table[name] for name in ("round_id", *FIELDS)]


class _Areas:
    """Which areas lie above a school, read once."""

    def __init__(self, tx: Connection) -> None:
        self._above = {row.id: row.parent_id for row in tx.execute(select(Area.id, Area.parent_id))}
        self._tx = tx
        self._schools: dict[int, list[int]] = {}

    def load(self, school_ids: set[int]) -> None:
        rows = self._tx.execute(select(School.id, School.area_id).where(School.id.in_(school_ids)))
        self._schools = {row.id: self._chain(row.area_id) for row in rows}

    def above(self, school_id: int) -> list[int]:
        return self._schools[school_id]

    def _chain(self, area_id: int | None) -> list[int]:
        chain: list[int] = []
        while area_id is not None:
            chain.append(area_id)
            area_id = self._above[area_id]
        return chain


def _by_place(changes: Sequence[Any], areas: _Areas) -> dict[tuple[int, str, int], Counter[str]]:
    areas.load({change.school_id for change in changes})
    sums: dict[tuple[int, str, int], Counter[str]] = {}
    for change in changes:
        places = [("school", change.school_id), *(("area", area_id) for area_id in areas.above(change.school_id))]
        fields = _fields(change)
        for kind, place_id in places:
            sums.setdefault((change.round_id, kind, place_id), Counter(_NOTHING)).update(fields)
    return sums


def _fields(row: Any) -> dict[str, int]:
    get = row.__getitem__ if isinstance(row, Counter) else row._mapping.__getitem__
    return {field: get(field) for field in FIELDS}


def _add(tx: Connection, sums: Mapping[tuple[int, str, int], Counter[str]]) -> None:
    statement: Any = (postgresql if tx.dialect.name == "postgresql" else sqlite).insert(Participation)
    added = {field: getattr(Participation, field) + statement.excluded[field] for field in FIELDS}
    # In the order of the key: two that fold at once then wait for each other instead of dying of a deadlock.
    rows = [
        {"round_id": round_id, "kind": kind, "place_id": place_id, **counts}
        for (round_id, kind, place_id), counts in sorted(sums.items(), key=lambda item: item[0])
    ]
    tx.execute(statement.on_conflict_do_update(index_elements=["round_id", "kind", "place_id"], set_=added), rows)
