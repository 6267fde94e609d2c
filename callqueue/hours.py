"""When a family will pick up, learnt: a Beta-Bernoulli estimate per hour, with the school and the district as priors.

A household's own three dials say little, so they are read against its school's, and those against its district's:
each level is a Beta prior with the mean of the level above and the weight of so many dials. A share of the choices
explores, and an estimate never falls below a floor: a family that never picked up is still worth its next try.
"""

from __future__ import annotations

import random
from collections.abc import Callable, MutableSequence, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta

from callqueue.ladder import Again, reach_rank
from callqueue.windows import WALL_CLOSES, WALL_OPENS, Window, hour_ist, next_open
from ptm.clock import IST

# A prior weighs as many dials as this, at each step down.
SCHOOL_WEIGHT, HOUSEHOLD_WEIGHT = 20.0, 4.0
# What is known of an hour before anybody was ever called in it: one pick-up in two dials.
FIRST_ANSWERED, FIRST_DIALS = 1.0, 2.0
EXPLORE = 0.05
FLOOR = 0.05
HOUR = timedelta(hours=1)
ANSWERED = reach_rank("answered")


@dataclass(slots=True)
class Tally:
    """Dials and answers by hour of the day, IST."""

    dials: MutableSequence[int] = field(default_factory=lambda: [0] * 24)
    answered: MutableSequence[int] = field(default_factory=lambda: [0] * 24)

    def note(self, hour: int, answered: bool) -> None:
        self.dials[hour] += 1
        self.answered[hour] += answered


def is_to_choose(again: Again) -> bool:
    """Say whether the ladder leaves the hour of the retry to us: it wants another one, or another day."""
    return again.different_hour or again.wait >= timedelta(days=1)


def picked_up(outcome: str, reach: str) -> bool | None:
    """Say whether somebody picked up; None when the dial says nothing of that (busy, off, refused, never rang)."""
    if outcome in ("no_answer", "machine"):
        return False
    return True if outcome == "ended_after_answer" or reach_rank(reach) >= ANSWERED else None


def estimate(household: Tally | None, school: Tally, district: Tally, hour: int) -> float:
    """Return the chance that somebody picks up at that hour."""
    mean = (district.answered[hour] + FIRST_ANSWERED) / (district.dials[hour] + FIRST_DIALS)
    mean = (school.answered[hour] + SCHOOL_WEIGHT * mean) / (school.dials[hour] + SCHOOL_WEIGHT)
    if household is not None:
        mean = _as_own(household, mean, hour)
    return max(FLOOR, mean)


def draw(household: Tally | None, school: Tally, district: Tally, hour: int, chance: random.Random) -> float:
    """Return a chance to pick up that is as likely as what is known of the hour allows (Thompson sampling).

    Where little is known of a school or district draws differ widely, so that an hour nobody tried is tried; where
    much is known they agree. A family's own few dials are taken as they are: it has no tries to spend on our learning.
    """
    answered, dials = district.answered[hour], district.dials[hour]
    mean = chance.betavariate(answered + FIRST_ANSWERED, dials - answered + FIRST_DIALS - FIRST_ANSWERED)
    answered, dials = school.answered[hour], school.dials[hour]
    # A weight of nothing on one side would be no distribution.
    prior = min(max(mean, 0.01), 0.99) * SCHOOL_WEIGHT
    mean = chance.betavariate(answered + prior, dials - answered + SCHOOL_WEIGHT - prior)
    return max(FLOOR, mean if household is None else _as_own(household, mean, hour))


def choose_hour(
    worth: Callable[[int], float], candidates: Sequence[int], avoid: int | None, *, chance: random.Random
) -> int:
    """Return the hour to try next: the one worth most, but for the one just tried; now and then any other.

    Without another hour, the same one.
    """
    others = [hour for hour in candidates if hour != avoid] or list(candidates)
    if chance.random() < EXPLORE:
        return chance.choice(others)
    return max(others, key=worth)


def retry_at(
    window: Window, not_before: datetime, avoid: int | None, worth: Callable[[int], float], *, chance: random.Random
) -> datetime | None:
    """Return when to dial again: in the hour worth most of those that the window still holds from `not_before` on.

    Chosen hours are entered at any minute, so that not everybody who is best called at six is due at six sharp. None
    when the round is over; an hour that the round does not reach any more is never the reason for that.
    """
    hours = list(hours_of(window))
    while hours:
        hour = choose_hour(worth, hours, avoid, chance=chance)
        found = _within(window, not_before, hour, HOUR * chance.random())
        if found is not None:
            return found
        hours.remove(hour)
    return next_open(window, not_before)


def hours_of(window: Window) -> range:
    """Return the hours of the day, IST, in which the window lets some phone ring."""
    opens, closes = max(window.opens_ist, WALL_OPENS), min(window.closes_ist, WALL_CLOSES)
    return range(opens.hour, closes.hour + (closes > time(closes.hour)))


def _as_own(household: Tally, mean: float, hour: int) -> float:
    return (household.answered[hour] + HOUSEHOLD_WEIGHT * mean) / (household.dials[hour] + HOUSEHOLD_WEIGHT)


def _within(window: Window, not_before: datetime, hour: int, into: timedelta) -> datetime | None:
    """Return the first allowed instant from `not_before` on in that hour; `into` it where it is yet to begin."""
    found = next_open(window, not_before)
    if found is None or hour_ist(found) == hour:
        return found
    day = found.astimezone(IST).date() + timedelta(days=hour_ist(found) > hour)
    begins_at = datetime.combine(day, time(hour), IST).astimezone(UTC)
    for at in (begins_at + into, begins_at):
        allowed = next_open(window, at)
        if allowed is not None and hour_ist(allowed) == hour:
            return allowed
    return None
