"""The one row at which diallers queue: a start that nobody can use is shown and not taken."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import insert, select

from callqueue import pace
from callqueue.pacing import Limits
from callqueue.runtime import Runtime
from ptm.accounts import MAIN_ACCOUNT
from ptm.clock import ManualClock
from ptm.models import Pace

TWO_A_SECOND = Limits(lines=50, reserved_lines=5, calls_per_second=2.0)


def take(runtime: Runtime, clock: ManualClock, seconds: float) -> float:
    """Ask for a start that is of use within so many seconds; return in how many it is."""
    now = clock.now()
    with runtime.database.writing() as tx:
        starts_at = pace.take_start(tx, TWO_A_SECOND, now, now + timedelta(seconds=seconds))
    return (starts_at - now).total_seconds()


def last_start_s(runtime: Runtime, clock: ManualClock) -> float:
    with runtime.database.reading() as tx:
        last = tx.scalar(select(Pace.last_start_at))
    assert last is not None
    return (last - clock.now()).total_seconds()


def test_a_row_that_reaches_far_ahead_is_not_pushed_further_by_who_cannot_wait(
    runtime: Runtime, clock: ManualClock
) -> None:
    with runtime.database.writing() as tx:
        ahead = clock.now() + timedelta(seconds=60)
        tx.execute(insert(Pace).values(account=MAIN_ACCOUNT, failures=0, last_start_at=ahead))
    assert [take(runtime, clock, 30) for _ in range(20)] == [60.5] * 20
    assert last_start_s(runtime, clock) == 60
    # As time passes it comes within reach, and then it is taken.
    clock.advance(timedelta(seconds=40))
    assert [take(runtime, clock, 30) for _ in range(3)] == [20.5, 21.0, 21.5]
    assert last_start_s(runtime, clock) == 21.5


def test_the_first_start_of_all_is_now(runtime: Runtime, clock: ManualClock) -> None:
    assert [take(runtime, clock, 30) for _ in range(3)] == [0.0, 0.5, 1.0]
