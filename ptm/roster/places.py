"""Find the schools and classes of a list, and make those that are not there yet with the areas above them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from ptm.models import Area, School, SchoolClass
from ptm.roster.batches import in_batches
from ptm.roster.records import RosterRow
from ptm.roster.refusals import RosterRefused

STATES = {"03": "Punjab", "04": "Chandigarh", "06": "Haryana"}
"""Named because people read them; any other state is called by its code until somebody names it."""


@dataclass
class Places:
    """Ids by what a list says: UDISE code, and UDISE code with class name."""

    schools: dict[str, int] = field(default_factory=dict)
    classes: dict[tuple[str, str], int] = field(default_factory=dict)
    schools_added: int = 0
    classes_added: int = 0


def settle_places(session: Session, rows: Iterable[RosterRow]) -> Places:
    """Return the ids of every school and class in `rows`, adding what is missing.

    Raises RosterRefused for a school that is new and has no name in the list: its name is spoken to every family.
    """
    first_of_school: dict[str, RosterRow] = {}
    wanted: dict[tuple[str, str], None] = {}
    for row in rows:
        known = first_of_school.get(row.school_udise)
        if known is None or (row.school_name and not known.school_name):
            first_of_school[row.school_udise] = row
        wanted[row.school_udise, row.class_name] = None
    places = Places()
    _settle_schools(session, first_of_school, places)
    _settle_classes(session, wanted, places)
    return places


def unnamed(udise: str) -> str:
    """Return what is wrong with a school that nobody has named, and how to mend it."""
    return (
        f"school {udise} is new and the list does not name it: add a column School Name"
        " (or, on the command line, give --school with --school-name)"
    )


def unnamed_schools(session: Session, rows: Iterable[RosterRow]) -> list[str]:
    """Return the codes of schools that are new and that no row names, in order."""
    named: dict[str, bool] = {}
    for row in rows:
        named[row.school_udise] = named.get(row.school_udise, False) or bool(row.school_name)
    without = sorted(udise for udise, has_name in named.items() if not has_name)
    known: set[str] = set()
    for codes in in_batches(without):
        known.update(session.scalars(select(School.udise).where(School.udise.in_(codes))))
    return [udise for udise in without if udise not in known]


def _settle_schools(session: Session, first_of_school: dict[str, RosterRow], places: Places) -> None:
    for codes in in_batches(first_of_school):
        found = session.execute(select(School.udise, School.id).where(School.udise.in_(codes)))
        places.schools.update((udise, id) for udise, id in found)
    areas: dict[tuple[str, str], Area] = {}
    added = []
    for udise, row in first_of_school.items():
        if udise in places.schools:
            continue
        if not row.school_name:
            raise RosterRefused(unnamed(udise))
        added.append(School(udise=udise, name=row.school_name, area=_block(session, row, areas)))
    session.add_all(added)
    session.flush()
    places.schools.update((school.udise, school.id) for school in added)
    places.schools_added = len(added)


def _block(session: Session, row: RosterRow, areas: dict[tuple[str, str], Area]) -> Area:
    """Return the block of a school: a UDISE code begins with state (2 digits), district (2) and block (2)."""
    code = row.school_udise
    state = _area(session, areas, "state", code[:2], STATES.get(code[:2], ""), None)
    district = _area(session, areas, "district", code[:4], row.district_name, state)
    return _area(session, areas, "block", code[:6], row.block_name, district)


def _area(
    session: Session, areas: dict[tuple[str, str], Area], kind: str, code: str, name: str, parent: Area | None
) -> Area:
    area = areas.get((kind, code)) or session.scalar(select(Area).where(Area.kind == kind, Area.code == code))
    nameless = f"{kind.capitalize()} {code}"
    if area is None:
        area = Area(kind=kind, code=code, name=name or nameless, parent=parent)
        session.add(area)
    elif name and area.name == nameless:
        area.name = name
    areas[kind, code] = area
    return area


def _settle_classes(session: Session, wanted: Iterable[tuple[str, str]], places: Places) -> None:
    udise_of = {id: udise for udise, id in places.schools.items()}
    for ids in in_batches(udise_of):
        found = session.execute(
            select(SchoolClass.school_id, SchoolClass.name, SchoolClass.id).where(SchoolClass.school_id.in_(ids))
        )
        places.classes.update(((udise_of[school_id], name), id) for school_id, name, id in found)
    added = [
        SchoolClass(school_id=places.schools[udise], name=name)
        for udise, name in wanted
        if (udise, name) not in places.classes
    ]
    session.add_all(added)
    session.flush()
    places.classes.update(((udise_of[one.school_id], one.name), one.id) for one in added)
    places.classes_added = len(added)
