"""Print rows in columns, whatever script stands in them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

GAP = "  "


def table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return lines of columns as wide as what stands in them; the last column runs as far as it needs."""
    lines = [[str(cell) for cell in row] for row in (headings, *rows)]
    widths = [max(map(width, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        GAP.join(cell + " " * (wide - width(cell)) for cell, wide in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def width(text: str) -> int:
    """Return how many places `text` takes on a terminal: marks sit on the letter before them."""
    return sum(_places(char) for char in text)


def _places(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in ("W", "F") else 1
