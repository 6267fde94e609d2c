"""When a parent may be called: pure questions about days and hours, in Indian time whatever the host's zone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from ptm.clock import IST

# Whatever a round says, no phone rings before nine in the morning or from nine in the evening on. It stands here and
# not in a setting because nobody may be able to click it away (older TRAI rule on commercial calls, 21:00 to 09:00).
WALL_OPENS, WALL_CLOSES = time(9), time(21)

# What a family means by the part of the day that it chose.
SLOTS = {"morning": (time(9), time(12)), "evening": (time(17), time(21))}

_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Window:
    """The days and hours of a round. `weekdays` counts from Monday 0; both days are within; `closes` is without.

    From `deadline_at` on nobody is called any more, whatever days are left.
    """

    starts_on_ist: date
    ends_on_ist: date
    opens_ist: time
    closes_ist: time
    weekdays: frozenset[int]
    holidays: frozenset[date] = frozenset()
    deadline_at: datetime | None = None

    def calls_on(self, day: date) -> bool:
        """Say whether any parent may be called on that day."""
        within = self.starts_on_ist <= day <= self.ends_on_ist
        return within and day.weekday() in self.weekdays and day not in self.holidays

    def hours(self, day: date) -> tuple[datetime, datetime]:
        """Return the instants between which dialling is allowed on a day: the round's hours inside the wall."""
        opens, closes = max(self.opens_ist, WALL_OPENS), min(self.closes_ist, WALL_CLOSES)
        opens_at, closes_at = (datetime.combine(day, hour, IST).astimezone(UTC) for hour in (opens, closes))
        return opens_at, closes_at if self.deadline_at is None else min(closes_at, self.deadline_at)

    def narrowed(self, slot: str | None) -> Window:
        """Return the part of the window that lies in a family's slot; the whole where slot and window never meet."""
        if slot not in SLOTS:
            return self
        opens, closes = max(self.opens_ist, SLOTS[slot][0]), min(self.closes_ist, SLOTS[slot][1])
        return replace(self, opens_ist=opens, closes_ist=closes) if opens < closes else self


def is_open(window: Window, at: datetime) -> bool:
    """Say whether a phone may start to ring at that instant."""
    return closes_at(window, at) is not None


def closes_at(window: Window, at: datetime) -> datetime | None:
    """Return when the hours that hold `at` end; None when nobody may be called at `at`."""
    day = at.astimezone(IST).date()
    opens, closes = window.hours(day)
    return closes if window.calls_on(day) and opens <= at < closes else None


def next_open(window: Window, not_before: datetime) -> datetime | None:
    """Return the first instant from `not_before` on at which dialling is allowed; None when the round is over."""
    day = max(not_before.astimezone(IST).date(), window.starts_on_ist)
    while day <= window.ends_on_ist:
        opens, closes = window.hours(day)
        if window.calls_on(day) and not_before < closes and opens < closes:
            return max(opens, not_before)
        day += timedelta(days=1)
    return None


def next_open_at_another_hour(window: Window, not_before: datetime, avoid: datetime) -> datetime | None:
    """Return the first allowed instant that is not in the same hour of the day as `avoid`.

    Whoever did not answer at ten will hardly answer at ten tomorrow. Where the window knows no other hour, the same
    hour is better than never.
    """
    first = next_open(window, not_before)
    if first is None or hour_ist(first) != hour_ist(avoid):
        return first
    next_hour = first.astimezone(IST).replace(minute=0, second=0, microsecond=0) + _HOUR
    other = next_open(window, next_hour.astimezone(UTC))
    return first if other is None or hour_ist(other) == hour_ist(avoid) else other


def hour_ist(at: datetime) -> int:
    return at.astimezone(IST).hour
