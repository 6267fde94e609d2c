"""When all phones of a class will have rung once: honest about lines, hours and who is ahead."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from callqueue.pacing import Limits
from callqueue.windows import Window
from ivr.consoles.teacher.finishing import HOLD_S, first_pass_ends

# A Wednesday, eleven in the morning in India; calls are made from ten to seven.
NOW = datetime(2026, 11, 25, 5, 30, tzinfo=UTC)
CLOSES_AT = datetime(2026, 11, 25, 13, 30, tzinfo=UTC)
WINDOW = Window(
    starts_on_ist=date(2026, 11, 25), ends_on_ist=date(2026, 11, 27), opens_ist=time(10), closes_ist=time(19),
    weekdays=frozenset(range(6)), holidays=frozenset(),
)  # fmt: skip
MANY_LINES = Limits(1000, 5, 2.0)
ONE_LINE = Limits(1, 0, 2.0)


def test_with_lines_enough_the_starts_a_second_decide() -> None:
    assert first_pass_ends(WINDOW, MANY_LINES, calls=40, ahead=0, now=NOW) == NOW + timedelta(seconds=20 + HOLD_S)


def test_with_one_line_each_call_waits_for_the_one_before() -> None:
    assert first_pass_ends(WINDOW, ONE_LINE, calls=40, ahead=0, now=NOW) == NOW + timedelta(seconds=41 * HOLD_S)


def test_calls_of_others_that_are_due_already_go_first() -> None:
    alone = first_pass_ends(WINDOW, MANY_LINES, calls=40, ahead=0, now=NOW)
    behind = first_pass_ends(WINDOW, MANY_LINES, calls=40, ahead=600, now=NOW)
    assert alone is not None
    assert behind == alone + timedelta(seconds=300)


def test_what_does_not_fit_before_closing_time_goes_on_the_next_morning() -> None:
    ends_at = first_pass_ends(WINDOW, ONE_LINE, calls=40, ahead=0, now=CLOSES_AT - timedelta(minutes=10))
    next_morning = datetime(2026, 11, 26, 4, 30, tzinfo=UTC)
    assert ends_at == next_morning + timedelta(seconds=41 * HOLD_S) - timedelta(minutes=10)


def test_before_the_round_the_phones_wait_for_its_first_morning() -> None:
    ends_at = first_pass_ends(WINDOW, MANY_LINES, calls=2, ahead=0, now=NOW - timedelta(days=1))
    assert ends_at == datetime(2026, 11, 25, 4, 30, tzinfo=UTC) + timedelta(seconds=1 + HOLD_S)


def test_what_does_not_fit_before_the_round_ends_has_no_end() -> None:
    assert first_pass_ends(WINDOW, ONE_LINE, calls=100_000, ahead=0, now=NOW) is None
    assert first_pass_ends(WINDOW, MANY_LINES, calls=1, ahead=0, now=NOW + timedelta(days=9)) is None
