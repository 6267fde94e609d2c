"""Find the line of headings in a class list, whatever stands above it and whoever named the columns."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from ptm.roster.columns import MANY, PHONES, SPELLINGS, Column
from ptm.roster.table import Line

SEARCHED_LINES = 40
"""Lines. A portal prints its crest, the school, the session and a few filters above the list."""
FEWEST_KNOWN = 2
LONGEST_HEADING = 120

_PARTS = re.compile(r"[/|()\[\]{}:\n\r]+")
_NUMBERED = re.compile(r"(.*[^0-9])([1-9])")
_NUKTAS = "\u093c\u0a3c"
# Written by one and left out by another: candrabindu and anusvara, tippi and bindi, addak, a zero for a full stop.
_SAME_SOUND = str.maketrans({"\u0901": "\u0902", "\u0a70": "\u0a02", "\u0a71": None, "\u0966": None, "\u0a66": None})


@dataclass(frozen=True, slots=True)
class Headings:
    """Where each column stands, counted from 0; `row` counts as a spreadsheet does."""

    row: int
    columns: dict[int, Column]
    texts: dict[int, str]

    def of(self, column: Column) -> list[int]:
        """Return where `column` stands, from left to right."""
        return sorted(index for index, found in self.columns.items() if found == column)

    def ignored(self) -> list[int]:
        return sorted(set(self.texts) - set(self.columns))

    def repeated(self) -> list[tuple[Column, list[int]]]:
        """Return the columns that stand twice although only one of them can be meant."""
        by_column = sorted((column, index) for index, column in self.columns.items() if column not in MANY)
        groups = [(column, [index for _, index in group]) for column, group in groupby(by_column, lambda one: one[0])]
        return [(column, indexes) for column, indexes in groups if len(indexes) > 1]


def find_headings(lines: Iterable[Line]) -> Headings | None:
    """Return the line that names most columns, the first of equals; None when no line names two."""
    best: Headings | None = None
    for line in lines:
        found = read_headings(line)
        if len(set(found.columns.values())) >= FEWEST_KNOWN and (not best or len(found.columns) > len(best.columns)):
            best = found
    return best


def read_headings(line: Line) -> Headings:
    """Return what the cells of `line` mean when they are read as headings."""
    texts = {index: " ".join(cell.split()) for index, cell in line.cells.items() if isinstance(cell, str)}
    columns = {index: column for index, text in texts.items() if (column := column_of(text)) is not None}
    return Headings(line.number, columns, texts)


def column_of(heading: str) -> Column | None:
    """Return what a heading means: as a whole, else by the first part that is known, as in `Name / ਨਾਮ`."""
    if len(heading) > LONGEST_HEADING:
        return None
    whole = _known(heading)
    return whole or next((known for part in _PARTS.split(heading) if (known := _known(part))), None)


def _known(text: str) -> Column | None:
    key = _key(text)
    if (exact := _COLUMNS.get(key)) is not None:
        return exact
    numbered = _NUMBERED.fullmatch(key)
    base = _COLUMNS.get(numbered[1]) if numbered else None
    if numbered is None or base not in PHONES:
        return None
    return Column.ALTERNATE if base is Column.MOBILE and numbered[2] != "1" else base


def _key(text: str) -> str:
    """Return `text` without what people write differently: case, spaces, signs, nukta, nasal signs, digits' script."""
    plain = unicodedata.normalize("NFKD", text).casefold().translate(_SAME_SOUND)
    return "".join(
        str(unicodedata.decimal(char)) if unicodedata.category(char) == "Nd" else char
        for char in plain
        if unicodedata.category(char)[0] in "LMN" and char not in _NUKTAS
    )


_COLUMNS = {_key(spelling): column for column, spellings in SPELLINGS.items() for spelling in spellings}
