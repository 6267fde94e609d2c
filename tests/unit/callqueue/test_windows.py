"""When a parent may be called: a table of edges, days and zones."""

from __future__ import annotations

import os
import time as machine_time
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callqueue.windows import Window, closes_at, is_open, next_open, next_open_at_another_hour
from ptm.clock import IST

MON, TUE, WED, THU, FRI, SAT, SUN = range(7)
WORKDAYS = frozenset({MON, TUE, WED, THU, FRI, SAT})
# The 23rd of November 2026 is a Monday; the round has two weeks and one holiday.
ROUND = Window(
    starts_on_ist=date(2026, 11, 23), ends_on_ist=date(2026, 12, 5), opens_ist=time(10), closes_ist=time(19),
    weekdays=WORKDAYS, holidays=frozenset({date(2026, 11, 25)}),
)  # fmt: skip
WIDE = Window(
    starts_on_ist=date(2026, 11, 23), ends_on_ist=date(2026, 11, 29), opens_ist=time(0), closes_ist=time(23, 59),
    weekdays=frozenset(range(7)),
)  # fmt: skip


def ist(day: int, clock: str, month: int = 11) -> datetime:
    at = time.fromisoformat(clock)
    return datetime.combine(date(2026, month, day), at, IST).astimezone(UTC)


@pytest.fixture(params=["UTC", "America/New_York", "Asia/Kolkata", "Pacific/Kiritimati"])
def host_zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("TZ", request.param)
    machine_time.tzset()
    yield request.param
    monkeypatch.undo()
    os.environ.pop("TZ", None)
    machine_time.tzset()


OPEN_OR_NOT = [
    # day, time, open
    (23, "09:59:59", False),
    (23, "10:00:00", True),
    (23, "10:00:01", True),
    (23, "18:59:59", True),
    (23, "19:00:00", False),
    (23, "19:00:01", False),
    (23, "00:00:00", False),
    (23, "23:59:59", False),
    (22, "12:00:00", False),  # the day before the round
    (24, "12:00:00", True),  # Tuesday
    (25, "12:00:00", False),  # the holiday
    (26, "12:00:00", True),
    (27, "12:00:00", True),
    (28, "12:00:00", True),  # Saturday
    (29, "12:00:00", False),  # Sunday
    (30, "12:00:00", True),
]


@pytest.mark.usefixtures("host_zone")
@pytest.mark.parametrize(("day", "clock", "is_it"), OPEN_OR_NOT)
def test_a_parent_is_called_only_in_the_rounds_hours_and_days(day: int, clock: str, is_it: bool) -> None:
    assert is_open(ROUND, ist(day, clock)) is is_it


@pytest.mark.usefixtures("host_zone")
def test_the_last_day_of_the_round_is_within_and_the_next_is_not() -> None:
    assert is_open(ROUND, ist(5, "18:59:59", month=12))
    assert not is_open(ROUND, ist(7, "12:00", month=12))


@pytest.mark.parametrize(
    ("clock", "is_it"), [("08:59:59", False), ("09:00:00", True), ("20:59:59", True), ("21:00:00", False)]
)
def test_the_wall_stands_whatever_a_round_says(clock: str, is_it: bool) -> None:
    assert is_open(WIDE, ist(24, clock)) is is_it


@pytest.mark.parametrize(("weekday", "day"), [(0, 23), (1, 24), (2, 25), (3, 26), (4, 27), (5, 28), (6, 29)])
def test_each_weekday_is_its_own(weekday: int, day: int) -> None:
    window = Window(date(2026, 11, 1), date(2026, 12, 31), time(10), time(19), frozenset({weekday}))
    opens = [is_open(window, ist(other, "12:00")) for other in range(23, 30)]
    assert opens == [other == day for other in range(23, 30)]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ((23, "08:00"), (23, "10:00")),  # before the hours: at their beginning
        ((23, "10:00"), (23, "10:00")),
        ((23, "12:34:56"), (23, "12:34:56")),
        ((23, "18:59:59"), (23, "18:59:59")),
        ((23, "19:00"), (24, "10:00")),  # after them: the next morning
        ((24, "19:00"), (26, "10:00")),  # over the holiday
        ((28, "20:00"), (30, "10:00")),  # over the Sunday
        ((1, "12:00"), (23, "10:00")),  # long before the round
    ],
)
def test_the_next_open_instant(asked: tuple[int, str], found: tuple[int, str]) -> None:
    assert next_open(ROUND, ist(*asked)) == ist(*found)


def test_after_the_last_evening_there_is_no_next() -> None:
    assert next_open(ROUND, ist(5, "19:00", month=12)) is None
    assert next_open(ROUND, ist(6, "09:00", month=12)) is None


def test_a_round_without_a_callable_day_never_opens() -> None:
    assert (
        next_open(Window(date(2026, 11, 29), date(2026, 11, 29), time(10), time(19), WORKDAYS), ist(1, "00:00")) is None
    )


def test_nobody_is_called_from_the_deadline_on() -> None:
    deadline_at = ist(24, "15:00")
    window = Window(date(2026, 11, 23), date(2026, 11, 28), time(10), time(19), WORKDAYS, deadline_at=deadline_at)
    assert is_open(window, deadline_at - timedelta(seconds=1))
    assert not is_open(window, deadline_at)
    assert not is_open(window, ist(26, "12:00"))
    assert next_open(window, deadline_at) is None
    assert closes_at(window, ist(24, "12:00")) == deadline_at


@pytest.mark.parametrize(
    ("slot", "opens", "closes"),
    [
        ("morning", "10:00", "12:00"),
        ("evening", "17:00", "19:00"),
        (None, "10:00", "19:00"),
        ("noon?", "10:00", "19:00"),
    ],
)
def test_a_family_is_called_in_the_slot_it_chose(slot: str | None, opens: str, closes: str) -> None:
    window = ROUND.narrowed(slot)
    assert not is_open(window, ist(24, opens) - timedelta(seconds=1))
    assert is_open(window, ist(24, opens))
    assert is_open(window, ist(24, closes) - timedelta(seconds=1))
    assert not is_open(window, ist(24, closes))


def test_a_slot_that_the_round_never_meets_does_not_silence_the_family() -> None:
    afternoons = Window(date(2026, 11, 23), date(2026, 11, 28), time(13), time(16), WORKDAYS)
    assert afternoons.narrowed("morning") == afternoons


@pytest.mark.parametrize(
    ("asked", "avoid", "found"),
    [
        ((23, "13:10"), (23, "10:10"), (23, "13:10")),  # another hour already
        ((24, "10:00"), (23, "10:10"), (24, "11:00")),  # the same hour: the following one
        ((23, "20:30"), (23, "17:30"), (24, "10:00")),  # rolled over to the morning
        ((24, "18:30"), (23, "18:45"), (26, "10:00")),  # the following hour is closed: next day, over the holiday
    ],
)
def test_no_answer_is_tried_at_another_hour(
    asked: tuple[int, str], avoid: tuple[int, str], found: tuple[int, str]
) -> None:
    assert next_open_at_another_hour(ROUND, ist(*asked), ist(*avoid)) == ist(*found)


def test_the_same_hour_is_better_than_never() -> None:
    one_hour = Window(date(2026, 11, 23), date(2026, 11, 24), time(10), time(11), WORKDAYS)
    assert next_open_at_another_hour(one_hour, ist(23, "13:00"), ist(23, "10:20")) == ist(24, "10:00")


INSTANTS = st.datetimes(datetime(2026, 11, 1), datetime(2026, 12, 20), timezones=st.just(UTC))  # noqa: DTZ001


@given(INSTANTS, st.sampled_from([ROUND, WIDE, ROUND.narrowed("evening")]))
def test_the_next_open_instant_is_open_and_nothing_before_it_is(at: datetime, window: Window) -> None:
    found = next_open(window, at)
    if found is None:
        assert not any(is_open(window, at + timedelta(hours=hour)) for hour in range(24 * 45))
        return
    assert found >= at
    assert is_open(window, found)
    assert found == at or not is_open(window, found - timedelta(microseconds=1))
    assert closes_at(window, found) == window.hours(found.astimezone(IST).date())[1]


@given(INSTANTS)
def test_india_and_utc_agree_on_every_instant(at: datetime) -> None:
    assert at.astimezone(IST).astimezone(UTC) == at
    assert at.astimezone(IST).utcoffset() == timedelta(hours=5, minutes=30)
