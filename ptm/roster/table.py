"""A sheet of cells, wherever it came from: what the readers of text files and workbooks agree on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

MAX_COLUMNS = 256
MAX_ROWS = 200_000
"""Rows with something in them, per file. The largest district of Punjab has about as many children."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A cell without a usable value: a formula never worked out, an error, a date."""

    shown: str
    reason: str
    mend: str


Cell = str | Fault
"""Text is trimmed and not empty: a cell with nothing in it is left out of its line."""


@dataclass(slots=True)
class Line:
    number: int
    cells: dict[int, Cell]
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Merge:
    """A block of merged cells; rows count from 1, columns from 0, both ends included."""

    first_row: int
    first_column: int
    last_row: int
    last_column: int


@dataclass(slots=True)
class Table:
    """`merges` and `hidden_columns` are whole only when `lines` has been read to its end."""

    lines: Iterator[Line]
    sheet: str = ""
    merges: list[Merge] = field(default_factory=list)
    hidden_columns: set[int] = field(default_factory=set)


def column_letter(index: int) -> str:
    """Return the name a spreadsheet gives to column `index`, counted from 0: A, B, ... Z, AA."""
    letters = ""
    number = index + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
