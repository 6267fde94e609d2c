"""Read text files: comma, semicolon, tab or bar between the cells."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from itertools import islice

from ptm.roster.encoding import encoding_of
from ptm.roster.headings import SEARCHED_LINES, find_headings
from ptm.roster.refusals import FileRefused
from ptm.roster.table import MAX_COLUMNS, Cell, Line, Table

DELIMITERS = (",", "\t", ";", "|")
MAX_LINE_CHARS = 200_000
MAX_BREAKS_IN_CELL = 6
"""Line breaks. An address has up to five; more is a quotation mark that somebody forgot to close."""

_END = "\x1eend of file"
_EXCEL_TEXT = re.compile(r'="([^"]*)"')
_CLOSE_QUOTE = "close the quotation mark, or delete it"


def open_text(data: bytes) -> Table:
    """Return the one table of a text file. Raises FileRefused, at once or while its lines are read."""
    encoding = encoding_of(data)
    best = max(DELIMITERS, key=lambda delimiter: _score(data, encoding, delimiter))
    return Table(_lines(data, encoding, best))


def _score(data: bytes, encoding: str, delimiter: str) -> int:
    """Count how many columns can be recognised when the file is cut at `delimiter`."""
    try:
        found = find_headings(list(islice(_lines(data, encoding, delimiter), SEARCHED_LINES)))
    except FileRefused:
        return 0
    return len(found.columns) if found else 0


def _lines(data: bytes, encoding: str, delimiter: str) -> Iterator[Line]:
    number = 0
    reader = csv.reader(_physical_lines(data, encoding), delimiter=delimiter)
    try:
        for number, values in enumerate(reader, start=1):
            if values == [_END]:
                return
            yield _line(number, values, delimiter)
    except csv.Error:
        number += 1
    # The last line was swallowed by a cell, so a quotation mark is still open.
    raise FileRefused(f"a quotation mark opened in row {number} is never closed", _CLOSE_QUOTE, row=number)


def _physical_lines(data: bytes, encoding: str) -> Iterator[str]:
    text = io.TextIOWrapper(io.BytesIO(data), encoding=encoding, newline="")
    for number, line in enumerate(iter(lambda: text.readline(MAX_LINE_CHARS), ""), start=1):
        if len(line) >= MAX_LINE_CHARS:
            raise FileRefused(
                f"line {number} is longer than {MAX_LINE_CHARS:,} letters", "export the list again", row=number
            )
        yield line
    yield "\n"  # the last line may not be finished; an empty one does no harm
    yield _END


def _line(number: int, values: list[str], delimiter: str) -> Line:
    if len(values) > MAX_COLUMNS:
        reason = f"row {number} has {len(values):,} columns, at most {MAX_COLUMNS} are read"
        raise FileRefused(reason, "keep the columns of the class list only", row=number)
    cells: dict[int, Cell] = {}
    for index, value in enumerate(values):
        if text := value.strip():
            _refuse_swallowed_rows(number, text, delimiter)
            if unquoted := _without_excel_quotes(text):
                cells[index] = unquoted
    return Line(number, cells)


def _refuse_swallowed_rows(number: int, text: str, delimiter: str) -> None:
    """A forgotten quotation mark must not make children vanish inside somebody's remarks."""
    breaks = text.count("\n") + text.count("\r")
    if breaks > MAX_BREAKS_IN_CELL or (breaks and text.count(delimiter) > 2 * breaks):
        reason = f"a quotation mark in row {number} swallows the rows after it"
        raise FileRefused(reason, _CLOSE_QUOTE, row=number)


def _without_excel_quotes(text: str) -> str:
    """Portals write `="00123"` to keep a spreadsheet from eating zeros: a way of quoting, not a formula."""
    quoted = _EXCEL_TEXT.fullmatch(text)
    return quoted[1].strip() if quoted else text
