"""A crew dials side by side, each attempt once, and one that fails stops no other."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from callqueue import dialing
from callqueue.crew import Crew
from callqueue.runtime import Runtime
from ptm.clock import ManualClock
from ptm.settings import Settings
from tests.unit.callqueue.small_carrier import SmallCarrier
from tests.unit.callqueue.village import Village


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Fast enough that nobody waits for the pace."""
    return settings.model_copy(update={"carrier": settings.carrier.model_copy(update={"calls_per_second": 1000.0})})


@pytest.fixture
def claimed(village: Village, clock: ManualClock) -> list[int]:
    for _ in range(8):
        village.family()
    village.start(village.open_round())
    clock.advance(timedelta(minutes=1))
    return village.claim()


def crew_of(runtime: Runtime, threads: int) -> Crew:
    return Crew(lambda attempt_id: dialing.dial(runtime, attempt_id), threads)


def test_dials_wait_for_the_carrier_side_by_side(village: Village, claimed: list[int], carrier: SmallCarrier) -> None:
    carrier.together = threading.Barrier(4)  # answers nobody before four have asked
    crew = crew_of(village.runtime, 4)
    crew.place(claimed)
    crew.close()
    assert len(claimed) == carrier.posts == 8
    assert {attempt.state for attempt in village.attempts()} == {"placed"}


def test_an_attempt_that_is_rung_for_again_and_again_is_dialled_once(
    village: Village, claimed: list[int], carrier: SmallCarrier
) -> None:
    crew = crew_of(village.runtime, 3)
    for _ in range(3):
        crew.place(claimed)
    crew.close()
    assert carrier.posts == 8 and set(carrier.rang.values()) == {1}


def test_a_dial_that_fails_stops_no_other(caplog: pytest.LogCaptureFixture) -> None:
    dialled: list[int] = []

    def dial(attempt_id: int) -> None:
        if attempt_id == 2:
            raise RuntimeError("the database went away")
        dialled.append(attempt_id)

    crew = Crew(dial, 1)
    crew.place([1, 2, 3])
    crew.close()
    assert dialled == [1, 3]
    assert "the dial of an attempt failed" in caplog.text


def test_nothing_queues_up_behind_threads_that_are_busy() -> None:
    begun, go_on = threading.Semaphore(0), threading.Event()

    def dial(_attempt_id: int) -> None:
        begun.release()
        go_on.wait(20)

    crew = Crew(dial, 2)
    giver = threading.Thread(target=crew.place, args=(range(3),))
    giver.start()
    assert begun.acquire(timeout=20) and begun.acquire(timeout=20)
    assert not begun.acquire(blocking=False)
    assert giver.is_alive()  # the third is still anybody's
    go_on.set()
    giver.join(20)
    assert not giver.is_alive()
    crew.close()
