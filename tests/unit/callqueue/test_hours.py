"""Learnt hours: a household's few dials are read against its school's, and those against its district's."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import partial

import pytest

from callqueue.hours import (
    EXPLORE,
    FLOOR,
    Tally,
    choose_hour,
    draw,
    estimate,
    hours_of,
    is_to_choose,
    picked_up,
    retry_at,
)
from callqueue.ladder import Again
from callqueue.rehearsing.rehearsal import played
from callqueue.windows import Window, hour_ist, is_open
from ptm.clock import IST


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
    draws = [draw(None, NOTHING, known, hour, chance) for hour in (18,) * 200]
    assert max(draws) > 0.9 > 0.1 > min(draws)
    settled = [draw(None, known, known, 10, chance) for _ in range(200)]
    assert all(seen == pytest.approx(0.4, abs=0.08) for seen in settled)


WEEK = Window(date(2026, 11, 23), date(2026, 11, 28), time(10), time(18, 30), frozenset(range(6)))
ELEVEN = datetime(2026, 11, 25, 5, 30, tzinfo=UTC)  # a Wednesday in India


def retry(window: Window, not_before: datetime, worth: Callable[[int], float], seed: int = 1) -> datetime | None:
    return retry_at(window, not_before, hour_ist(ELEVEN), worth, chance=random.Random(seed))


def test_retries_fall_anywhere_in_the_chosen_hour_and_inside_the_window() -> None:
    chosen = [retry(WEEK, ELEVEN + timedelta(hours=3), best_at_18, seed) for seed in range(200)]
    evening = [at for at in chosen if at is not None and hour_ist(at) == 18]
    assert len(evening) > 180
    assert {at.astimezone(IST).date() for at in evening} == {ELEVEN.date()}
    assert len({at.minute for at in evening}) > 10
    assert all(at is not None and is_open(WEEK, at) and at >= ELEVEN + timedelta(hours=3) for at in chosen)


def test_an_hour_that_is_over_today_is_taken_tomorrow_at_the_earliest() -> None:
    for seed in range(50):
        at = retry(WEEK, ELEVEN + timedelta(hours=3), lambda hour: 0.9 if hour == 12 else 0.1, seed)
        assert at is not None
        if hour_ist(at) == 12:
            assert at.astimezone(IST).date() == date(2026, 11, 26)


def test_the_end_of_the_round_takes_no_try_away() -> None:
    last = replace(WEEK, ends_on_ist=ELEVEN.date())
    for seed in range(50):
        at = retry(last, ELEVEN + timedelta(hours=3), lambda hour: 0.9 if hour == 12 else 0.1, seed)
        assert at is not None and 14 <= hour_ist(at) <= 18
    assert retry(last, ELEVEN + timedelta(hours=9), best_at_18) is None


def test_the_same_chance_gives_the_same_hour() -> None:
    known = tally(h14=(5, 9), h17=(7, 9))
    for seed in range(20):
        first, again = (
            retry(WEEK, ELEVEN, partial(draw_of, known, random.Random(seed)), seed) for _ in range(2)
        )  # fmt: skip
        assert first == again


def draw_of(known: Tally, chance: random.Random, hour: int) -> float:
    return draw(None, known, known, hour, chance)


def test_a_window_beyond_the_wall_has_the_walls_hours() -> None:
    assert hours_of(replace(WEEK, opens_ist=time(7), closes_ist=time(23))) == range(9, 21)
    assert hours_of(WEEK) == range(10, 19)


@pytest.mark.parametrize(
    ("outcome", "reach", "told"),
    [
        ("no_answer", "rang", False),
        ("machine", "answered", False),
        ("ended_after_answer", "unreached", True),
        ("carrier_failed", "heard", True),
        ("busy", "unreached", None),
        ("rejected", "rang", None),
        ("switched_off", "unreached", None),
        ("not_dialed", "unreached", None),
    ],
)
def test_only_a_phone_that_rang_out_or_was_answered_tells_of_the_hour(
    outcome: str, reach: str, told: bool | None
) -> None:
    assert picked_up(outcome, reach) is told


def test_the_ladder_leaves_the_hour_to_us_when_it_wants_another_one_or_another_day() -> None:
    soon = Again(timedelta(minutes=15), "try", False, False, False, "busy")
    assert not is_to_choose(soon)
    assert is_to_choose(replace(soon, different_hour=True))
    assert is_to_choose(replace(soon, wait=timedelta(days=1)))


def retries_answered(hours: str) -> float:
    """Return the share of retries after no answer that somebody picked up, in a rehearsed week."""
    tally = played(households=12_000, days=6, lines=60, seed=3, hours=hours).tally
    dials = sum(count for (_, number), count in tally.dials.items() if number > 1)
    return sum(count for (_, number), count in tally.answered.items() if number > 1) / dials


def test_learnt_hours_beat_the_same_hour_and_any_other_hour() -> None:
    same, random_hour, learnt = (retries_answered(hours) for hours in ("same", "random", "learned"))
    assert learnt / random_hour > 1.03
    assert learnt / same > 1.2
