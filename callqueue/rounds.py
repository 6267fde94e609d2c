"""A round's row as the window and limits that the pure decisions work with."""

from __future__ import annotations

from datetime import date
from typing import Any

from callqueue.windows import Window

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def window_of(row: Any) -> Window:
    """Return the window of a round, given as a mapping of its columns."""
    return Window(
        starts_on_ist=row["starts_on_ist"],
        ends_on_ist=row["ends_on_ist"],
        opens_ist=row["opens_ist"],
        closes_ist=row["closes_ist"],
        weekdays=frozenset(WEEKDAYS.index(day) for day in row["weekdays"].split(",") if day),
        holidays=frozenset(date.fromisoformat(day) for day in row["holidays"].get("dates", [])),
        deadline_at=row.get("deadline_at"),
    )
