"""The sweeper finds what nobody is doing: dead claims, doubtful dials, hopeless calls, lost bells."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from sqlalchemy import select

from callqueue import bells, sweeping
from callqueue.dialing import dial, lease_of
from callqueue.ledger import end_planned
from callqueue.reconciling import reconcile
from callqueue.runtime import Runtime
from callqueue.sweeping import sweep
from ptm.clock import ManualClock
from ptm.models import Batch, Call, Household, PhoneNumber, Recording
from ptm.settings import RedisSettings
from tests.unit.callqueue.small_carrier import SmallCarrier
from tests.unit.callqueue.village import Village


@pytest.fixture
def claimed(village: Village) -> int:
    village.family()
    village.start(village.open_round())
    (attempt_id,) = village.claim()
    return attempt_id


def rung(runtime: Runtime, name: str = "dial") -> list[tuple[str, int]]:
    """Return and forget what was rung for on a queue."""
    queue = runtime.bells._queues[name]  # type: ignore[index]
    found = [(job.func_name.rpartition(".")[2], job.args[0]) for job in queue.jobs]
    queue.empty()
    return found


def test_an_emptied_redis_loses_nothing(runtime: Runtime, village: Village, claimed: int) -> None:
    runtime.redis.flushdb()
    sweep(runtime)
    assert rung(runtime) == [("place", claimed)]


def test_redis_away_delays_nobody_and_the_next_sweep_rings(runtime: Runtime, village: Village, claimed: int) -> None:
    here = runtime.bells
    away = runtime.settings.model_copy(update={"redis": RedisSettings(url="unix:///nowhere/redis.sock")})
    runtime.__dict__["bells"] = Runtime(away).bells
    began_s = time.monotonic()
    sweep(runtime)
    assert time.monotonic() - began_s < 2
    runtime.__dict__["bells"] = here
    runtime.redis.flushdb()
    sweep(runtime)
    assert rung(runtime) == [("place", claimed)]


def test_a_claim_whose_worker_died_goes_back_and_loses_nothing(
    runtime: Runtime, village: Village, clock: ManualClock, claimed: int
) -> None:
    clock.advance(lease_of(runtime) - timedelta(seconds=1))
    sweep(runtime)
    assert village.attempt(claimed).state == "claimed"
    clock.advance(timedelta(seconds=1))
    sweep(runtime)
    call = village.only_call()
    assert (call.state, call.tries, call.unplaced, call.due_at) == ("planned", 0, 0, clock.now())
    assert len(village.claim()) == 1


def test_a_doubtful_dial_is_asked_about_only_after_its_lease_and_the_carriers_delay(
    runtime: Runtime, village: Village, clock: ManualClock, carrier: SmallCarrier, claimed: int
) -> None:
    carrier.will("500")
    dial(runtime, claimed, sleep=lambda _s: None)
    runtime.redis.flushdb()
    delay = timedelta(seconds=runtime.settings.machine.listing_delay_s)
    clock.advance(lease_of(runtime) + delay - timedelta(seconds=1))
    sweep(runtime)
    assert rung(runtime) == []
    clock.advance(timedelta(seconds=1))
    sweep(runtime)
    assert rung(runtime) == [("reconcile", claimed)]


def test_a_hangup_that_never_comes_frees_the_line_soon_after_the_longest_call(
    runtime: Runtime, village: Village, clock: ManualClock, carrier: SmallCarrier, claimed: int
) -> None:
    dial(runtime, claimed, sleep=lambda _s: None)
    carrier.end(4000, answered=True)
    runtime.redis.flushdb()
    calling = runtime.settings.calling
    clock.advance(timedelta(seconds=calling.ring_timeout_s + calling.time_limit_s) + timedelta(minutes=5))
    sweep(runtime)
    assert rung(runtime) == [("reconcile", claimed)]
    reconcile(runtime, claimed)
    assert village.attempt(claimed).state == "ended"


def test_families_who_opted_out_elsewhere_are_not_left_planned(
    runtime: Runtime, village: Village, clock: ManualClock
) -> None:
    village.family()
    village.start(village.open_round())
    village.set(Household, 1, opted_out_at=village.now)
    sweep(runtime)
    assert village.only_call().disposition == "opted_out"
    assert village.batch_state(1) == "done"


def test_families_without_a_working_number_are_a_correction(runtime: Runtime, village: Village) -> None:
    village.family(numbers=2)
    village.start(village.open_round())
    village.set(PhoneNumber, 1, retired_at=village.now)
    sweep(runtime)
    assert village.only_call().state == "planned"
    village.set(PhoneNumber, 2, retired_at=village.now)
    sweep(runtime)
    assert village.only_call().disposition == "invalid_number"


def test_what_is_left_when_the_round_is_over_expires(
    runtime: Runtime, village: Village, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeping, "ENDS_AT_ONCE", 3)
    for _ in range(8):
        village.family()
    village.start(village.open_round())
    clock.advance(timedelta(days=5))
    sweep(runtime)
    assert village.count(Call, Call.state == "planned") == 8
    clock.advance(timedelta(days=1))
    sweep(runtime)
    assert village.count(Call, Call.disposition == "expired") == 8
    assert village.batch_state(1) == "done"


def test_more_calls_than_a_statement_holds_end_together(village: Village) -> None:
    with village.writing() as tx:
        assert end_planned(tx, range(1, 40_000), disposition="expired", now=village.now) == 0


def test_a_batch_whose_last_two_calls_ended_together_is_done_in_the_end(runtime: Runtime, village: Village) -> None:
    village.family()
    village.start(village.open_round())
    village.set(Call, 1, state="ended", disposition="busy", ended_at=village.now)
    sweep(runtime)
    assert village.batch_state(1) == "done"


def test_each_of_many_batches_has_its_turn(
    runtime: Runtime, village: Village, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeping, "BATCHES_AT_ONCE", 1)
    round_id = village.open_round()
    for number in range(3):
        class_id = village.add_class(village.school, f"{number}B")
        village.family(children=[class_id])
        village.start(round_id, class_id)
    for call_id in (1, 2, 3):
        village.set(Call, call_id, state="ended", disposition="busy", ended_at=village.now)
    for _ in range(3):
        sweep(runtime)
        clock.advance(timedelta(seconds=runtime.settings.machine.sweep_every_s))
    assert village.count(Batch, Batch.state == "done") == 3


def test_batches_and_recordings_that_wait_are_rung_for(
    runtime: Runtime, village: Village, clock: ManualClock, claimed: int
) -> None:
    other_class = village.add_class(village.school, "2B")
    village.family(children=[other_class])
    batch_id = village.press(1, other_class)
    recording = {"attempt_id": claimed, "url": "u", "language": "pa", "duration_ms": 1, "wanted_at": village.now}
    village.insert(Recording, carrier_id="a", state="wanted", due_at=clock.now(), **recording)
    village.insert(Recording, carrier_id="b", state="wanted", due_at=clock.now() + timedelta(hours=1), **recording)
    village.insert(Recording, carrier_id="c", state="stored", due_at=clock.now(), **recording)
    village.insert(Recording, carrier_id="d", state="parked", due_at=clock.now(), **recording)
    sweep(runtime)
    assert rung(runtime, "media") == [("fetch", 1), ("prepare", batch_id)]  # what is quick goes first
    assert rung(runtime, "asr") == [("transcribe", 3)]


def test_sweeping_all_night_with_workers_away_does_not_fill_redis(
    runtime: Runtime, village: Village, claimed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bells, "MOST_WAITING", 10)
    for _ in range(30):
        sweep(runtime)
    assert runtime.bells.waiting("dial") == 10


def test_a_worker_that_is_behind_is_not_asked_again_at_each_sweep(
    runtime: Runtime, village: Village, clock: ManualClock, claimed: int
) -> None:
    recording = {"attempt_id": claimed, "url": "u", "language": "pa", "duration_ms": 1, "wanted_at": village.now}
    for number in range(40):
        state = "wanted" if number % 2 else "stored"
        village.insert(Recording, carrier_id=f"{number}", state=state, due_at=clock.now(), **recording)
    for _ in range(30):
        sweep(runtime)
    assert runtime.bells.waiting("media") <= sweeping.SLOW_AT_ONCE
    assert runtime.bells.waiting("asr") <= sweeping.SLOW_AT_ONCE


def test_many_recordings_do_not_keep_a_class_from_being_prepared(
    runtime: Runtime, village: Village, clock: ManualClock, claimed: int
) -> None:
    other_class = village.add_class(village.school, "2B")
    village.family(children=[other_class])
    batch_id = village.press(1, other_class)
    recording = {"attempt_id": claimed, "url": "u", "language": "pa", "duration_ms": 1, "wanted_at": village.now}
    for number in range(2 * sweeping.SLOW_AT_ONCE):
        village.insert(Recording, carrier_id=f"{number}", state="wanted", due_at=clock.now(), **recording)
    sweep(runtime)
    assert ("prepare", batch_id) in rung(runtime, "media")


def test_two_sweepers_change_nothing_twice(
    runtime: Runtime, village: Village, clock: ManualClock, claimed: int
) -> None:
    clock.advance(lease_of(runtime))
    sweep(runtime)
    sweep(runtime)
    assert [attempt.outcome for attempt in village.attempts()] == ["not_dialed"]
    with runtime.database.reading() as tx:
        assert tx.scalar(select(Batch.state)) == "calling"


def test_batches_that_cannot_be_prepared_starve_neither_recordings_nor_each_other(
    runtime: Runtime, village: Village, claimed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeping, "SLOW_AT_ONCE", 4)
    classes = [village.add_class(village.school, f"{number}") for number in range(12)]
    for class_id in classes:
        village.family(children=[class_id])
    batches = {village.press(1, class_id) for class_id in classes}
    recording = {"attempt_id": claimed, "url": "u", "language": "pa", "duration_ms": 1, "wanted_at": village.now}
    village.insert(Recording, carrier_id="a", state="wanted", due_at=village.now, **recording)
    asked: set[int] = set()
    for _ in range(60):  # none of them is ever done, and the fetcher's carrier is away
        sweep(runtime)
        jobs = rung(runtime, "media")
        assert jobs[0] == ("fetch", 1)
        assert len(jobs) <= 4
        asked |= {batch_id for job, batch_id in jobs if job == "prepare"}
    assert asked == batches
