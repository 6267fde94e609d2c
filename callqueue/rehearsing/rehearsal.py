"""Set up a rehearsal from a few figures and play it."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any

from callqueue.capacity import LINES_PER_CALL_PER_SECOND
from callqueue.pacing import Limits
from callqueue.rehearsing.course import play
from callqueue.rehearsing.families import settle
from callqueue.rehearsing.faults import named
from callqueue.rehearsing.report import report
from callqueue.rehearsing.terms import Terms
from callqueue.rehearsing.week import Week
from callqueue.windows import Window

# A Monday. Rounds have six working days a week; the hours and the ladder are those of the shipped config.toml.
BEGINS_ON = date(2026, 11, 23)
OPENS, CLOSES = time(10), time(19)
LADDER = {"busy": 15.0, "no_answer": 180.0, "switched_off": 1440.0, "carrier_failed": 10.0, "hung_up_early": 120.0}
HEADROOM = 0.05
HOURS = ("ladder", "same", "random", "learned")


def rehearse(
    *, households: int, days: int, lines: int, seed: int, faults: str | None = None, hours: str = "ladder"
) -> dict[str, Any]:
    """Play a whole round in virtual time and return its report. Raises KeyError for a fault nobody knows."""
    return report(played(households=households, days=days, lines=lines, seed=seed, faults=faults, hours=hours))


def played(
    *, households: int, days: int, lines: int, seed: int, faults: str | None = None, hours: str = "ladder"
) -> Week:
    window = Window(BEGINS_ON, _last_day(days), OPENS, CLOSES, frozenset(range(6)))
    reserved = min(lines - 1, round(lines * HEADROOM))
    limits = Limits(lines, reserved, max(1.0, lines / LINES_PER_CALL_PER_SECOND))
    terms = Terms(window, limits, LADDER, hours=hours)
    week = Week(terms, settle(households, seed), named(faults), seed)
    play(week)
    return week


def _last_day(days: int) -> date:
    """Return the day on which the last of so many working days falls."""
    weeks, rest = divmod(days - 1, 6)
    return BEGINS_ON + timedelta(days=7 * weeks + rest)
