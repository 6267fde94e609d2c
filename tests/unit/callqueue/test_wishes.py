"""A family's own act: its missed call plans its call once more, and calling in fulfils it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from callqueue import ledger, participation, wishes
from callqueue.claiming import dialable_until
from callqueue.planning import cancel_batch, prepared
from ptm.clock import ManualClock
from ptm.models import Attempt, Batch, Call, CallChild, Household, InboundCall, PhoneNumber, Round
from tests.unit.callqueue.test_claiming import ENOUGH, claim
from tests.unit.callqueue.village import Village


@pytest.fixture
def rung(village: Village) -> int:
    """A family with two numbers whose first dial is under way."""
    village.family(numbers=2)
    village.start(village.open_round())
    (attempt_id,) = village.claim()
    return attempt_id


def give_missed_call(village: Village, phone_id: int = 1) -> Any:
    with village.writing() as tx:
        return wishes.asked_again(tx, 1, phone_id=phone_id, now=village.runtime.clock.now())


def call_in(village: Village, reach: str = "heard") -> None:
    with village.writing() as tx:
        wishes.called_in(tx, 1, reach, [1], now=village.runtime.clock.now())


def hear(village: Village, attempt_id: int) -> None:
    with village.writing() as tx:
        ledger.raise_reach(tx, attempt_id, "heard")
    village.end(attempt_id, "ended_after_answer", talk_s=40)


def prepare(village: Village) -> None:
    with village.runtime.database.session() as session:
        prepared(session, 1)


def counts(village: Village) -> dict[str, int]:
    with village.runtime.database.reading() as tx:
        found = participation.load_participation(tx, 1, "school", [village.school])[village.school]
    return {name: number for name, number in found.items() if number}


def test_a_missed_call_makes_a_planned_call_due_now_on_that_number(village: Village, rung: int) -> None:
    village.end(rung, "busy")
    assert village.only_call().due_at > village.now
    assert give_missed_call(village, phone_id=2) == village.now
    call = village.only_call()
    assert (call.state, call.due_at, call.number_position) == ("planned", village.now, 1)
    (again,) = claim(village)
    assert village.attempt(again).phone_id == 2


def test_a_missed_call_during_a_dial_changes_nothing(village: Village, rung: int) -> None:
    before = village.only_call()
    assert give_missed_call(village) == village.now
    assert village.only_call() == before


@pytest.mark.parametrize("outcome", ["rejected", "no_answer", "switched_off"])
def test_an_ended_call_gets_one_more_dial_beyond_its_tries(village: Village, rung: int, outcome: str) -> None:
    village.set(Round, 1, tries=1)
    village.end(rung, outcome)
    assert village.only_call().state == "ended"
    assert village.batch_state(1) == "done"
    assert give_missed_call(village) == village.now
    assert village.only_call().disposition is None
    assert village.batch_state(1) == "preparing"
    prepare(village)
    (again,) = claim(village)
    village.end(again, outcome)
    call = village.only_call()
    assert (call.state, call.tries, call.asked_at) == ("ended", 2, None)
    assert village.batch_state(1) == "done"
    assert counts(village) == {"calls": 1, "ended": 1, "unreached": 1, "dials": 2}


def test_a_family_that_heard_may_hear_again_and_is_counted_once(village: Village, rung: int) -> None:
    hear(village, rung)
    once = counts(village)
    give_missed_call(village)
    assert counts(village) == {"calls": 1, "dials": 1, "pulses": 1}
    prepare(village)
    (again,) = claim(village)
    with village.runtime.database.reading() as tx:
        assert dialable_until(tx, again, village.now) is not None
    hear(village, again)
    assert village.only_call().disposition == "completed"
    assert counts(village) == once | {"dials": 2, "pulses": 2}


def test_a_dial_that_never_rang_is_not_the_one_that_was_asked_for(
    village: Village, rung: int, clock: ManualClock
) -> None:
    hear(village, rung)
    give_missed_call(village)
    prepare(village)
    (again,) = claim(village)
    village.end(again, "throttled")
    assert village.only_call().state == "planned"
    clock.advance(timedelta(minutes=1))
    (once_more,) = claim(village)
    village.end(once_more, "no_answer")
    assert village.only_call().disposition == "completed"


def test_the_dial_that_was_asked_for_goes_beyond_the_days_cap_by_one(village: Village, rung: int) -> None:
    _end_dialled(village, rung)
    give_missed_call(village)
    (again,) = claim(village, dials_per_day=1)
    _end_dialled(village, again)
    give_missed_call(village)
    assert claim(village, dials_per_day=1) == []
    assert village.only_call().due_at > village.now + timedelta(hours=12)


def _end_dialled(village: Village, attempt_id: int) -> None:
    village.set(Attempt, attempt_id, dial_started_at=village.now)
    village.end(attempt_id, "busy")


def test_the_dial_that_was_asked_for_does_not_wait_for_the_familys_slot(village: Village, rung: int) -> None:
    village.end(rung, "busy")
    village.set(Household, 1, slot="evening")
    give_missed_call(village)
    assert len(claim(village)) == 1


def test_outside_the_hours_a_missed_call_is_answered_when_they_begin(
    village: Village, rung: int, clock: ManualClock
) -> None:
    village.end(rung, "busy")
    clock.advance(timedelta(hours=10))
    assert give_missed_call(village) == village.now + timedelta(hours=23)  # ten the next morning


def test_news_of_an_older_dial_takes_back_nothing_that_was_asked_for(village: Village, rung: int) -> None:
    hear(village, rung)
    give_missed_call(village)
    with village.writing() as tx:
        ledger.raise_reach(tx, rung, "recorded")
    assert (village.only_call().state, village.only_call().reach) == ("planned", "recorded")


def test_a_number_that_calls_us_is_not_out_of_use(village: Village, rung: int) -> None:
    village.end(rung, "invalid_number")
    give_missed_call(village)
    assert village.count(PhoneNumber, PhoneNumber.retired_at.is_not(None)) == 0


def _opt_out(village: Village) -> None:
    village.set(Household, 1, opted_out_at=village.now)


def _cancel(village: Village) -> None:
    with village.runtime.database.session() as session:
        cancel_batch(session, 1, village.now)


def _be_over(village: Village) -> None:
    village.set(Round, 1, ends_on_ist=village.now.date() - timedelta(days=1))


@pytest.mark.parametrize("forbid", [_opt_out, _cancel, _be_over])
def test_who_may_not_be_called_is_not_called_for_asking(village: Village, rung: int, forbid: Any) -> None:
    village.end(rung, "rejected")
    village.set(Batch, 1, state="calling")
    forbid(village)
    assert give_missed_call(village) is None
    assert village.only_call().state == "ended"


# ---- calling in ----


def test_what_was_heard_by_calling_in_is_not_dialled_any_more(village: Village, rung: int) -> None:
    village.end(rung, "busy")
    call_in(village)
    call = village.only_call()
    assert (call.state, call.disposition, call.reach) == ("ended", "called_in", "heard")
    assert village.batch_state(1) == "done"
    assert village.row(select(CallChild.covered)).covered
    assert counts(village) == {"calls": 1, "ended": 1, "heard": 1, "dials": 1}


def test_calling_in_during_a_dial_leaves_it_to_its_ending(village: Village, rung: int) -> None:
    call_in(village)
    assert (village.only_call().state, village.only_call().reach) == ("open", "heard")
    with village.runtime.database.reading() as tx:
        assert dialable_until(tx, rung, village.now) is None
    village.end(rung, "busy")
    assert village.only_call().disposition == "completed"


def test_who_calls_in_when_all_was_over_is_counted_as_heard(village: Village, rung: int) -> None:
    village.end(rung, "rejected")
    call_in(village)
    assert village.only_call().disposition == "called_in"
    call_in(village, "recorded")
    assert counts(village) == {"calls": 1, "ended": 1, "recorded": 1, "dials": 1}


def test_calling_in_without_hearing_fulfils_nothing(village: Village, rung: int) -> None:
    village.end(rung, "busy")
    call_in(village, "answered")
    assert (village.only_call().state, village.only_call().reach) == ("planned", "unreached")


def test_hearing_by_calling_in_also_answers_a_missed_call(village: Village, rung: int) -> None:
    hear(village, rung)
    give_missed_call(village)
    call_in(village)
    assert (village.only_call().state, village.only_call().disposition) == ("ended", "called_in")
    assert counts(village) == {"calls": 1, "ended": 1, "heard": 1, "dials": 1, "pulses": 1}


def test_calls_that_come_in_beyond_the_reserve_leave_fewer_lines_to_dial_with(
    village: Village, clock: ManualClock
) -> None:
    for _ in range(4):
        village.family()
    village.start(village.open_round())
    clock.advance(timedelta(minutes=1))
    for number in range(3):
        with village.writing() as tx:
            tx.execute(
                insert(InboundCall).values(
                    call_uuid=str(number), token=str(number), purpose="family", caller_index="", last4="", facts={},
                    began_at=village.now, state="answered",
                )
            )  # fmt: skip
    limits = type(ENOUGH)(lines=4, reserved_lines=2, calls_per_second=1_000)
    assert len(claim(village, limits=limits)) == 1
    village.set(InboundCall, 1, state="ended")
    assert len(claim(village, limits=limits)) == 1


def test_a_family_that_takes_its_opt_out_back_is_planned_for_again(village: Village, rung: int) -> None:
    with village.writing() as tx:
        ledger.opt_out(tx, rung, now=village.now)
        wishes.opt_in(tx, 1)
    assert village.count(Household, Household.opted_out_at.is_not(None)) == 0
    village.end(rung, "busy")
    assert village.count(Call, Call.disposition == "opted_out") == 1
