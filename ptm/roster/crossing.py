"""What only shows when rows are held against each other: children that stand twice, a number that serves too many."""

from __future__ import annotations

from collections.abc import Iterator

from ptm.roster.records import RosterRow, RowProblem

MOST_CHILDREN_OF_A_NUMBER = 8
"""Children. Above that it is the school's own number put down for everybody, and no family would be called."""


class Crossing:
    """Remembers as little of each row as it takes to recognise it again."""

    def __init__(self) -> None:
        self._by_admission: dict[tuple[str, str], RosterRow] = {}
        self._by_name: dict[tuple[str, str, str, str | None], RosterRow] = {}
        self._children: dict[str, list[RosterRow]] = {}

    def find_double(self, row: RosterRow) -> RowProblem | None:
        """Remember `row`; return the problem when the same child stands above it already."""
        admission = (row.school_udise, row.admission_no)
        if row.admission_no and (before := self._by_admission.setdefault(admission, row)) is not row:
            reason = f"admission number {row.admission_no} stands in row {before.row} already"
            return _problem(row, reason, "correct one of the two, or delete the row that is double")
        name = (row.school_udise, row.class_name, row.child_name.casefold(), row.msisdn)
        before = self._by_name.setdefault(name, row)
        if before is not row and not (row.admission_no and before.admission_no):
            return _problem(row, f"this child stands in row {before.row} already", "delete one of the two rows")
        if row.msisdn is not None:
            self._children.setdefault(row.msisdn, []).append(row)
        return None

    def crowds(self) -> Iterator[RowProblem]:
        """Yield a problem for each number that stands beside more children than a family has."""
        for children in self._children.values():
            if len(children) > MOST_CHILDREN_OF_A_NUMBER:
                rows = ", ".join(str(child.row) for child in children[:3])
                reason = f"one number stands beside {len(children)} children (rows {rows} and so on)"
                yield _problem(children[0], reason, "write each family's own number, or “no phone”")

    def notes(self) -> list[str]:
        """Return what is worth knowing but stops nothing."""
        return [
            f"rows {children[0].row} and {other.row} share a number but not a language: the first one is taken"
            for children in self._children.values()
            for other in children[1:]
            if other.language and children[0].language and other.language != children[0].language
        ]


def _problem(row: RosterRow, reason: str, mend: str) -> RowProblem:
    return RowProblem(row.row, "", "", reason, mend, row.sheet)
