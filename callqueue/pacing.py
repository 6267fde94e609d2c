"""How fast we start and how many lines we hold: pure arithmetic, fed with what the database knows.

Two limits bind at once: calls per second and lines. In India the lines bind (calls per second = lines / 25, and the
excess is rejected, not queued), and a ringing phone holds a line as a talking one does.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Limits:
    """What was bought. `reserved_lines` stay free for parents who call in."""

    lines: int
    reserved_lines: int
    calls_per_second: float

    @property
    def dialable_lines(self) -> int:
        return self.lines - self.reserved_lines


def plan_release(limits: Limits, *, lines_held: int, waiting_starts: int, horizon_s: float) -> int:
    """Return how many calls to claim now.

    `waiting_starts` are claimed calls that have not been dialled yet; claiming more than can start within `horizon_s`
    seconds of clock time would only let leases age.
    """
    free = limits.dialable_lines - lines_held
    startable = int(limits.calls_per_second * horizon_s) + 1 - waiting_starts
    return max(0, min(free, startable))


def next_start(limits: Limits, *, last_start_at: datetime | None, now: datetime) -> datetime:
    """Return when the next call may start: evenly spaced, so that no second anywhere holds more than the limit."""
    if last_start_at is None:
        return now
    return max(now, last_start_at + timedelta(seconds=1 / limits.calls_per_second))
