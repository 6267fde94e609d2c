"""Read a class list: every row that is right, and every cell that is not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import IO

from ptm.roster.child_lines import ChildLines
from ptm.roster.crossing import Crossing
from ptm.roster.headings import SEARCHED_LINES, find_headings
from ptm.roster.opening import MAX_FILE_BYTES, open_file
from ptm.roster.problems import Problems, TooManyProblems
from ptm.roster.records import Place, Roster, RosterRow
from ptm.roster.refusals import FileRefused
from ptm.roster.table import MAX_ROWS, Line, Table


def read_roster(filename: str, source: bytes | IO[bytes], *, place: Place | None = None) -> Roster:
    """Return what the class list in `source` says. The name serves messages only; the content tells what the file is.

    `place` is the school, and perhaps the class, that the list must be of. Nothing is raised for a bad file: whatever
    is wrong with it, as a whole or in any cell, is among the problems, and then nothing of it may be imported.
    """
    reading = _Reading(place)
    try:
        # One byte more than is allowed, so that a larger file is noticed without being taken in.
        data = source if isinstance(source, bytes) else source.read(MAX_FILE_BYTES + 1)
        if filename.lower().endswith(".xlsx") and not data.startswith((b"PK", b"\xd0\xcf")):
            reading.notes.append(f"{filename} is not an Excel file, whatever its name says")
        workbook = open_file(data)
        reading.notes.extend(workbook.notes)
        for table in workbook.tables:
            reading.read(table)
        reading.finish()
    except FileRefused as refused:
        reading.problems.add_refusal(refused)
    except TooManyProblems:
        pass
    return reading.roster(filename)


class _Reading:
    """What has been gathered so far, sheet after sheet."""

    def __init__(self, place: Place | None) -> None:
        self.problems = Problems()
        self.notes: list[str] = []
        self._place = place
        self._rows: list[RosterRow] = []
        self._ignored: dict[str, None] = {}
        self._crossing = Crossing()
        self._without_headings: list[str] = []
        self._sheets_read = 0
        self._filled_lines = 0

    def read(self, table: Table) -> None:
        first = list(islice(table.lines, SEARCHED_LINES))
        headings = find_headings(first)
        if headings is None:
            if any(line.cells for line in first):
                self._without_headings.append(table.sheet)
            return
        self._sheets_read += 1
        sheet = ChildLines(self.problems, table, headings, self._place)
        self._ignored.update(dict.fromkeys(sheet.ignored()))
        self.notes += [f"the hidden column {name} was not read" for name in sheet.hidden]
        if sheet.find_missing():
            return
        below = (line for line in first if line.number > headings.row)
        for line in self._counted(chain(below, table.lines)):
            self._add(sheet.row(line))
        for merge in table.merges:
            sheet.refuse_merge(merge)

    def finish(self) -> None:
        """Add what shows only at the end."""
        if not self._sheets_read:
            raise FileRefused(
                f"no line of headings was found in the first {SEARCHED_LINES} rows",
                "put headings such as Student Name, Class and Mobile No in one line above the children",
            )
        self.notes += [f"the sheet {name!r} has no headings and was not read" for name in self._without_headings]
        self.notes += self._crossing.notes()
        for problem in self._crossing.crowds():
            self.problems.add(problem)
        if not self._rows and not self.problems:
            raise FileRefused("there are headings but no child below them", "put one child in each row")

    def roster(self, filename: str) -> Roster:
        return Roster(
            filename, tuple(self._rows), self.problems.all(), tuple(self._ignored), tuple(self.notes), self._place
        )

    def _counted(self, lines: Iterable[Line]) -> Iterator[Line]:
        for line in lines:
            if not line.cells:
                continue
            self._filled_lines += 1
            if self._filled_lines > MAX_ROWS:
                reason = f"the file has more than {MAX_ROWS:,} rows"
                raise FileRefused(reason, "split it, for instance by block", row=line.number)
            yield line

    def _add(self, row: RosterRow | None) -> None:
        if row is None:
            return
        if (problem := self._crossing.find_double(row)) is not None:
            self.problems.add(problem)
        else:
            self._rows.append(row)
