"""A round as it is rehearsed, and how long production takes for what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from callqueue.pacing import Limits
from callqueue.rehearsing.carrier import Promises
from callqueue.windows import Window, next_open

TICK, HORIZON, LEASE, LISTING_DELAY, SWEEP = (timedelta(seconds=s) for s in (0.25, 1, 120, 15, 15))
ACTS_WITHIN = timedelta(seconds=13)  # a request's longest time: the carrier must act on it within the hours
LONGEST_CALL = timedelta(seconds=40 + 240) + LEASE
RETRY_CALLBACK = timedelta(seconds=10)
DIALS_PER_DAY = 2
# Added rather than converted to: this is asked for every event of a state.
IST = timedelta(hours=5, minutes=30)


@dataclass(frozen=True)
class Terms:
    """A round as it is rehearsed. `ladder` holds minutes by outcome; `hours` is how a retry's hour is chosen."""

    window: Window
    limits: Limits
    ladder: dict[str, float]
    tries: int = 3
    hours: str = "ladder"
    teachers_share: float = 0.02


def promises_of(terms: Terms) -> Promises:
    window, limits = terms.window, terms.limits
    days = [window.starts_on_ist + timedelta(days=day) for day in range(_length(window))]
    return Promises(
        lines=limits.dialable_lines, calls_per_second=limits.calls_per_second, opens_hour=window.opens_ist.hour,
        closes_hour=window.closes_ist.hour, days=frozenset(day for day in days if day.weekday() in window.weekdays),
        rings_per_number=terms.tries, rings_per_day=DIALS_PER_DAY,
    )  # fmt: skip


def first_open(window: Window) -> datetime:
    """Return the first instant at which anybody may be called. Raises ValueError when there is none."""
    begin = next_open(window, datetime.combine(window.starts_on_ist, time(0), UTC) - IST)
    if begin is None:
        raise ValueError("the round has no hour in which anybody may be called")
    return begin


def _length(window: Window) -> int:
    return (window.ends_on_ist - window.starts_on_ist).days + 1
