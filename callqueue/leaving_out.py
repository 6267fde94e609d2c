"""Whom a round does not call, and why: what a school can still mend before the calls begin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, func, select

from ptm.models import Area, Child, Guardianship, Household, PhoneNumber, Round, School, SchoolClass


@dataclass(frozen=True)
class LeftOut:
    """Counts over the area of a round. A family whose numbers are all retired is planned, and its call ends at once."""

    children_without_number: int
    families_opted_out: int
    families_without_working_number: int


def count_left_out(tx: Connection, round_id: int) -> LeftOut:
    """Count whom the round of this area cannot reach. Three queries, each over the area once."""
    inside = SchoolClass.school_id.in_(_schools_of(round_id))
    children = select(Child.id).join(SchoolClass, SchoolClass.id == Child.class_id).where(inside)
    families = children.with_only_columns(Guardianship.household_id).distinct()
    families = families.join(Guardianship, Guardianship.child_id == Child.id)
    households = select(func.count()).select_from(Household).where(Household.id.in_(families))
    works = select(PhoneNumber.id).where(PhoneNumber.household_id == Household.id, PhoneNumber.retired_at.is_(None))
    has_number = select(Guardianship.child_id).where(Guardianship.child_id == Child.id)
    called = Household.opted_out_at.is_(None)
    return LeftOut(
        children_without_number=_count(tx, select(func.count()).select_from(
            children.where(~has_number.exists()).subquery()
        )),
        families_opted_out=_count(tx, households.where(~called)),
        families_without_working_number=_count(tx, households.where(called, ~works.exists())),
    )  # fmt: skip


def _count(tx: Connection, query: Select[Any]) -> int:
    return tx.scalar(query) or 0


def _schools_of(round_id: int) -> Select[Any]:
    below = select(Round.area_id.label("id")).where(Round.id == round_id).cte("below", recursive=True)
    below = below.union_all(select(Area.id).join(below, Area.parent_id == below.c.id))
    return select(School.id).where(School.area_id.in_(select(below.c.id)))
