"""How fast we start and how many lines we hold: never above the limits, and not far below them."""

from __future__ import annotations

import itertools
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callqueue.pacing import (
    MOST_FAILURES,
    PROBE_EVERY,
    RECOVERY,
    Breaker,
    Limits,
    after_failure,
    allowed_by,
    next_account,
    next_start,
    plan_release,
)

NOW = datetime(2026, 11, 25, 5, 30, tzinfo=UTC)
SECOND = timedelta(seconds=1)
SMALL = Limits(lines=50, reserved_lines=5, calls_per_second=2.0)


def starts(limits: Limits, count: int, now: datetime = NOW, rests_until_at: datetime | None = None) -> list[datetime]:
    """Return the starts of diallers that are always ready."""
    found: list[datetime] = []
    last = None
    for _ in range(count):
        last = next_start(limits, last_start_at=last, now=now, rests_until_at=rests_until_at)
        found.append(last)
    return found


def most_in_any_second(found: list[datetime]) -> int:
    most = first = 0
    for last, at in enumerate(found):
        while at - found[first] >= SECOND:
            first += 1
        most = max(most, last - first + 1)
    return most


@pytest.mark.parametrize("calls_per_second", [0.5, 1, 2, 2.4, 3, 7, 19, 36, 40])
def test_no_one_second_window_holds_more_than_the_limit(calls_per_second: float) -> None:
    found = starts(Limits(2_000, 0, calls_per_second), 2_000)
    assert most_in_any_second(found) <= max(1, int(calls_per_second))


@given(
    st.floats(0.2, 60),
    st.lists(st.integers(0, 3_000_000), min_size=1, max_size=60),
)
def test_no_window_is_exceeded_whenever_diallers_come(calls_per_second: float, gaps_us: list[int]) -> None:
    limits = Limits(2_000, 0, calls_per_second)
    now, last, found = NOW, None, []
    for gap in gaps_us:
        now += timedelta(microseconds=gap)
        last = next_start(limits, last_start_at=last, now=now)
        assert last >= now
        found.append(last)
    assert most_in_any_second(found) <= max(1, int(calls_per_second))


@pytest.mark.parametrize("calls_per_second", [1, 2, 7, 19, 36])
def test_ten_hours_use_at_least_98_percent_of_the_calls_per_second(calls_per_second: int) -> None:
    hours = 10 * 3600
    found = starts(Limits(2_000, 0, calls_per_second), calls_per_second * hours)
    used = calls_per_second * hours / ((found[-1] - NOW).total_seconds() + 1 / calls_per_second)
    assert used / calls_per_second >= 0.98
    assert most_in_any_second(found) <= calls_per_second


@pytest.mark.parametrize(
    ("held", "waiting", "horizon_s", "room"),
    [
        (0, 0, 1.0, 3),
        (0, 2, 1.0, 1),
        (0, 3, 1.0, 0),
        (44, 0, 1.0, 1),  # one dialable line is left
        (45, 0, 1.0, 0),  # five lines stay free for parents who call in
        (50, 0, 1.0, 0),
        (60, 0, 1.0, 0),  # more than were bought: never negative
        (0, 0, 60.0, 45),
    ],
)
def test_claims_stay_within_lines_and_what_can_start_soon(held: int, waiting: int, horizon_s: float, room: int) -> None:
    assert plan_release(SMALL, lines_held=held, waiting_starts=waiting, horizon_s=horizon_s) == room


def test_nothing_starts_while_the_carrier_rests_and_then_at_half_speed() -> None:
    found = starts(SMALL, 200, rests_until_at=NOW + 10 * SECOND)
    assert found[0] == NOW + 10 * SECOND
    assert found[1] - found[0] == SECOND  # half of two calls a second
    late = [at for at in found if at >= NOW + 10 * SECOND + RECOVERY]
    assert late[1] - late[0] == SMALL.spacing  # the whole speed again after half a minute
    gaps = [later - earlier for earlier, later in itertools.pairwise(found)]
    assert all(gap >= SMALL.spacing for gap in gaps)


def test_a_rest_that_is_long_over_slows_nobody() -> None:
    found = starts(SMALL, 3, rests_until_at=NOW - timedelta(hours=1))
    assert found == [NOW, NOW + SMALL.spacing, NOW + 2 * SMALL.spacing]


def failing(times: int, breaker: Breaker | None = None) -> Breaker:
    breaker = breaker or Breaker()
    for _ in range(times):
        breaker = after_failure(breaker, NOW)
    return breaker


def test_some_failures_are_no_storm() -> None:
    assert allowed_by(failing(MOST_FAILURES - 1), NOW) is None


def test_a_storm_opens_the_breaker_and_one_call_at_a_time_asks() -> None:
    storm = failing(MOST_FAILURES)
    assert storm.opened_at == NOW
    assert allowed_by(storm, NOW) == 0
    assert allowed_by(storm, NOW + PROBE_EVERY - SECOND) == 0
    assert allowed_by(storm, NOW + PROBE_EVERY) == 1


def test_a_failed_probe_waits_again_and_the_storm_keeps_its_beginning() -> None:
    later = NOW + PROBE_EVERY
    storm = after_failure(failing(MOST_FAILURES), later)
    assert storm.opened_at == NOW
    assert allowed_by(storm, later) == 0
    assert allowed_by(storm, later + PROBE_EVERY) == 1


def test_the_account_with_the_largest_share_free_takes_the_next_call() -> None:
    limits = {"main": Limits(100, 0, 4), "north": Limits(50, 0, 2)}
    rooms = {"main": 60, "north": 30}
    dealt: Counter[str] = Counter()
    while any(rooms.values()):
        account = next_account(rooms, limits)
        rooms[account] -= 1
        dealt[account] += 1
        if dealt.total() == 30:
            assert dealt == {"main": 20, "north": 10}
    assert dealt == {"main": 60, "north": 30}


def test_an_account_without_room_takes_none() -> None:
    assert next_account({"main": 0, "north": 1}, {"main": Limits(100, 0, 4), "north": Limits(50, 0, 2)}) == "north"
