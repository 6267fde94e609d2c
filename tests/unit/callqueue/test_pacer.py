"""The pacer's loop: it claims, rings and sweeps until it is told to stop, and waits for a database that is away."""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from callqueue import pacer
from callqueue.runtime import Runtime
from ptm.clock import ManualClock
from ptm.models import Attempt
from tests.unit.callqueue.small_carrier import wait_until
from tests.unit.callqueue.village import Village


@pytest.fixture
def stops() -> Iterator[threading.Event]:
    """Sends SIGTERM to the loop as soon as the event is set, and puts the handlers back afterwards."""
    done, gave_up = threading.Event(), threading.Event()
    before = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)]

    def end() -> None:
        done.wait(30)
        if not gave_up.is_set():  # else no loop is there to take the signal
            os.kill(os.getpid(), signal.SIGTERM)

    thread = threading.Thread(target=end)
    thread.start()
    yield done
    if not done.is_set():
        gave_up.set()
        done.set()
    thread.join()
    for number, handler in zip((signal.SIGTERM, signal.SIGINT), before, strict=True):
        signal.signal(number, handler)


def when(is_true: object, stops: threading.Event) -> threading.Thread:
    def wait() -> None:
        wait_until(is_true)
        stops.set()

    thread = threading.Thread(target=wait)
    thread.start()
    return thread


def test_it_claims_and_rings_until_it_is_told_to_stop(
    runtime: Runtime, village: Village, stops: threading.Event
) -> None:
    village.family()
    village.start(village.open_round())
    waiter = when(lambda: village.count(Attempt) == 1 and runtime.bells.waiting("dial") >= 1, stops)
    pacer.run(runtime)
    waiter.join()
    assert village.attempts()[0].state == "claimed"


def test_a_clock_that_was_set_dials_nobody_and_ends_nothing(
    runtime: Runtime, village: Village, clock: ManualClock, stops: threading.Event, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    village.family()
    village.start(village.open_round())
    clock.advance(timedelta(days=30))  # as it seems: the round is over
    monkeypatch.setattr(pacer.ClockWatch, "is_steady", lambda *_: False)
    waiter = when(lambda: "the clock was set" in caplog.text, stops)
    with caplog.at_level(logging.ERROR):
        pacer.run(runtime)
    waiter.join()
    assert (village.only_call().state, village.count(Attempt)) == ("planned", 0)


def test_it_waits_for_a_database_that_is_away(
    runtime: Runtime, village: Village, stops: threading.Event, caplog: pytest.LogCaptureFixture
) -> None:
    village.family()
    village.start(village.open_round())
    away = [True, True, True]

    def be_away(*_statement: object) -> None:
        if away:
            away.pop()
            raise OperationalError("SELECT", {}, ConnectionError("the server closed the connection"))

    event.listen(runtime.database.engine, "before_cursor_execute", be_away)
    waiter = when(lambda: not away and runtime.bells.waiting("dial") >= 1, stops)
    try:
        with caplog.at_level(logging.ERROR):
            pacer.run(runtime)
    finally:
        event.remove(runtime.database.engine, "before_cursor_execute", be_away)
    waiter.join()
    assert caplog.text.count("the database did not answer") == 1  # three times it did not: said once a minute
    assert "closed the connection" in caplog.text
    assert village.count(Attempt) == 1
