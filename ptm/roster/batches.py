"""Ask the database about many things a few hundred at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")

PER_QUERY = 500
"""Parameters of one query. SQLite allows 32,766, but a plan for that many takes longer than it saves."""


def in_batches(things: Iterable[T]) -> Iterator[list[T]]:
    """Yield `things` in lists short enough to stand in one query."""
    rest = iter(things)
    while batch := list(islice(rest, PER_QUERY)):
        yield batch
