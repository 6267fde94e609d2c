"""A clock that was set is no ground to call anybody on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from callqueue.steadiness import MOST_DRIFT, ClockWatch

BEGAN = datetime(2026, 11, 25, 4, 30, tzinfo=UTC)
WATCH = ClockWatch(BEGAN, timedelta(hours=100))


@pytest.mark.parametrize(
    ("shows", "ran", "steady"),
    [
        (timedelta(0), timedelta(0), True),
        (timedelta(hours=9), timedelta(hours=9), True),
        (timedelta(hours=9), timedelta(hours=9) + MOST_DRIFT, True),
        (timedelta(hours=8), timedelta(hours=9), False),  # set back: a window that closed would open again
        (timedelta(hours=10), timedelta(hours=9), False),  # set forward: leases would look expired
        (timedelta(hours=9), timedelta(hours=9) + 2 * MOST_DRIFT, False),
    ],
)
def test_two_clocks_must_agree_on_how_long_we_ran(shows: timedelta, ran: timedelta, steady: bool) -> None:
    assert WATCH.is_steady(BEGAN + shows, timedelta(hours=100) + ran) is steady
