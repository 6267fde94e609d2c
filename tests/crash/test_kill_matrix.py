"""Kill -9 at every step of a call's way through the queue, on both databases; then repair, and look what rang.

Each test kills a real process at a named place, lets the sweeper and reconciliation repair, plays the call to its
end, and asks the carrier's own log: nobody was dialled twice for one attempt, and every call ended.
"""

from __future__ import annotations

import os
import random
import signal
import time
from datetime import timedelta

import pytest

from callqueue import dialing, ledger, pace, pacer, reconciling, sweeping
from callqueue.dialing import lease_of
from callqueue.participation import load_participation
from ptm.models import Attempt, Call, ParticipationChange
from tests.crash.conftest import Street
from tests.unit.callqueue.small_carrier import wait_until


@pytest.fixture
def family(street: Street) -> int:
    """One family of one class, planned and prepared."""
    household_id = street.village.family()
    street.village.start(street.village.open_round())
    return household_id


def repair(street: Street) -> None:
    """Let the lease and the carrier's listing delay pass; sweep and do what was rung for."""
    machine = street.runtime.settings.machine
    street.pass_time(lease_of(street.runtime) + timedelta(seconds=machine.listing_delay_s + 1))
    sweeping.sweep(street.runtime)
    for attempt in street.village.attempts():
        if attempt.state in ("claimed", "unknown"):
            reconciling.reconcile(street.runtime, attempt.id)


def play_out(street: Street, most: int = 12) -> None:
    """Claim, dial and answer until every call is final: the family picks up and hears the message."""
    for _ in range(most):
        for attempt in street.village.attempts():
            if attempt.state == "placed":
                _hear(street, attempt.id)
        if street.village.count(Call, Call.state != "ended") == 0:
            return
        if any(attempt.state in ("claimed", "unknown") for attempt in street.village.attempts()):
            repair(street)  # a busy machine may let a request of ours time out, too
        street.pass_time(timedelta(minutes=2))
        for attempt_id in pacer.release(street.runtime):
            dialing.dial(street.runtime, attempt_id, sleep=lambda _s: None)
    left = {attempt.call_id: (attempt.state, attempt.outcome) for attempt in street.village.attempts()}
    with street.runtime.database.reading() as tx:
        calls = [row for row in tx.execute(Call.__table__.select()) if row.state != "ended"]
    raise AssertionError(f"calls did not end: {calls}; newest attempts {left}; it is {street.runtime.clock.now()}")


def _hear(street: Street, attempt_id: int) -> None:
    with street.village.writing() as tx:
        ledger.answered(tx, attempt_id, call_uuid=None, now=street.runtime.clock.now())
        ledger.raise_reach(tx, attempt_id, "heard")
    street.village.end(attempt_id, "ended_after_answer", talk_s=50)


def nobody_was_called_twice(street: Street) -> bool:
    """Say whether the phones rang once each: these families pick up the first time that they are rung."""
    return all(count == 1 for count in street.carrier.rang.values())


KILLS = [
    # row of the matrix, step, where, when, what the claim looks like afterwards
    ("3: bell taken, before the right to dial", "place", "callqueue.ledger:start_dial", "before", "claimed"),
    ("3: right to dial taken, not committed", "place", "callqueue.ledger:start_dial", "after", "claimed"),
    ("3: start taken, not committed", "place", "callqueue.pace:take_start", "after", "claimed"),
    ("4: committed, before the POST", "place", "callqueue.dialing:_send", "before", "claimed"),
    ("4: the POST is about to leave", "place", "carrier.plivo.client:ask", "before", "claimed"),
    ("5: the POST was answered, unread", "place", "carrier.plivo.client:ask", "after", "claimed"),
    ("6: placed, before the commit", "place", "callqueue.ledger:placed", "before", "claimed"),
    ("6: placed, not committed", "place", "callqueue.ledger:placed", "after", "claimed"),
]  # fmt: skip


@pytest.mark.parametrize(("row", "step", "where", "when", "state"), KILLS, ids=[kill[0] for kill in KILLS])
def test_a_dialler_killed_anywhere_rings_nobody_twice(
    street: Street, family: int, row: str, step: str, where: str, when: str, state: str
) -> None:
    (attempt_id,) = pacer.release(street.runtime)
    street.kill_at(step, where, when, attempt_id)
    assert street.village.attempt(attempt_id).state == state
    repair(street)
    play_out(street)
    assert nobody_was_called_twice(street)
    assert street.village.only_call().disposition == "completed"


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_dialler_killed_while_it_writes_down_an_unknown_rings_nobody_twice(
    street: Street, family: int, when: str
) -> None:
    (attempt_id,) = pacer.release(street.runtime)
    street.carrier.will("accept_500", "accept")
    street.kill_at("place", "callqueue.ledger:not_known", when, attempt_id)
    repair(street)
    assert street.village.attempt(attempt_id).state == "placed"
    play_out(street)
    assert nobody_was_called_twice(street)


@pytest.mark.parametrize(
    ("where", "when"),
    [
        ("callqueue.ledger:claim", "before"),
        ("callqueue.ledger:claim", "after"),
        ("callqueue.bells:Bells.ring", "before"),
    ],
    ids=["before the claim", "claimed, not committed", "committed, before the bell"],
)  # fmt: skip
def test_a_pacer_killed_around_its_claim_loses_nobody(street: Street, family: int, where: str, when: str) -> None:
    street.kill_at("release", where, when)
    committed = where.startswith("callqueue.bells")
    assert street.village.count(Attempt) == int(committed)
    repair(street)
    play_out(street)
    assert nobody_was_called_twice(street)
    assert street.village.only_call().tries == 1


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_reconciler_killed_before_its_commit_is_repeated(street: Street, family: int, when: str) -> None:
    (attempt_id,) = pacer.release(street.runtime)
    street.carrier.will("accept_500", "accept")
    dialing.dial(street.runtime, attempt_id)
    street.kill_at("reconcile", "callqueue.ledger:placed", when, attempt_id)
    assert street.village.attempt(attempt_id).state == "unknown"
    repair(street)
    play_out(street)
    assert nobody_was_called_twice(street)


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_hangup_whose_writer_was_killed_is_found_in_the_carriers_records(
    street: Street, family: int, when: str
) -> None:
    """Row 12: the hang-up is lost, the line is freed at most five minutes after the longest call."""
    (attempt_id,) = pacer.release(street.runtime)
    dialing.dial(street.runtime, attempt_id)
    street.kill_at("end", "callqueue.ledger:_settle", when, attempt_id, "busy")
    assert street.village.attempt(attempt_id).state == "placed"  # the end was not committed
    street.carrier.end(3010)
    calling = street.runtime.settings.calling
    street.pass_time(timedelta(seconds=calling.ring_timeout_s + calling.time_limit_s) + timedelta(minutes=5))
    street.runtime.redis.flushdb()
    sweeping.sweep(street.runtime)
    assert street.runtime.bells.waiting("dial") == 1
    reconciling.reconcile(street.runtime, attempt_id)
    assert street.village.attempt(attempt_id).outcome == "busy"
    assert street.village.only_call().tries == 1


@pytest.mark.parametrize("where", ["callqueue.ledger:_write_decision", "callqueue.participation:count"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_retry_is_planned_once_and_counted_once(street: Street, family: int, where: str, when: str) -> None:
    """Row 13: killed between the end of an attempt and the plan for the next: all of it happens, or none."""
    (attempt_id,) = pacer.release(street.runtime)
    dialing.dial(street.runtime, attempt_id)
    street.kill_at("end", where, when, attempt_id, "busy")
    assert (street.village.only_call().state, street.village.only_call().tries) == ("open", 0)
    assert street.village.count(ParticipationChange, ParticipationChange.dials > 0) == 0
    for _ in range(2):
        street.village.end(attempt_id, "busy")  # the carrier repeats its webhook
    assert (street.village.only_call().state, street.village.only_call().tries) == ("planned", 1)
    assert street.village.count(ParticipationChange, ParticipationChange.dials > 0) == 1


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_sweeper_killed_while_it_folds_counts_nothing_twice(street: Street, family: int, when: str) -> None:
    (attempt_id,) = pacer.release(street.runtime)
    street.village.end(attempt_id, "rejected")
    street.kill_at("sweep", "callqueue.participation:_add", when)
    for _ in range(2):
        sweeping.sweep(street.runtime)
        with street.runtime.database.reading() as tx:
            (counts,) = load_participation(tx, 1, "area", [street.village.state]).values()
        assert (counts["calls"], counts["ended"], counts["dials"]) == (1, 1, 1)


def test_a_dialler_stopped_past_its_lease_does_not_send_when_it_goes_on(street: Street, family: int) -> None:
    """SIGSTOP between the commit and the POST: repair plans the call again, another dials, the first wakes."""
    (attempt_id,) = pacer.release(street.runtime)
    with street.village.writing() as tx:  # a start some seconds away keeps the child between commit and POST
        pace.rest(tx, street.runtime.clock.now() + timedelta(seconds=3))
    child = street.start("place", "-", "never", attempt_id)
    wait_until(lambda: street.village.attempt(attempt_id).dial_started_at is not None)
    os.kill(child.pid or 0, signal.SIGSTOP)
    repair(street)
    play_out(street)
    wait_until(lambda: street.runtime.clock.now() > street.village.attempt(attempt_id).lease_until_at)
    waited_out(street, attempt_id)
    os.kill(child.pid or 0, signal.SIGCONT)
    child.join(60)
    assert child.exitcode == 0
    assert nobody_was_called_twice(street)


def waited_out(street: Street, attempt_id: int) -> None:
    """Let the machine's own time pass half of the lease: the child's clocks are the machine's."""
    until = time.monotonic() + street.runtime.settings.machine.lease_s / 2
    wait_until(lambda: time.monotonic() > until)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(20))
def test_random_kills_of_diallers_and_pacers(street: Street, seed: int) -> None:
    """Twenty families, a kill at a random place for each, answers that hide what happened: all end, none twice."""
    chance = random.Random(seed)
    for _ in range(20):
        street.village.family()
    street.village.start(street.village.open_round())
    places = [kill[1:4] for kill in KILLS] + [("place", "callqueue.ledger:not_known", "before")]
    for _ in range(20):
        street.pass_time(timedelta(minutes=1))
        for attempt_id in pacer.release(street.runtime):
            answer = chance.choice(["accept", "accept_500"])
            street.carrier.will(answer, "accept")
            step, where, when = chance.choice(places)
            street.start(step, where, when, attempt_id).join(60)
        repair(street)
    street.carrier.will("accept")
    play_out(street, most=40)
    assert nobody_was_called_twice(street)
