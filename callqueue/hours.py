"""When a family will pick up, learnt: a Beta-Bernoulli estimate per hour, with the school and the district as priors.

A household's own three dials say little, so they are read against its school's, and those against its district's:
each level is a Beta prior with the mean of the level above and the weight of so many dials. A share of the choices
explores, and an estimate never falls below a floor: a family that never picked up is still worth its next try.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

# A prior weighs as many dials as this, at each step down.
SCHOOL_WEIGHT, HOUSEHOLD_WEIGHT = 20.0, 4.0
# What is known of an hour before anybody was ever called in it: one pick-up in two dials.
FIRST_ANSWERED, FIRST_DIALS = 1.0, 2.0
EXPLORE = 0.05
FLOOR = 0.05


@dataclass
class Tally:
    """Dials and answers by hour of the day, IST."""

    dials: list[int] = field(default_factory=lambda: [0] * 24)
    answered: list[int] = field(default_factory=lambda: [0] * 24)

    def note(self, hour: int, answered: bool) -> None:
        self.dials[hour] += 1
        self.answered[hour] += answered


def estimate(household: Tally | None, school: Tally, district: Tally, hour: int) -> float:
    """Return the chance that somebody picks up at that hour."""
    mean = (district.answered[hour] + FIRST_ANSWERED) / (district.dials[hour] + FIRST_DIALS)
    mean = (school.answered[hour] + SCHOOL_WEIGHT * mean) / (school.dials[hour] + SCHOOL_WEIGHT)
    if household is not None:
        mean = (household.answered[hour] + HOUSEHOLD_WEIGHT * mean) / (household.dials[hour] + HOUSEHOLD_WEIGHT)
    return max(FLOOR, mean)


def draw(school: Tally, district: Tally, hour: int, chance: random.Random) -> float:
    """Return a chance to pick up that is as likely as what is known of the hour allows (Thompson sampling).

    Where little is known draws differ widely, so that an hour nobody tried is tried; where much is known they agree.
    """
    answered, dials = district.answered[hour], district.dials[hour]
    mean = chance.betavariate(answered + FIRST_ANSWERED, dials - answered + FIRST_DIALS - FIRST_ANSWERED)
    answered, dials = school.answered[hour], school.dials[hour]
    # A weight of nothing on one side would be no distribution.
    prior = min(max(mean, 0.01), 0.99) * SCHOOL_WEIGHT
    return max(FLOOR, chance.betavariate(answered + prior, dials - answered + SCHOOL_WEIGHT - prior))


def choose_hour(worth: Callable[[int], float], candidates: Sequence[int], avoid: int, *, chance: random.Random) -> int:
    """Return the hour to try next: the one worth most, but for the one just tried; now and then any other.

    Without another hour, the same one.
    """
    others = [hour for hour in candidates if hour != avoid] or list(candidates)
    if chance.random() < EXPLORE:
        return chance.choice(others)
    return max(others, key=worth)
