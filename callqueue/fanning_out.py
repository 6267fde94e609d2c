"""From classes to calls: one for each of their households that has none in the round, with the children it is about.

PostgreSQL does it in one statement, so that a state's children are read and joined once; the calls are written in the
order in which they are due, which is the order in which they are claimed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Text, cast, exists, func, insert, literal, select, text
from sqlalchemy.dialects import postgresql, sqlite

from callqueue.among import among
from callqueue.participation import FIELDS
from ptm.models import (
    Batch,
    Call,
    CallChild,
    Child,
    Guardianship,
    Household,
    Instant,
    ParticipationChange,
    SchoolClass,
)


def fan_out(tx: Connection, round_id: int, classes: Any, priority: int, due_at: datetime) -> int:
    """Plan calls for the households of `classes` (a condition) and hang the children on them; return how many are new.

    The batches of the classes must be there. Calls of one school are due a second apart, from `due_at` on. A household
    that has its call already keeps it, and gets on it the children that are new.
    """
    if tx.dialect.name == "postgresql":
        planned, called_before = _fan_out_at_once(tx, round_id, classes, priority, due_at)
        if called_before:
            _hang_children(tx, round_id, classes, among(tx, Guardianship.household_id, called_before))
        return planned
    planned = _plan_calls(tx, round_id, classes, priority, due_at)
    _hang_children(tx, round_id, classes)
    return planned


def children_of(classes: Any) -> Any:
    """Return every child of these classes whose family may be called, with the family and the school."""
    return (
        select(Guardianship.household_id, Child.id.label("child_id"), Child.class_id, SchoolClass.school_id)
        .join(Child, Child.id == Guardianship.child_id)
        .join(SchoolClass, SchoolClass.id == Child.class_id)
        .join(Household, Household.id == Guardianship.household_id)
        .where(classes, Household.opted_out_at.is_(None))
    )


def insert_into(tx: Connection, table: Any) -> Any:
    """Begin an INSERT that may say ON CONFLICT."""
    return (postgresql if tx.dialect.name == "postgresql" else sqlite).insert(table)


def _fan_out_at_once(
    tx: Connection, round_id: int, classes: Any, priority: int, due_at: datetime
) -> tuple[int, Sequence[int]]:
    """Return how many calls are new, and the households that had theirs before or got it from somebody else."""
    children = children_of(classes).cte("children")
    families = _families(children).cte("families")
    new = _new_calls(tx, round_id, families, priority, due_at)
    new = new.returning(Call.id, Call.household_id, Call.school_id).cte("new")
    rows = (
        select(new.c.id, children.c.child_id, Batch.id, literal(False))
        .select_from(children)
        .join(new, new.c.household_id == children.c.household_id)
        .join(Batch, (Batch.class_id == children.c.class_id) & (Batch.round_id == round_id))
    )
    hung = insert(CallChild).from_select(["call_id", "child_id", "batch_id", "covered"], rows).cte("hung")
    counted = _count(_counts(round_id, new.c.school_id)).cte("counted")
    is_new = exists().where(new.c.household_id == families.c.household_id)
    before = select(func.array_agg(families.c.household_id)).where(~is_new)
    total = select(func.coalesce(func.sum(counted.c.calls), 0))
    row = tx.execute(select(total.scalar_subquery(), before.scalar_subquery()).add_cte(hung)).one()
    return int(row[0]), row[1] or ()


def _plan_calls(tx: Connection, round_id: int, classes: Any, priority: int, due_at: datetime) -> int:
    """Do for SQLite, which takes one change in a statement, what concerns the calls alone."""
    # SQLite has one writer at a time: whatever has a higher number than before is ours.
    before = tx.scalar(select(func.coalesce(func.max(Call.id), 0)))
    families = _families(children_of(classes).subquery()).subquery()
    tx.execute(_new_calls(tx, round_id, families, priority, due_at))
    counts = _counts(round_id, Call.school_id).where(Call.round_id == round_id, Call.id > before)
    return sum(tx.scalars(_count(counts)))


def _families(children: Any) -> Any:
    """Every household of these children once, with one of its schools: the one with the smallest number."""
    return select(children.c.household_id, func.min(children.c.school_id).label("school_id")).group_by(
        children.c.household_id
    )


def _new_calls(tx: Connection, round_id: int, families: Any, priority: int, due_at: datetime) -> Any:
    place = func.row_number().over(partition_by=families.c.school_id, order_by=families.c.household_id) - 1
    placed = select(families, place.label("place")).subquery("placed")
    due = _seconds_after(tx, due_at, placed.c.place)
    values = {
        "round_id": literal(round_id), "household_id": placed.c.household_id, "school_id": placed.c.school_id,
        "state": literal("planned"), "priority": literal(priority), "due_at": due,
        "tries": literal(0), "unplaced": literal(0), "number_position": literal(0), "reach": literal("unreached"),
    }  # fmt: skip
    # Without a condition SQLite would read ON CONFLICT as a join's.
    chosen = select(*values.values()).where(placed.c.household_id.is_not(None))
    chosen = chosen.order_by(placed.c.place, placed.c.household_id)
    calls = insert_into(tx, Call).from_select(list(values), chosen)
    return calls.on_conflict_do_nothing(index_elements=["household_id", "round_id"])


def _hang_children(tx: Connection, round_id: int, classes: Any, *more: Any) -> None:
    """Hang every child of these classes on its household's call; one that hangs there stays as it is."""
    rows = (
        select(Call.id, Child.id, Batch.id)
        .select_from(Guardianship)
        .join(Child, Child.id == Guardianship.child_id)
        .join(SchoolClass, SchoolClass.id == Child.class_id)
        .join(Batch, (Batch.class_id == SchoolClass.id) & (Batch.round_id == round_id))
        .join(Call, (Call.household_id == Guardianship.household_id) & (Call.round_id == round_id))
        .where(classes, *more)
    )
    children = insert_into(tx, CallChild).from_select(["call_id", "child_id", "batch_id"], rows)
    tx.execute(children.on_conflict_do_nothing(index_elements=["call_id", "child_id"]))


def _counts(round_id: int, school_id: Any) -> Any:
    nothing = [literal(0) for _ in FIELDS[1:]]
    return select(literal(round_id), school_id, func.count(), *nothing, literal(0)).group_by(school_id)


def _count(counts: Any) -> Any:
    columns = ["round_id", "school_id", *FIELDS, "picked_up"]
    return insert(ParticipationChange).from_select(columns, counts).returning(ParticipationChange.calls)


def _seconds_after(tx: Connection, at: datetime, seconds: Any) -> Any:
    if tx.dialect.name == "postgresql":
        return literal(at, Instant) + seconds * text("interval '1 second'")
    # SQLite keeps instants as text with six digits behind the second, and its own functions give three.
    return func.strftime("%Y-%m-%d %H:%M:%f000", literal(at, Instant), cast(seconds, Text) + " seconds")
