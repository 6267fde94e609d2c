"""Read one sheet of a workbook row by row, holding one row at a time."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import IO

from ptm.roster.markup import DAMAGED, SAVE_AGAIN, feed, local
from ptm.roster.refusals import FileRefused
from ptm.roster.table import MAX_COLUMNS, Cell, Fault, Line, Merge, Table

MAX_CELL_CHARS = 32_767
"""Excel's own limit."""
MAX_CELLS_IN_ROW = 1_024
"""Cells of a row, empty ones that only carry a colour included."""
LAST_ROW = 1_048_576
MAX_MERGES = 50_000

_REFERENCE = re.compile("([A-Z]{1,3})([0-9]{1,7})")
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_EXACT_BELOW = 10.0**15
_LAST_DAY = 2_958_465
_DAY_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001  (a day on paper, not an instant)

_AS_VALUES = "copy the column and paste it as values"


class SheetReader:
    """Turns the XML of one sheet into lines. `texts` and `dates` come from the workbook."""

    def __init__(self, stream: IO[bytes], texts: list[str], dates: frozenset[int]) -> None:
        self._stream = stream
        self._texts = texts
        self._dates = dates
        self._done: list[Line] = []
        self._line = Line(0, {})
        self._column = -1
        self._cells_in_row = 0
        self._attributes: dict[str, str] = {}
        self._has_formula = False
        self._in_cell = self._in_hint = self._collecting = False
        self._pieces: list[str] = []
        self._length = 0
        self._columns: dict[str, int] = {}

    def table(self, name: str) -> Table:
        """Return the sheet as a table whose lines are read as they are asked for."""
        self._table = Table(self._lines(), name)
        return self._table

    def _lines(self) -> Iterator[Line]:
        for _ in feed(self._stream, start=self._start, end=self._end, text=self._text):
            yield from self._done
            self._done.clear()

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag = local(name) if ":" in name else name
        if tag == "c":
            self._start_cell(attributes)
        elif tag in ("v", "t"):
            self._collecting = self._in_cell and not self._in_hint
        elif tag == "f":
            self._has_formula = True
        elif tag == "row":
            self._start_row(attributes)
        elif tag == "rPh":
            self._in_hint = True
        elif tag == "col":
            self._note_column(attributes)
        elif tag == "mergeCell":
            self._note_merge(attributes.get("ref", ""))

    def _end(self, name: str) -> None:
        tag = local(name) if ":" in name else name
        if tag in ("v", "t"):
            self._collecting = False
        elif tag == "c":
            self._end_cell()
        elif tag == "row":
            self._done.append(self._line)
        elif tag == "rPh":
            self._in_hint = False

    def _text(self, piece: str) -> None:
        if self._collecting:
            self._length += len(piece)
            if self._length > MAX_CELL_CHARS:
                raise FileRefused(DAMAGED, SAVE_AGAIN, row=self._line.number)
            self._pieces.append(piece)

    def _start_row(self, attributes: dict[str, str]) -> None:
        number = _whole(attributes.get("r", str(self._line.number + 1)))
        if not self._line.number < number <= LAST_ROW:
            raise FileRefused(DAMAGED, SAVE_AGAIN, row=self._line.number)
        self._line = Line(number, {}, hidden=attributes.get("hidden", "0") in ("1", "true"))
        self._column, self._cells_in_row = -1, 0

    def _start_cell(self, attributes: dict[str, str]) -> None:
        self._cells_in_row += 1
        if self._cells_in_row > MAX_CELLS_IN_ROW:
            raise _too_many_columns(self._line.number)
        reference = attributes.get("r")
        self._column = self._column_of(reference) if reference else self._column + 1
        self._attributes = attributes
        self._in_cell, self._has_formula = True, False
        self._pieces, self._length = [], 0

    def _end_cell(self) -> None:
        self._in_cell = False
        value = self._value("".join(self._pieces))
        if value is None:
            return
        if self._column >= MAX_COLUMNS:
            raise _too_many_columns(self._line.number)
        self._line.cells[self._column] = value

    def _column_of(self, reference: str) -> int:
        letters = reference.rstrip("0123456789")
        column = self._columns.get(letters)
        if column is None:
            column = self._columns[letters] = _column_index(letters)
        return column

    def _value(self, raw: str) -> Cell | None:
        kind = self._attributes.get("t", "n")
        if kind == "s":
            return self._shared(raw)
        if kind == "n":
            return self._number(raw.strip()) if raw.strip() else self._nothing()
        if kind == "e":
            return Fault(raw[:40], "the spreadsheet shows an error here", "type the value")
        text = _unescaped(raw).strip()
        return text or self._nothing()

    def _nothing(self) -> Fault | None:
        if not self._has_formula:
            return None
        return Fault("", "this is a formula that was never worked out", f"open the file in Excel, or {_AS_VALUES}")

    def _shared(self, raw: str) -> str | None:
        at = _whole(raw.strip())
        if at >= len(self._texts):
            raise FileRefused(DAMAGED, SAVE_AGAIN, row=self._line.number)
        return _unescaped(self._texts[at]).strip() or None

    def _number(self, raw: str) -> Cell:
        """Return a stored number as a person would write it: 9814012345, however the program spelt it.

        What is stored is exact, so unlike the text 9.81401E+09 it has lost nothing.
        """
        try:
            number = float(raw)
        except ValueError:
            raise FileRefused(DAMAGED, SAVE_AGAIN, row=self._line.number) from None
        if not math.isfinite(number):
            raise FileRefused(DAMAGED, SAVE_AGAIN, row=self._line.number)
        if _whole(self._attributes.get("s", "0")) in self._dates and 0 <= number <= _LAST_DAY:
            day = _DAY_ZERO + timedelta(days=number)
            return Fault(f"{day:%d-%m-%Y}", "the spreadsheet has made a date of this", "format the column as text")
        if number.is_integer() and abs(number) < _EXACT_BELOW:
            return str(int(number))
        return raw

    def _note_column(self, attributes: dict[str, str]) -> None:
        if attributes.get("hidden", "0") in ("1", "true"):
            first, last = _whole(attributes.get("min", "1")), _whole(attributes.get("max", "1"))
            self._table.hidden_columns.update(range(first - 1, min(last, MAX_COLUMNS)))

    def _note_merge(self, reference: str) -> None:
        first, _, last = reference.partition(":")
        start, end = _REFERENCE.fullmatch(first), _REFERENCE.fullmatch(last)
        if start is None or end is None or len(self._table.merges) >= MAX_MERGES:
            raise FileRefused(DAMAGED, SAVE_AGAIN)
        self._table.merges.append(Merge(int(start[2]), _column_index(start[1]), int(end[2]), _column_index(end[1])))


def _too_many_columns(row: int) -> FileRefused:
    reason = f"row {row} has too many columns, at most {MAX_COLUMNS} are read"
    return FileRefused(reason, "keep the columns of the class list only", row=row)


def _whole(text: str) -> int:
    if text.isascii() and text.isdigit() and len(text) < 10:
        return int(text)
    raise FileRefused(DAMAGED, SAVE_AGAIN)


def _column_index(letters: str) -> int:
    index = 0
    if not (letters.isascii() and letters.isalpha() and len(letters) <= 3):
        raise FileRefused(DAMAGED, SAVE_AGAIN)
    for letter in letters.upper():
        index = index * 26 + ord(letter) - ord("A") + 1
    return index - 1


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text
