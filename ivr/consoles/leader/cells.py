"""Counts that name nobody: fewer than ten families are never shown, nor what would give them away."""

from __future__ import annotations

from dataclasses import dataclass

LEAST = 10


@dataclass(frozen=True)
class Cell:
    """A count as it may be shown: exactly, as under a figure, as over a figure, or not at all."""

    exactly: int | None = None
    under: int | None = None
    over: int | None = None

    @property
    def is_hidden(self) -> bool:
        return self.exactly is None and self.under is None and self.over is None


def cell(count: int, of: int) -> Cell:
    """Return how `count` families out of `of` may be shown.

    A count of nearly all gives away the few who are missing, so it is shown as "over" in the same way as a small one
    is shown as "under".
    """
    if of < LEAST:
        return Cell()
    if count < LEAST:
        return Cell(under=LEAST)
    if of - count < LEAST:
        return Cell(over=of - LEAST) if of - LEAST >= LEAST else Cell()
    return Cell(exactly=count)


def about(count: int) -> int:
    """Return a total rounded down to tens: an exact one would give away a single hidden cell."""
    return count // LEAST * LEAST
