"""When a teacher takes calls: by their own wish, in their own hours, Indian time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, select

from callqueue.among import among
from ptm.clock import IST
from ptm.models import Child, SchoolClass, TeacherLine, User


def is_taking_calls(now: datetime) -> ColumnElement[bool]:
    """Ask of a joined TeacherLine and User whether that teacher takes calls at `now`."""
    at = now.astimezone(IST).time().replace(tzinfo=None)
    within = and_(TeacherLine.opens_ist <= at, at < TeacherLine.closes_ist)
    return and_(TeacherLine.takes_calls, within, User.disabled_at.is_(None))


def teacher_taking_calls(tx: Connection, child_id: Any, now: datetime) -> int | None:
    """Return the teacher of a child's class who takes calls at `now`, or None."""
    found: int | None = tx.scalar(_teachers(now, TeacherLine.user_id).where(Child.id == child_id))
    return found


def children_with_teacher(tx: Connection, child_ids: Sequence[int], now: datetime) -> set[int]:
    """Return those of these children whose teacher takes calls at `now`."""
    return set(tx.scalars(_teachers(now, Child.id).where(among(tx, Child.id, child_ids))))


def _teachers(now: datetime, what: Any) -> Any:
    return (
        select(what)
        .select_from(Child)
        .join(SchoolClass, SchoolClass.id == Child.class_id)
        .join(TeacherLine, TeacherLine.user_id == SchoolClass.teacher_id)
        .join(User, User.id == TeacherLine.user_id)
        .where(is_taking_calls(now))
    )
