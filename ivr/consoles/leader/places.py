"""The places that a leader may answer for: their area, what lies below it, and its schools."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select
from sqlalchemy.orm import Session, aliased

from ivr.trees.model import LANGUAGES
from ptm.models import Answer, Area, Child, Guardianship, Household, Round, School, SchoolClass
from ptm.permissions import Actor, Permission, areas, areas_below, schools

AREA, SCHOOL = "area", "school"


@dataclass(frozen=True)
class Place:
    """An area or a school. `above` are the ids of the areas that it lies in, itself included, from the nearest up."""

    kind: str
    id: int
    name: str
    what: str  # school, cluster, block, district, state
    above: tuple[int, ...]

    @property
    def schools(self) -> Select[Any]:
        """Return the ids of its schools, as a select to filter by."""
        if self.kind == SCHOOL:
            return select(School.id).where(School.id == self.id)
        return select(School.id).where(School.area_id.in_(areas_below(self.id)))

    @property
    def own_answer(self) -> Any:
        """Return the condition that finds the answers of this place and of no other."""
        return Answer.school_id == self.id if self.kind == SCHOOL else Answer.area_id == self.id


def load_place(session: Session, actor: Actor, kind: str, place_id: int) -> Place | None:
    """Return a place, or None when there is none or it is not for this person to answer for."""
    if kind == SCHOOL:
        allowed = schools(actor, Permission.ANSWER_WRITE)
        school = session.scalar(select(School).where(School.id == place_id, School.id.in_(allowed)))
        return (
            None if school is None else Place(SCHOOL, school.id, school.name, SCHOOL, _above(session, school.area_id))
        )
    area = session.scalar(select(Area).where(Area.id == place_id, Area.id.in_(areas(actor, Permission.ANSWER_WRITE))))
    return None if area is None else Place(AREA, area.id, area.name, area.kind, _above(session, area.id))


def load_way_up(session: Session, actor: Actor, place: Place) -> list[Area]:
    """Return the areas above a place which are this person's too, the widest first."""
    mine = areas(actor, Permission.ANSWER_WRITE)
    found = session.scalars(select(Area).where(Area.id.in_(place.above), Area.id.in_(mine))).all()
    up = sorted(found, key=lambda area: -place.above.index(area.id))
    return [area for area in up if (place.kind, place.id) != (AREA, area.id)]


def load_rounds(session: Session, place: Place) -> list[Round]:
    """Return the rounds in which families of this place are called, the newest first."""
    concerned: ColumnElement[bool] = Round.area_id.in_(place.above)
    if place.kind == AREA:
        concerned = or_(concerned, Round.area_id.in_(areas_below(place.id)))
    return list(session.scalars(select(Round).where(concerned).order_by(Round.starts_on_ist.desc(), Round.id.desc())))


def load_languages(session: Session, place: Place) -> tuple[str, ...]:
    """Return the languages in which families of this place are called."""
    return tuple(language for language in LANGUAGES if session.scalar(select(_is_spoken(place, language))))


def not_over(rounds: Sequence[Round], today: date) -> list[Round]:
    """Return the rounds in which something can still be told, the nearest first."""
    return sorted((one for one in rounds if one.ends_on_ist >= today), key=lambda one: (one.starts_on_ist, one.id))


def _is_spoken(place: Place, language: str) -> Any:
    return exists(
        select(Household.id)
        .join(Guardianship, Guardianship.household_id == Household.id)
        .join(Child, Child.id == Guardianship.child_id)
        .join(SchoolClass, SchoolClass.id == Child.class_id)
        .where(and_(Household.language == language, Household.opted_out_at.is_(None)))
        .where(SchoolClass.school_id.in_(place.schools))
    )


def _above(session: Session, area_id: int) -> tuple[int, ...]:
    climb = select(Area.id, Area.parent_id).where(Area.id == area_id).cte("above", recursive=True)
    parent = aliased(Area)
    climb = climb.union_all(select(parent.id, parent.parent_id).join(climb, parent.id == climb.c.parent_id))
    parents = dict(session.execute(select(climb.c.id, climb.c.parent_id)).all())
    found: list[int] = []
    at: int | None = area_id
    while at is not None:
        found.append(at)
        at = parents[at]
    return tuple(found)
