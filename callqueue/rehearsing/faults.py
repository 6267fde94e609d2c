"""What goes wrong in a rehearsal, by name. Shares are of dials or callbacks; hours count from the first open hour."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import timedelta

Spans = tuple[tuple[timedelta, timedelta], ...]
HOUR, MINUTE, DAY = timedelta(hours=1), timedelta(minutes=1), timedelta(days=1)


@dataclass(frozen=True)
class Faults:
    """Nothing by default."""

    lost: float = 0.0  # the hang-up's callback never comes
    late: float = 0.0  # it comes up to an hour later
    duplicate: float = 0.0  # it comes twice
    reordered: float = 0.0  # it overtakes the news of what was heard
    accept_then_500: float = 0.0  # the carrier takes the dial and answers 500
    timeout: float = 0.0  # no answer, and the carrier never had it
    killed_before: float = 0.0  # the worker dies between claim and POST
    killed_after: float = 0.0  # the worker dies between POST and commit
    throttled: Spans = ()  # the carrier answers 429
    outage: Spans = ()  # the carrier cannot be reached at all
    redis_emptied: Spans = ()  # at the beginning of each span all bells are lost
    database_away: Spans = ()  # nothing can be claimed or written
    clock_steps: Spans = ()  # our clock is set back by an hour
    ahead: bool = False  # ... or set forward instead


def _daily(at: timedelta, length: timedelta, days: int = 6) -> Spans:
    return tuple((day * DAY + at, day * DAY + at + length) for day in range(days))


NAMES = {
    "lost": Faults(lost=0.03),
    "late": Faults(late=0.05),
    "duplicate": Faults(duplicate=0.3),
    "reordered": Faults(reordered=0.1),
    "throttled": Faults(throttled=_daily(1 * HOUR, 10 * MINUTE) + _daily(5 * HOUR, 10 * MINUTE)),
    "accept-then-500": Faults(accept_then_500=0.05),
    "timeout": Faults(timeout=0.05),
    "outage": Faults(outage=((DAY + 2 * HOUR, DAY + 3 * HOUR),)),
    "killed": Faults(killed_before=0.02, killed_after=0.02),
    "redis": Faults(redis_emptied=_daily(2 * HOUR, MINUTE)),
    "database": Faults(database_away=_daily(3 * HOUR, MINUTE)),
    "clock-back": Faults(clock_steps=((8 * HOUR + 50 * MINUTE, 10 * HOUR),)),
    "clock-ahead": Faults(clock_steps=((DAY - 30 * MINUTE, DAY + 10 * MINUTE),), ahead=True),
}


def named(name: str | None) -> Faults:
    """Return the faults of that name, all of them at once for `all`. Raises KeyError."""
    if name is None:
        return Faults()
    if name != "all":
        return NAMES[name]
    together = Faults()
    for fault in NAMES.values():
        changed = {item.name: getattr(fault, item.name) for item in fields(Faults) if getattr(fault, item.name)}
        together = replace(together, **{key: value for key, value in changed.items() if key != "clock_steps"})
    return replace(together, clock_steps=NAMES["clock-back"].clock_steps, ahead=False)
