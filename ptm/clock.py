"""What time it is. Nothing else in the house may ask the machine."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

from ptm.errors import SettingsError

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


class FileClock:
    """A scaled clock whose three values stand in a JSON file, read again whenever the file changes.

    A demonstration owns the file and lets hours in which nothing happens pass at once, for all its processes together.
    """

    def __init__(self, path: Path) -> None:
        """Raises SettingsError when the file cannot be read."""
        self._path = path
        self._stamp = (0, 0)
        self._clock = self._present()

    def now(self) -> datetime:
        return self._present().now()

    def stretch(self, machine_s: float) -> timedelta:
        return self._clock.stretch(machine_s)

    def shrink(self, duration: timedelta) -> float:
        return self._clock.shrink(duration)

    def _present(self) -> ScaledClock:
        try:
            status = self._path.stat()
            stamp = (status.st_ino, status.st_mtime_ns)
            if stamp != self._stamp:
                told = json.loads(self._path.read_text("utf-8"))
                anchor_at = datetime.fromisoformat(told["anchor_at"])
                if anchor_at.tzinfo is None:
                    raise ValueError("anchor_at needs a time zone")
                self._clock = ScaledClock(anchor_at.astimezone(UTC), float(told["anchor_wall"]), float(told["speed"]))
                self._stamp = stamp
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise SettingsError(f"clock.file: {self._path}: {error}") from None
        return self._clock


def write_clock_file(path: Path, clock: ScaledClock) -> None:
    """Replace a FileClock's file as a whole."""
    told = {"anchor_at": clock.anchor_at.isoformat(), "anchor_wall": clock.anchor_wall, "speed": clock.speed}
    part = path.with_suffix(".part")
    part.write_text(json.dumps(told), "utf-8")
    part.replace(path)


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
