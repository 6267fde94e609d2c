"""Learnt hours: a household's few dials are read against its school's, and those against its district's."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence

import pytest

from callqueue.hours import EXPLORE, FLOOR, Tally, choose_hour, draw, estimate
from callqueue.rehearsing.rehearsal import played


def tally(**hours: tuple[int, int]) -> Tally:
    """Return dials and answers by hour, given as h18=(answered, dials)."""
    found = Tally()
    for name, (answered, dials) in hours.items():
        hour = int(name[1:])
        found.dials[hour], found.answered[hour] = dials, answered
    return found


NOTHING = Tally()


def test_nothing_known_is_an_even_chance() -> None:
    assert estimate(None, NOTHING, NOTHING, 18) == 0.5
    assert estimate(NOTHING, NOTHING, NOTHING, 18) == 0.5


def test_the_district_speaks_where_the_school_has_no_dials() -> None:
    assert estimate(None, NOTHING, tally(h18=(700, 1000)), 18) == pytest.approx(0.7, abs=0.01)


def test_a_school_with_many_dials_outweighs_its_district() -> None:
    seen = estimate(None, tally(h18=(10, 100)), tally(h18=(700, 1000)), 18)
    assert 0.1 < seen < 0.25
    assert estimate(None, tally(h18=(1000, 10_000)), tally(h18=(700, 1000)), 18) == pytest.approx(0.1, abs=0.01)


def test_a_households_own_dials_move_the_estimate_a_little() -> None:
    school = tally(h18=(50, 100))
    never, always = tally(h18=(0, 2)), tally(h18=(2, 2))
    middle = estimate(None, school, NOTHING, 18)
    assert estimate(never, school, NOTHING, 18) < middle < estimate(always, school, NOTHING, 18)


def test_nobody_is_given_up() -> None:
    assert estimate(tally(h18=(0, 1000)), tally(h18=(0, 10_000)), tally(h18=(0, 10_000)), 18) == FLOOR


def best_at_18(hour: int) -> float:
    return 0.9 if hour == 18 else 0.1 + hour / 1000


def choices(times: int, candidates: Sequence[int], avoid: int) -> Counter[int]:
    chance = random.Random(1)
    return Counter(choose_hour(best_at_18, candidates, avoid, chance=chance) for _ in range(times))


def test_the_best_hour_is_taken_but_not_the_one_just_tried() -> None:
    assert choices(1000, range(10, 19), 11).most_common(1)[0][0] == 18
    assert choices(1000, range(10, 19), 18).most_common(1)[0][0] == 17


def test_a_share_of_choices_explores_every_other_hour() -> None:
    taken = choices(2000, range(10, 19), 18)
    assert set(taken) == set(range(10, 18))
    assert 1 - taken[17] / 2000 == pytest.approx(EXPLORE * 7 / 8, abs=0.02)


def test_without_another_hour_the_same_is_tried() -> None:
    assert choices(10, [10], 10) == {10: 10}


def test_an_hour_that_nobody_tried_is_tried() -> None:
    chance = random.Random(1)
    known = tally(h10=(400, 1000))
    draws = [draw(NOTHING, known, hour, chance) for hour in (18,) * 200]
    assert max(draws) > 0.9 > 0.1 > min(draws)
    settled = [draw(known, known, 10, chance) for _ in range(200)]
    assert all(seen == pytest.approx(0.4, abs=0.08) for seen in settled)


def retries_answered(hours: str) -> float:
    """Return the share of retries after no answer that somebody picked up, in a rehearsed week."""
    tally = played(households=12_000, days=6, lines=60, seed=3, hours=hours).tally
    dials = sum(count for (_, number), count in tally.dials.items() if number > 1)
    return sum(count for (_, number), count in tally.answered.items() if number > 1) / dials


def test_learnt_hours_beat_the_same_hour_and_any_other_hour() -> None:
    same, random_hour, learnt = (retries_answered(hours) for hours in ("same", "random", "learned"))
    assert learnt / random_hour > 1.03
    assert learnt / same > 1.2
