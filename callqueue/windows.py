"""When a parent may be called: pure questions about days and hours, in Indian time whatever the host's zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from ptm.clock import IST

# Whatever a round says, no phone rings before nine in the morning or from nine in the evening on. It stands here and
# not in a setting because nobody may be able to click it away (older TRAI rule on commercial calls, 21:00 to 09:00).
WALL_OPENS, WALL_CLOSES = time(9), time(21)


@dataclass(frozen=True)
class Window:
    """The days and hours of a round. `weekdays` counts from Monday 0; both days are within; `closes` is without."""

    starts_on_ist: date
    ends_on_ist: date
    opens_ist: time
    closes_ist: time
    weekdays: frozenset[int]
    holidays: frozenset[date] = frozenset()

    def calls_on(self, day: date) -> bool:
        """Say whether any parent may be called on that day."""
        within = self.starts_on_ist <= day <= self.ends_on_ist
        return within and day.weekday() in self.weekdays and day not in self.holidays

    def hours(self, day: date) -> tuple[datetime, datetime]:
        """Return the instants between which dialling is allowed on a day: the round's hours inside the wall."""
        opens, closes = max(self.opens_ist, WALL_OPENS), min(self.closes_ist, WALL_CLOSES)
        return tuple(datetime.combine(day, hour, IST).astimezone(UTC) for hour in (opens, closes))  # type: ignore[return-value]


def is_open(window: Window, at: datetime) -> bool:
    """Say whether a phone may start to ring at that instant."""
    day = at.astimezone(IST).date()
    opens_at, closes_at = window.hours(day)
    return window.calls_on(day) and opens_at <= at < closes_at


def next_open(window: Window, not_before: datetime) -> datetime | None:
    """Return the first instant from `not_before` on at which dialling is allowed; None when the round is over."""
    day = max(not_before.astimezone(IST).date(), window.starts_on_ist)
    while day <= window.ends_on_ist:
        opens_at, closes_at = window.hours(day)
        if window.calls_on(day) and not_before < closes_at and opens_at < closes_at:
            return max(opens_at, not_before)
        day += timedelta(days=1)
    return None
