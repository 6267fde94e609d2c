"""How fast we start and how many lines we hold: pure arithmetic, fed with what the database knows.

Two limits bind at once: calls per second and lines. In India the lines bind (calls per second = lines / 25, and the
excess is rejected, not queued), and a ringing phone holds a line as a talking one does.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

# After the carrier asked us to slow down we come back at half speed and reach the whole again in this time.
RECOVERY = timedelta(seconds=30)
# So many failures in a row are no accident of one household: stop, and ask with one call at a time.
MOST_FAILURES = 5
PROBE_EVERY = timedelta(seconds=30)


@dataclass(frozen=True)
class Limits:
    """What was bought. `reserved_lines` stay free for parents who call in."""

    lines: int
    reserved_lines: int
    calls_per_second: float

    @property
    def dialable_lines(self) -> int:
        return self.lines - self.reserved_lines

    @property
    def spacing(self) -> timedelta:
        """The time between two starts. Evenly spaced, no second anywhere holds more than the limit.

        Of a limit of 2.4 a second only 2 can start in every second: the third would exceed it in some of them.
        """
        whole = math.floor(self.calls_per_second)
        # Rounded up to what an instant can hold: a microsecond too few, a million times, would be a call too many.
        return timedelta(microseconds=math.ceil(1e6 / (whole if whole >= 1 else self.calls_per_second)))


@dataclass(frozen=True)
class Breaker:
    """What is known of the carrier's health: failures in a row; when it was given up; when one call may ask again."""

    failures: int = 0
    opened_at: datetime | None = None
    probe_at: datetime | None = None


def plan_release(limits: Limits, *, lines_held: int, waiting_starts: int, horizon_s: float) -> int:
    """Return how many calls to claim now.

    `waiting_starts` are claimed calls that have not been dialled yet; claiming more than can start within `horizon_s`
    seconds of clock time would only let leases age.
    """
    free = limits.dialable_lines - lines_held
    startable = int(limits.calls_per_second * horizon_s) + 1 - waiting_starts
    return max(0, min(free, startable))


def next_account(rooms: Mapping[str, int], limits: Mapping[str, Limits]) -> str:
    """Return the account that the next call is to be made with: the one of whose lines the largest share is free."""
    free = {account: room / limits[account].dialable_lines for account, room in rooms.items() if room > 0}
    return min(free, key=lambda account: (-free[account], account))


def next_start(
    limits: Limits, *, last_start_at: datetime | None, now: datetime, rests_until_at: datetime | None = None
) -> datetime:
    """Return when the next call may start: after the rest the carrier asked for, and never too close to the last."""
    earliest = now if rests_until_at is None else max(now, rests_until_at)
    if last_start_at is None:
        return earliest
    spaced = last_start_at + limits.spacing / _share(rests_until_at, max(earliest, last_start_at))
    return max(earliest, spaced)


def _share(rests_until_at: datetime | None, at: datetime) -> float:
    """Return the share of the full speed that is used at `at`: half just after a rest, all of it RECOVERY later."""
    if rests_until_at is None:
        return 1.0
    return min(1.0, max(0.5, 0.5 + (at - rests_until_at) / RECOVERY / 2))


def allowed_by(breaker: Breaker, now: datetime) -> int | None:
    """Return how many calls the breaker lets through now: None for any number, else none or one."""
    if breaker.opened_at is None:
        return None
    return 1 if breaker.probe_at is None or now >= breaker.probe_at else 0


def after_failure(breaker: Breaker, now: datetime) -> Breaker:
    """Return the breaker after one more failure."""
    failures = breaker.failures + 1
    if failures < MOST_FAILURES:
        return Breaker(failures, breaker.opened_at, breaker.probe_at)
    return Breaker(failures, breaker.opened_at or now, now + PROBE_EVERY)
