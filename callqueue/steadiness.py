"""Whether the machine's clock can be trusted: a clock that was set is no ground to call anybody on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

# Ordinary corrections move a clock by milliseconds; what moves it by more could open a window that is closed.
MOST_DRIFT = timedelta(seconds=30)


@dataclass(frozen=True)
class ClockWatch:
    """What the machine's clock and its monotonic clock showed when the process began."""

    began_at: datetime
    began: timedelta

    def is_steady(self, now: datetime, elapsed: timedelta) -> bool:
        """Say whether both clocks agree on how long the process has run. A clock set back later is trusted again."""
        return abs((now - self.began_at) - (elapsed - self.began)) <= MOST_DRIFT
