"""Recognise the children of a list among those that are known, so that a second import changes instead of adding."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence

from ptm.roster.known import Known, KnownChild
from ptm.roster.places import Places
from ptm.roster.records import RosterRow

Key = Hashable | None


def match_children(
    rows: Sequence[RosterRow], known: Known, places: Places, household_of: Callable[[RosterRow], int | None],
    *, across_schools: bool,
) -> dict[int, KnownChild]:  # fmt: skip
    """Return the known child of each row, by the row's position in `rows`; a row that is not in it is a new child.

    1. The same admission number in the same class: the child may have another name or number now.
    2. The same admission number in the same school, and the same name or family: the child has another class. The
       number alone would not do, because some schools count each class from 1.
    3. The same name and the same family in the same school; with `across_schools`, in any: a child who changed school.
    4. The same name in the same class where nothing else is alike and no second child has it: the number is new.
    """
    matched: dict[int, KnownChild] = {}
    listed = {(places.schools[row.school_udise], row.admission_no) for row in rows if row.admission_no}

    def add(of_row: Callable[[RosterRow], Key], of_child: Callable[[KnownChild], Key]) -> None:
        used = {child.id for child in matched.values()}
        free = [child for child in known.children.values() if child.id not in used]
        open_rows = {at: row for at, row in enumerate(rows) if at not in matched}
        matched.update(_pair(open_rows, free, of_row, of_child))

    def is_elsewhere(child: KnownChild) -> bool:
        """Say whether another row of the list has this child's admission number."""
        return (child.school_id, child.admission_no) in listed

    add(
        lambda row: (_class(row, places), row.admission_no) if row.admission_no else None,
        lambda child: (child.class_id, child.admission_no) if child.admission_no else None,
    )
    add(
        lambda row: (_school(row, places), row.admission_no, _name(row.child_name)) if row.admission_no else None,
        lambda child: (child.school_id, child.admission_no, _name(child.name)),
    )
    add(
        lambda row: _with(household_of(row), _school(row, places), row.admission_no) if row.admission_no else None,
        lambda child: _with(child.household_id, child.school_id, child.admission_no),
    )
    add(
        lambda row: _with(household_of(row), _school(row, places), _name(row.child_name)),
        lambda child: None if is_elsewhere(child) else _with(child.household_id, child.school_id, _name(child.name)),
    )
    if across_schools:
        add(
            lambda row: _with(household_of(row), _name(row.child_name)),
            lambda child: None if is_elsewhere(child) else _with(child.household_id, _name(child.name)),
        )
    add(
        lambda row: None if row.admission_no else (_class(row, places), _name(row.child_name)),
        lambda child: None if is_elsewhere(child) else (child.class_id, _name(child.name)),
    )
    return matched


def _pair(
    rows: Mapping[int, RosterRow],
    children: Iterable[KnownChild],
    of_row: Callable[[RosterRow], Key],
    of_child: Callable[[KnownChild], Key],
) -> dict[int, KnownChild]:
    """Return the pairs whose key is the same and stands once on each side."""
    rows_by_key: dict[Key, list[int]] = defaultdict(list)
    for at, row in rows.items():
        if (key := of_row(row)) is not None:
            rows_by_key[key].append(at)
    children_by_key: dict[Key, list[KnownChild]] = defaultdict(list)
    for child in children:
        if (key := of_child(child)) in rows_by_key:
            children_by_key[key].append(child)
    return {
        rows_by_key[key][0]: found[0]
        for key, found in children_by_key.items()
        if len(found) == 1 and len(rows_by_key[key]) == 1
    }


def _school(row: RosterRow, places: Places) -> int:
    return places.schools[row.school_udise]


def _class(row: RosterRow, places: Places) -> int:
    return places.classes[row.school_udise, row.class_name]


def _with(household_id: int | None, *rest: Hashable) -> Key:
    return None if household_id is None else (household_id, *rest)


def _name(name: str) -> str:
    return name.casefold()
