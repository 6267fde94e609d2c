"""What the database already knows of the children and numbers in a list."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from ptm.models import Child, Guardianship, Household, PhoneNumber, SchoolClass
from ptm.roster.batches import in_batches

LEFT_FROM = 1000
"""Positions from here on are numbers that the newest list of their family no longer has. The row stays, retired: an
attempt points to it, and so does the wish of whoever answered there never to be called again."""


@dataclass(frozen=True, slots=True)
class KnownChild:
    id: int
    class_id: int
    school_id: int
    name: str = field(repr=False)
    admission_no: str | None
    guardian_name: str | None = field(repr=False)
    household_id: int | None


@dataclass(frozen=True, slots=True)
class KnownNumber:
    id: int
    household_id: int
    position: int
    index: str = field(repr=False)

    @property
    def is_listed(self) -> bool:
        return self.position < LEFT_FROM


@dataclass(frozen=True, slots=True)
class KnownHousehold:
    id: int
    language: str
    opted_out_at: datetime | None


class Known:
    """Children of the listed schools, the households of the listed numbers, and whatever belongs to those."""

    def __init__(self) -> None:
        self.children: dict[int, KnownChild] = {}
        self.numbers: dict[str, KnownNumber] = {}
        self.households: dict[int, KnownHousehold] = {}
        self.children_of: dict[int, set[int]] = defaultdict(set)
        self.numbers_of: dict[int, list[KnownNumber]] = defaultdict(list)

    def main_index(self, household_id: int) -> str | None:
        """Return the index of the number that is called first."""
        listed = [number for number in self.numbers_of[household_id] if number.is_listed]
        return min(listed, key=lambda number: number.position).index if listed else None


def load_known(session: Session, *, school_ids: Iterable[int], indexes: Iterable[str]) -> Known:
    """Read what is known in as many queries as there are hundreds of schools, numbers and households."""
    known = Known()
    for ids in in_batches(school_ids):
        _add_children(session, known, _children().where(SchoolClass.school_id.in_(ids)))
    for some in in_batches(indexes):
        _add_numbers(session, known, PhoneNumber.msisdn_index.in_(some))
    households = {number.household_id for number in known.numbers.values()}
    households |= {child.household_id for child in known.children.values() if child.household_id is not None}
    for ids in in_batches(sorted(households)):
        _add_children(session, known, _children().where(Guardianship.household_id.in_(ids)))
        _add_numbers(session, known, PhoneNumber.household_id.in_(ids))
        _add_households(session, known, ids)
    for child in known.children.values():
        if child.household_id is not None:
            known.children_of[child.household_id].add(child.id)
    for number in known.numbers.values():
        known.numbers_of[number.household_id].append(number)
    return known


def _children() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Child.id, Child.class_id, SchoolClass.school_id, Child.name, Child.admission_no, Child.guardian_name,
            Guardianship.household_id,
        )
        .join(SchoolClass, SchoolClass.id == Child.class_id)
        .outerjoin(Guardianship, Guardianship.child_id == Child.id)
    )  # fmt: skip


def _add_children(session: Session, known: Known, query: Select[*tuple[Any, ...]]) -> None:
    known.children.update((row.id, KnownChild(*row)) for row in session.execute(query))


def _add_numbers(session: Session, known: Known, condition: Any) -> None:
    columns = (PhoneNumber.id, PhoneNumber.household_id, PhoneNumber.position, PhoneNumber.msisdn_index)
    found = session.execute(select(*columns).where(condition))
    known.numbers.update((row.msisdn_index, KnownNumber(*row)) for row in found)


def _add_households(session: Session, known: Known, ids: list[int]) -> None:
    columns = (Household.id, Household.language, Household.opted_out_at)
    found = session.execute(select(*columns).where(Household.id.in_(ids)))
    known.households.update((row.id, KnownHousehold(*row)) for row in found)
