"""The carrier of a rehearsal: takes dials, rings phones, and judges by its own log whether the promises were kept.

It knows nothing of calls, tries or states, and computes Indian hours by itself: it must not share a mistake with what
it judges.
"""

from __future__ import annotations

from array import array
from collections import deque
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

_SECOND = timedelta(seconds=1)
_IST = timedelta(hours=5, minutes=30)


@dataclass(frozen=True)
class Promises:
    """What a rehearsal's dialling must keep to, as plain figures."""

    lines: int
    calls_per_second: float
    opens_hour: int
    closes_hour: int
    days: frozenset[date]
    rings_per_number: int
    rings_per_day: int


@dataclass
class Broken:
    """How often each promise was broken; `checks` says how often they were looked at."""

    checks: int = 0
    twice_at_once: int = 0
    rung_twice: int = 0
    outside_window: int = 0
    above_lines: int = 0
    above_calls_per_second: int = 0
    above_cap: int = 0

    @property
    def total(self) -> int:
        return sum(value for name, value in vars(self).items() if name != "checks")


@dataclass
class Carrier:
    """Phones by index: two for each family. A dial names its call and attempt, as our callback addresses do."""

    promises: Promises
    families: int
    broken: Broken = field(default_factory=Broken)
    lines_held: int = 0
    most_lines_held: int = 0
    busiest_second: int = 0
    line_s: float = 0.0  # lines in use, times the time
    rings: int = 0

    def __post_init__(self) -> None:
        self._is_busy, self._rings, self._day, self._rings_today = (bytearray(2 * self.families) for _ in range(4))
        self._newest_attempt = array("H", bytes(2 * self.families))
        self._last_second: deque[datetime] = deque()
        self._counted_until: datetime | None = None

    def ring(self, phone: int, attempt: int, at: datetime) -> None:
        """Take one dial and look at every promise."""
        broken, promises = self.broken, self.promises
        broken.checks += 1
        self.rings += 1
        self.pass_time(at)
        broken.twice_at_once += self._is_busy[phone]
        # Attempts of one call are numbered upwards: whatever is not newer than the newest was dialled before.
        broken.rung_twice += attempt <= self._newest_attempt[phone >> 1]
        self._newest_attempt[phone >> 1] = attempt
        self._is_busy[phone] = 1
        self.lines_held += 1
        self.most_lines_held = max(self.most_lines_held, self.lines_held)
        broken.above_lines += self.lines_held > promises.lines
        self._look_at_the_clock(phone, at)
        self._look_at_the_last_second(at)

    def pass_time(self, until: datetime) -> None:
        """Count the lines in use until then."""
        if self._counted_until is not None:
            self.line_s += self.lines_held * (until - self._counted_until).total_seconds()
        self._counted_until = until

    def hang_up(self, phone: int, at: datetime) -> None:
        self.pass_time(at)
        self.broken.checks += 1
        self._is_busy[phone] = 0
        self.lines_held -= 1

    def _look_at_the_clock(self, phone: int, at: datetime) -> None:
        local = at + _IST
        promises, broken = self.promises, self.broken
        open_now = promises.opens_hour <= local.hour < promises.closes_hour and local.date() in promises.days
        broken.outside_window += not open_now
        day = local.toordinal() & 255
        if self._day[phone] != day:
            self._day[phone], self._rings_today[phone] = day, 0
        self._rings_today[phone] += 1
        self._rings[phone] += 1
        broken.above_cap += self._rings_today[phone] > promises.rings_per_day
        broken.above_cap += self._rings[phone] > promises.rings_per_number

    def _look_at_the_last_second(self, at: datetime) -> None:
        last = self._last_second
        last.append(at)
        while at - last[0] >= _SECOND:
            last.popleft()
        self.busiest_second = max(self.busiest_second, len(last))
        self.broken.above_calls_per_second += len(last) > max(1, int(self.promises.calls_per_second))
