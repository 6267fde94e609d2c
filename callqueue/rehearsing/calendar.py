"""Calls by the minute in which they are due: adding and taking cost the same for ten calls as for two million."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterable
from datetime import datetime, timedelta

MINUTE = timedelta(minutes=1)


class Calendar:
    """A queue by due time. Within a minute, first come first served; nothing is taken before it is due."""

    def __init__(self, begin: datetime) -> None:
        self._begin = begin
        self._minutes: dict[int, list[int]] = {}
        self._order: list[int] = []
        self._ready: deque[int] = deque()

    @property
    def has_ready(self) -> bool:
        return bool(self._ready)

    def add_ready(self, entries: Iterable[int]) -> None:
        self._ready.extend(entries)

    def add(self, entry: int, due_at: datetime) -> None:
        minute = -((self._begin - due_at) // MINUTE)  # rounded up
        entries = self._minutes.get(minute)
        if entries is None:
            entries = self._minutes[minute] = []
            heapq.heappush(self._order, minute)
        entries.append(entry)

    def take(self, now: datetime) -> int | None:
        """Return the entry that has been due for longest; None when none is due."""
        if self._order and self._order[0] <= (now - self._begin) // MINUTE:
            self._ready.extend(self._minutes.pop(heapq.heappop(self._order)))
        return self._ready.popleft() if self._ready else None

    def next_due(self) -> datetime | None:
        """Return when anything is due at the earliest; the beginning when something is due already."""
        if self._ready:
            return self._begin
        return self._begin + self._order[0] * MINUTE if self._order else None
