from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta

from carrier.exchange.clock import ClockLoop, VirtualPace, WallPace, iso

AT = datetime(2026, 11, 25, 5, 30, tzinfo=UTC)


def test_a_night_of_virtual_time_takes_no_time() -> None:
    loop = ClockLoop(VirtualPace(), AT)
    began = time.monotonic()
    loop.run_until_complete(asyncio.sleep(8 * 3600))
    loop.close()
    assert loop.instant() == AT + timedelta(hours=8)
    assert time.monotonic() - began < 1


def test_virtual_time_stands_still_while_a_request_is_under_way() -> None:
    loop = ClockLoop(VirtualPace(), AT)

    async def request() -> float:
        loop.pace.hold()
        answer = loop.create_future()
        loop.call_later(5, lambda: None)
        timer = loop.run_in_executor(None, time.sleep, 0.02)
        timer.add_done_callback(lambda _: answer.set_result(None))
        await answer
        loop.pace.release()
        return loop.time()

    assert loop.run_until_complete(request()) == 0
    loop.run_until_complete(loop.shutdown_default_executor())
    loop.close()


def test_fast_clocks_of_two_processes_agree() -> None:
    wall = time.time() - 10
    first, second = (ClockLoop(WallPace(wall, 60), AT) for _ in range(2))
    assert abs(first.instant() - second.instant()) < timedelta(seconds=5)
    assert first.instant() >= AT + timedelta(minutes=10)
    for loop in (first, second):
        loop.close()


def test_at_sixty_times_the_pace_a_minute_lasts_a_second() -> None:
    loop = ClockLoop(WallPace(time.time(), 600), AT)
    began = time.monotonic()
    loop.run_until_complete(asyncio.sleep(60))
    loop.close()
    assert 0.09 < time.monotonic() - began < 1


def test_instants_are_written_in_utc() -> None:
    assert iso(AT) == "2026-11-25T05:30:00.000Z"
