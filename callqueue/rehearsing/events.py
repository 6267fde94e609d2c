"""What is going to happen in a rehearsal, in the order of its instants; what is expected first comes first."""

from __future__ import annotations

import heapq
from datetime import datetime
from typing import Any

DIAL, POST, END, NEWS, LOOK, RETURN = range(6)  # kinds of events

# At, order, kind, call, attempt, and what is told: by kind, the number and when it was claimed, a reaction, or nothing.
Event = tuple[datetime, int, int, int, int, Any]


class Events:
    def __init__(self) -> None:
        self._heap: list[Event] = []
        self._order = 0

    @property
    def next_at(self) -> datetime | None:
        return self._heap[0][0] if self._heap else None

    def add(self, at: datetime, kind: int, call: int, attempt: int, told: Any) -> None:
        self._order += 1
        heapq.heappush(self._heap, (at, self._order, kind, call, attempt, told))

    def take(self, until: datetime) -> Event | None:
        """Return the next event that happens by then; None when there is none."""
        return heapq.heappop(self._heap) if self._heap and self._heap[0][0] <= until else None
