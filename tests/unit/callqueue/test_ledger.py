"""The ledger: states only move forward, an end happens once, and late news explains but never undoes."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, insert
from sqlalchemy.exc import IntegrityError

from callqueue import ledger
from callqueue.dialing import dial
from callqueue.ledger import RANK, CarrierEnd
from callqueue.planning import cancel_batch
from callqueue.runtime import Runtime
from ptm.clock import ManualClock
from ptm.models import Attempt, Call, CallChild, Household, PhoneNumber
from ptm.models.call import ATTEMPT_STATES
from tests.unit.callqueue.village import Village

Event = Callable[[Connection, int, Any], object]

EVENTS: dict[str, Event] = {
    "start_dial": lambda tx, at, now: ledger.start_dial(tx, at, now=now, lease=timedelta(seconds=120)),
    "not_known": lambda tx, at, now: ledger.not_known(tx, at, now=now, reason="500"),
    "placed": lambda tx, at, now: ledger.placed(tx, at, request_uuid="request", now=now),
    "ringing": lambda tx, at, now: ledger.ringing(tx, at, call_uuid="call", now=now),
    "answered": lambda tx, at, now: ledger.answered(tx, at, call_uuid="call", now=now),
    "ended": lambda tx, at, now: ledger.ended(tx, at, CarrierEnd("busy", now)),
    "give_back": lambda tx, at, now: ledger.give_back(tx, at, now=now),
    "give_back_expired": lambda tx, at, now: ledger.give_back(tx, at, now=now, only_expired=True),
    "withdrawn": lambda tx, at, now: ledger.withdrawn(tx, at, now, not_since=now),
}
# Where an event leads from each state; every state that is not named stays as it is.
LEADS_TO = {
    "start_dial": {},
    "not_known": {"claimed": "unknown"},
    "placed": {"claimed": "placed", "unknown": "placed"},
    "ringing": {"claimed": "ringing", "unknown": "ringing", "placed": "ringing"},
    "answered": {"claimed": "answered", "unknown": "answered", "placed": "answered", "ringing": "answered"},
    "ended": dict.fromkeys(ATTEMPT_STATES, "ended"),
    "give_back": {"claimed": "ended"},
    "give_back_expired": {},
    "withdrawn": {},
}  # fmt: skip


@pytest.fixture
def claimed(village: Village) -> int:
    village.family(numbers=2)
    village.start(village.open_round())
    (attempt_id,) = village.claim()
    return attempt_id


def do(village: Village, event: str, attempt_id: int) -> None:
    with village.writing() as tx:
        EVENTS[event](tx, attempt_id, village.runtime.clock.now())


@pytest.mark.parametrize("event", EVENTS)
def test_every_event_in_every_state_moves_forward_or_nowhere(village: Village, claimed: int, event: str) -> None:
    for state in ATTEMPT_STATES:
        ended = {"outcome": "no_answer", "ended_at": village.now} if state == "ended" else {"outcome": None}
        village.set(Attempt, claimed, state=state, dial_started_at=None, **ended)
        village.set(Call, 1, state="planned" if state == "ended" else "open")
        do(village, event, claimed)
        assert village.attempt(claimed).state == LEADS_TO[event].get(state, state), state
        assert RANK[village.attempt(claimed).state] >= RANK[state]


def test_only_one_takes_the_right_to_dial(village: Village, claimed: int) -> None:
    now, lease = village.now, timedelta(seconds=120)
    with village.writing() as tx:
        assert ledger.start_dial(tx, claimed, now=now, lease=lease)
        assert not ledger.start_dial(tx, claimed, now=now, lease=lease)
        assert not ledger.give_back(tx, claimed, now=now)


def test_a_claim_given_back_cannot_be_dialled(village: Village, claimed: int) -> None:
    with village.writing() as tx:
        assert ledger.give_back(tx, claimed, now=village.now)
        assert not ledger.start_dial(tx, claimed, now=village.now, lease=timedelta(seconds=120))
    assert (village.only_call().state, village.only_call().tries, village.only_call().unplaced) == ("planned", 0, 0)


def test_a_number_has_one_open_attempt(village: Village, claimed: int) -> None:
    row = dict(village.attempt(claimed)._mapping) | {"number": 2, "token": "other"}
    del row["id"]
    with pytest.raises(IntegrityError), village.writing() as tx:
        tx.execute(insert(Attempt).values(**row))


def test_a_call_dials_each_attempt_number_once(village: Village, claimed: int) -> None:
    row = dict(village.attempt(claimed)._mapping) | {"state": "ended", "token": "other"}
    del row["id"]
    with pytest.raises(IntegrityError), village.writing() as tx:
        tx.execute(insert(Attempt).values(**row))


def test_a_busy_parent_is_called_again_after_the_wait(village: Village, clock: ManualClock, claimed: int) -> None:
    village.end(claimed, "busy")
    call = village.only_call()
    assert (call.state, call.tries, call.due_at) == ("planned", 1, clock.now() + timedelta(minutes=15))
    clock.advance(timedelta(minutes=14, seconds=59))
    assert village.claim() == []
    clock.advance(timedelta(seconds=1))
    (again,) = village.claim()
    assert village.attempt(again).number == 2


def test_three_tries_are_all(village: Village, clock: ManualClock, claimed: int) -> None:
    village.set(Call, 1, tries=2)
    village.end(claimed, "busy")
    call = village.only_call()
    assert (call.state, call.tries, call.disposition, call.ended_at) == ("ended", 3, "busy", clock.now())


def test_an_end_counts_once_however_often_it_is_told(village: Village, claimed: int) -> None:
    for outcome in ("busy", "no_answer", "rejected", "busy"):
        village.end(claimed, outcome)
    assert (village.only_call().tries, village.attempt(claimed).outcome) == (1, "busy")


def test_nobody_answered_the_other_number_is_next(village: Village, clock: ManualClock, claimed: int) -> None:
    village.end(claimed, "no_answer")
    assert village.only_call().number_position == 1
    clock.advance(timedelta(hours=3))
    (again,) = village.claim()
    assert village.attempt(again).phone_id != village.attempt(claimed).phone_id


def test_a_wrong_number_is_retired_and_stays_a_number_fewer(village: Village, clock: ManualClock, claimed: int) -> None:
    village.end(claimed, "invalid_number")
    assert village.count(PhoneNumber, PhoneNumber.retired_at.is_not(None)) == 1
    # Late news of the same attempt must not find the household without numbers.
    with village.writing() as tx:
        ledger.raise_reach(tx, claimed, "rang")
    assert village.only_call().state == "planned"
    clock.advance(timedelta(minutes=15))
    (again,) = village.claim()
    village.end(again, "invalid_number")
    assert (village.only_call().state, village.only_call().disposition) == ("ended", "invalid_number")


def test_a_retry_behind_the_last_evening_is_final(village: Village, clock: ManualClock) -> None:
    today = village.now.date()
    village.family()
    village.start(village.open_round(ends_on_ist=today))
    clock.advance(timedelta(hours=7, minutes=20))  # 18:20 in India
    (attempt_id,) = village.claim()
    village.end(attempt_id, "no_answer")
    assert (village.only_call().state, village.only_call().disposition) == ("ended", "no_answer")


def test_a_family_is_called_again_within_its_slot(village: Village, clock: ManualClock) -> None:
    village.family(slot="morning")
    village.start(village.open_round())
    (attempt_id,) = village.claim()  # eleven o'clock
    village.end(attempt_id, "no_answer")
    due = village.only_call().due_at
    assert due - clock.now() == timedelta(hours=23)  # ten o'clock tomorrow, another hour


NEWS = ("answered", "heard", "opted_out", "ended")


@pytest.mark.parametrize("order", list(itertools.permutations(NEWS)), ids=" ".join)
def test_any_order_of_news_ends_in_the_same_state(village: Village, claimed: int, order: tuple[str, ...]) -> None:
    news: dict[str, Event] = {
        "answered": lambda tx, at, now: ledger.answered(tx, at, call_uuid="call", now=now),
        "heard": lambda tx, at, now: ledger.raise_reach(tx, at, "heard"),
        "opted_out": lambda tx, at, now: ledger.opt_out(tx, at, now=now),
        "ended": lambda tx, at, now: ledger.ended(tx, at, CarrierEnd("ended_after_answer", now, talk_s=30)),
    }
    for name in order:
        for _ in range(2):  # everything comes twice
            with village.writing() as tx:
                news[name](tx, claimed, village.now)
    call, attempt = village.only_call(), village.attempt(claimed)
    assert (call.state, call.disposition, call.reach, call.tries) == ("ended", "opted_out", "heard", 1)
    assert (attempt.state, attempt.reach, attempt.opted_out) == ("ended", "heard", True)
    assert village.row(Household.__table__.select()).opted_out_at == village.now


def test_news_two_days_late_completes_a_call_that_was_planned_again(
    village: Village, clock: ManualClock, claimed: int
) -> None:
    village.end(claimed, "ended_after_answer")  # the answer's webhook is still on its way
    assert village.only_call().state == "planned"
    clock.advance(timedelta(hours=48))
    with village.writing() as tx:
        ledger.answered(tx, claimed, call_uuid="call", now=clock.now())
        ledger.raise_reach(tx, claimed, "heard")
    assert (village.only_call().state, village.only_call().disposition) == ("ended", "completed")
    assert village.claim() == []


def test_an_older_attempts_news_stops_the_newer_before_it_rings(
    village: Village, clock: ManualClock, claimed: int
) -> None:
    village.end(claimed, "ended_after_answer")
    clock.advance(timedelta(hours=2))
    (again,) = village.claim()
    with village.writing() as tx:
        ledger.raise_reach(tx, claimed, "heard")
    assert village.only_call().state == "open"
    dial(village.runtime, again)
    assert village.attempt(again).outcome == "not_dialed"
    assert (village.only_call().state, village.only_call().disposition) == ("ended", "completed")


def test_late_news_never_reopens_a_call(village: Village, clock: ManualClock, claimed: int) -> None:
    village.set(Call, 1, tries=2)
    village.end(claimed, "busy")
    clock.advance(timedelta(hours=1))
    with village.writing() as tx:
        ledger.raise_reach(tx, claimed, "rang")
        ledger.answered(tx, claimed, call_uuid="call", now=clock.now())
    call = village.only_call()
    assert call.state == "ended"
    assert call.ended_at == clock.now() - timedelta(hours=1)


def test_a_call_that_no_batch_wants_any_more_ends_as_canceled(village: Village, claimed: int) -> None:
    with village.runtime.database.session() as session:
        cancel_batch(session, 1, village.now)
    assert village.only_call().state == "open"  # the phone may be ringing
    village.end(claimed, "busy")
    assert (village.only_call().state, village.only_call().disposition) == ("ended", "canceled")


def test_opting_out_ends_the_familys_calls_in_every_round(village: Village, claimed: int) -> None:
    village.start(village.open_round(name="Another"))
    with village.writing() as tx:
        ledger.opt_out(tx, claimed, now=village.now)
    assert village.count(Call, Call.disposition == "opted_out") == 1  # the planned one; the other is on the phone
    village.end(claimed, "ended_after_answer")
    assert village.count(Call, Call.disposition == "opted_out") == 2


def test_a_claim_covers_the_children_it_speaks_of_and_no_later_one(village: Village) -> None:
    other_class = village.add_class(village.school, "2B")
    household = village.family(children=[village.school_class, other_class])
    round_id = village.open_round()
    village.start(round_id)
    (attempt_id,) = village.claim()
    village.start(round_id, other_class)
    assert village.count(Call) == 1
    assert village.count(CallChild, CallChild.covered.is_(True)) == 1
    village.end(attempt_id, "busy")
    village.runtime.clock.advance(timedelta(minutes=15))  # type: ignore[attr-defined]
    (again,) = village.claim()
    assert village.count(CallChild, CallChild.covered.is_(True)) == 2
    assert len(village.attempt(again).facts["children"]) == 2
    assert village.call(household).state == "open"


def test_a_judgement_and_a_claim_of_the_same_call_do_not_cross(
    runtime: Runtime, village: Village, clock: ManualClock, claimed: int
) -> None:
    """Late news judges the call while another process claims it: whoever is second sees what the first committed."""
    village.end(claimed, "ended_after_answer")
    clock.advance(timedelta(hours=2))
    if runtime.database.dialect == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    results: list[list[int]] = []
    with village.writing() as tx:
        ledger.raise_reach(tx, claimed, "heard")  # locks the call, ends it, not committed yet
        claimer = threading.Thread(target=lambda: results.append(village.claim()))
        claimer.start()
        claimer.join(10)  # it passes over the locked call instead of waiting
    assert results == [[]]
    assert village.only_call().disposition == "completed"
    assert village.claim() == []
