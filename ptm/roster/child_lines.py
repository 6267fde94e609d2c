"""From a line of one sheet to a child, or to what is wrong with the line."""

from __future__ import annotations

from collections.abc import Callable

from ptm.roster.cells import (
    is_nothing,
    parse_admission,
    parse_language,
    parse_mobile,
    parse_name,
    parse_optional_area,
    parse_optional_name,
    parse_school_name,
    parse_udise,
)
from ptm.roster.classes import parse_class, parse_section
from ptm.roster.columns import PHONES, STAND_INS, Column
from ptm.roster.headings import Headings
from ptm.roster.problems import Problems
from ptm.roster.records import Place, RosterRow, RowProblem, shown
from ptm.roster.refusals import CellRefused
from ptm.roster.table import Cell, Fault, Line, Merge, Table, column_letter

_EXAMPLES = {
    Column.CHILD: "Student Name", Column.MOBILE: "Mobile No", Column.CLASS: "Class", Column.UDISE: "UDISE Code",
}  # fmt: skip


class ChildLines:
    """One sheet: its headings, and how a line below them becomes a row."""

    def __init__(self, problems: Problems, table: Table, headings: Headings, place: Place | None) -> None:
        self._problems = problems
        self._name = table.sheet
        self._place = place
        self._found = headings
        seen = {at: column for at, column in headings.columns.items() if at not in table.hidden_columns}
        self.hidden = [headings.texts[at] for at in sorted(headings.columns.keys() - seen.keys())]
        self._headings = Headings(headings.row, seen, headings.texts)
        self._at = self._places()
        self._phones = [at for column in PHONES for at in self._headings.of(column)]
        self._line = Line(0, {})
        self._is_wrong = False

    def ignored(self) -> list[str]:
        read = {*self._at.values(), *self._phones}
        return [text for at, text in sorted(self._found.texts.items()) if at not in read and text not in self.hidden]

    def find_missing(self) -> bool:
        """Refuse a list that lacks a column, or has one twice; say whether it does."""
        before = len(self._problems)
        for column, places in self._headings.repeated():
            both = " and ".join(column_letter(at) for at in places)
            self._refuse_headings(f"columns {both} both hold the {column}", "delete or rename one of the headings")
        for column in self._missing():
            hidden = " (a hidden column is not read: show it)" if self.hidden else ""
            self._refuse_headings(
                f"there is no column for the {column}{hidden}", f"head that column {_EXAMPLES[column]}"
            )
        return len(self._problems) > before

    def row(self, line: Line) -> RosterRow | None:
        """Return the child in `line`, or None after noting what is wrong or when the line is no child's."""
        self._line, self._is_wrong = line, False
        if not self._is_child():
            return None
        if line.hidden:
            self._refuse(None, "this row is hidden", "show it, or delete it")
            return None
        numbers = self._numbers()
        found = RosterRow(
            row=line.number,
            school_udise=self._udise(),
            school_name=self._parsed(Column.SCHOOL, parse_school_name)
            or (self._place.school_name if self._place else ""),
            class_name=self._class(),
            child_name=self._required(Column.CHILD, parse_name, "write the child's name"),
            guardian_name=self._guardian(),
            msisdn=numbers[0] if numbers else None,
            alternate_msisdns=tuple(numbers[1:]),
            language=self._parsed(Column.LANGUAGE, lambda text: "" if is_nothing(text) else parse_language(text)),
            admission_no=self._parsed(Column.ADMISSION, parse_admission),
            district_name=self._parsed(Column.DISTRICT, parse_optional_area),
            block_name=self._parsed(Column.BLOCK, parse_optional_area),
            sheet=self._name,
        )
        return None if self._is_wrong else found

    def refuse_merge(self, merge: Merge) -> None:
        """Refuse merged cells among the children: all of them but the first look empty, and nobody can tell why."""
        first_row = max(merge.first_row, self._found.row + 1)
        used = [at for at in {*self._at.values(), *self._phones} if merge.first_column <= at <= merge.last_column]
        if merge.last_row < first_row or not used:
            return
        self._problems.forget(
            lambda problem: (
                problem.sheet == self._name
                and first_row <= problem.row <= merge.last_row
                and problem.column in {column_letter(at) for at in used}
            )
        )
        self._line = Line(first_row, {})
        area = (
            f"{column_letter(merge.first_column)}{merge.first_row}:{column_letter(merge.last_column)}{merge.last_row}"
        )
        self._refuse(min(used), f"the cells {area} are merged", "unmerge them and fill each cell")

    def _places(self) -> dict[Column, int]:
        """Return the one column that is read for each meaning that a list has once: the first of the best kind."""
        at = {column: places[0] for column in Column if column not in PHONES and (places := self._headings.of(column))}
        for column, stand_in in STAND_INS.items():
            instead = at.pop(stand_in, None)
            if instead is not None:
                at.setdefault(column, instead)
        return at

    def _missing(self) -> list[Column]:
        has_class = Column.CLASS in self._at or (self._place is not None and self._place.class_name)
        has_school = Column.UDISE in self._at or self._place is not None
        present = {Column.CHILD: Column.CHILD in self._at, Column.MOBILE: bool(self._phones),
                   Column.CLASS: bool(has_class), Column.UDISE: has_school}  # fmt: skip
        return [column for column, is_there in present.items() if not is_there]

    def _is_child(self) -> bool:
        """Tell a child's row from a footer, which fills one cell, and from headings printed again on each page."""
        cells = self._line.cells
        name_at = self._at[Column.CHILD]
        known = [at for at in self._headings.columns if at in cells]
        if not known or (len(cells) == 1 and known[0] not in (name_at, *self._phones)):
            return False
        return any(not _says(cells.get(at), self._found.texts[at]) for at in self._headings.columns)

    def _udise(self) -> str:
        told = self._place.udise if self._place else ""
        if Column.UDISE not in self._at:
            return told
        found = self._required(Column.UDISE, parse_udise, "write the school's eleven digits", default=told)
        if told and found and found != told:
            self._refuse(
                self._at[Column.UDISE], f"this child is not of school {told}", "import this school's list only"
            )
        return found

    def _class(self) -> str:
        told = self._place.class_name if self._place else ""
        if Column.CLASS not in self._at:
            return told
        section = self._parsed(Column.SECTION, parse_section)
        found = self._required(
            Column.CLASS, lambda text: parse_class(text, section), "write the class, for example 5A", default=told
        )
        if told and found and found != told and (section or Column.SECTION in self._at or not told.startswith(found)):
            self._refuse(self._at[Column.CLASS], f"this child is not of class {told}", "import this class's list only")
        return told or found

    def _guardian(self) -> str:
        for column in (Column.GUARDIAN, Column.FATHER, Column.MOTHER):
            if name := self._parsed(column, parse_optional_name):
                return name
        return ""

    def _numbers(self) -> list[str]:
        """Return the family's numbers in order; none when the list says that there is no phone."""
        filled = [at for at in self._phones if at in self._line.cells]
        if not filled:
            self._refuse(
                self._phones[0], "there is no number here",
                "write the family's mobile number, or “no phone” if it has none",
            )  # fmt: skip
        found = [self._value(at, parse_mobile) for at in filled]
        return list(dict.fromkeys(number for number in found if number))

    def _parsed(self, column: Column, parse: Callable[[str], str]) -> str:
        return (self._value(self._at[column], parse) or "") if column in self._at else ""

    def _required(self, column: Column, parse: Callable[[str], str], mend: str, *, default: str = "") -> str:
        at = self._at[column]
        if at not in self._line.cells and not default:
            self._refuse(at, f"the {column} is missing", mend)
        return self._value(at, parse) or default

    def _value(self, at: int, parse: Callable[[str], str | None]) -> str | None:
        cell = self._line.cells.get(at)
        if cell is None:
            return None
        if isinstance(cell, Fault):
            self._refuse(at, cell.reason, cell.mend, cell)
            return None
        try:
            return parse(cell)
        except CellRefused as refused:
            self._refuse(at, refused.reason, refused.mend, cell)
            return None

    def _refuse(self, at: int | None, reason: str, mend: str, cell: Cell = "") -> None:
        self._is_wrong = True
        text = cell.shown if isinstance(cell, Fault) else cell
        letter, heading = ("", "") if at is None else (column_letter(at), shown(self._found.texts.get(at, "")))
        self._problems.add(RowProblem(self._line.number, letter, shown(text), reason, mend, self._name, heading))

    def _refuse_headings(self, reason: str, mend: str) -> None:
        self._line = Line(self._found.row, {})
        self._refuse(None, reason, mend)


def _says(cell: Cell | None, heading: str) -> bool:
    """Say whether a cell repeats a heading."""
    return isinstance(cell, str) and " ".join(cell.split()) == heading
