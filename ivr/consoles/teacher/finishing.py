"""When the phones of a class will have rung once: honest arithmetic before the teacher presses the button."""

from __future__ import annotations

from datetime import datetime, timedelta

from callqueue.pacing import Limits
from callqueue.windows import Window, next_open
from ptm.clock import IST

# Seconds that one call holds a line: about 20 of ringing and 58 of talking.
HOLD_S = 78


def first_pass_ends(window: Window, limits: Limits, *, calls: int, ahead: int, now: datetime) -> datetime | None:
    """Return when the last of `calls` families will have been called once; None when the round ends before.

    `ahead` counts calls of others that are due already: they go first. Hours in which nobody may be called pass by.
    """
    starts_per_s = min(limits.calls_per_second, limits.dialable_lines / HOLD_S)
    left = timedelta(seconds=(ahead + calls) / starts_per_s + HOLD_S)
    at = next_open(window, now)
    while at is not None:
        closes_at = window.hours(at.astimezone(IST).date())[1]
        if left <= closes_at - at:
            return at + left
        left -= closes_at - at
        at = next_open(window, closes_at)
    return None
