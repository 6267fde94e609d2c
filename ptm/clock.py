"""What time it is. Nothing else in the house may ask the machine."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

IST = ZoneInfo("Asia/Kolkata")


class Clock(Protocol):
    """The time in which parents live. In production it is the machine's own; a demo may run it faster."""

    def now(self) -> datetime:
        """Return the present instant, UTC-aware."""
        ...

    def stretch(self, machine_s: float) -> timedelta:
        """Return how much of this clock's time passes in `machine_s` seconds of machine time.

        Durations that belong to machines (leases, HTTP time-outs, sweeps) are configured in machine seconds and
        stretched before they are compared with instants in the database; durations that belong to people (ringing,
        waiting before the next try) are clock time as they stand.
        """
        ...

    def shrink(self, duration: timedelta) -> float:
        """Return how many seconds of machine time `duration` of this clock takes: what a loop may sleep."""
        ...


@dataclass(frozen=True)
class ScaledClock:
    """A clock that showed `anchor_at` when the machine's clock showed `anchor_wall` and runs `speed` times as fast.

    `anchor_wall` is in Unix seconds. Processes that share the three values agree on the time, even across a restart.
    """

    anchor_at: datetime
    anchor_wall: float
    speed: float

    def now(self) -> datetime:
        return self.anchor_at + timedelta(seconds=(time.time() - self.anchor_wall) * self.speed)

    def stretch(self, machine_s: float) -> timedelta:
        return timedelta(seconds=machine_s * self.speed)

    def shrink(self, duration: timedelta) -> float:
        return duration.total_seconds() / self.speed


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def stretch(self, machine_s: float) -> timedelta:
        return timedelta(seconds=machine_s)

    def shrink(self, duration: timedelta) -> float:
        return duration.total_seconds()


class ManualClock:
    """A clock that stands still until `advance` is called: for tests and for virtual time."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def now(self) -> datetime:
        return self._at

    def stretch(self, machine_s: float) -> timedelta:
        return timedelta(seconds=machine_s)

    def shrink(self, duration: timedelta) -> float:
        return duration.total_seconds()

    def advance(self, duration: timedelta) -> None:
        self._at += duration
