"""The claim: each reason that forbids a call, who goes first, and two pacers at once."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from callqueue import pace, pacer
from callqueue.claiming import LOOK_AGAIN, LOOK_AGAIN_UNPREPARED, Caps, claim_due
from callqueue.ladder import NEVER_RANG
from callqueue.pacing import MOST_FAILURES, PROBE_EVERY, Limits
from callqueue.planning import pause_batch, prepared, resume_batch, resume_round
from callqueue.runtime import Runtime
from ptm.clock import ManualClock
from ptm.database import Database
from ptm.models import Attempt, Batch, Call, Household, Message, Pace, Participation, PhoneNumber, Round
from tests.unit.callqueue.village import Village

ENOUGH = Limits(lines=1_000, reserved_lines=0, calls_per_second=1_000)


def caps(**changes: Any) -> Caps:
    told: dict[str, Any] = {"limits": ENOUGH, "dials_per_day": 2, "lease": timedelta(seconds=120), "horizon_s": 1.0}
    return Caps(**(told | changes))


def claim(village: Village, **changes: Any) -> list[int]:
    return claim_due(village.runtime.database, caps(**changes), village.runtime.clock.now())


@pytest.fixture
def planned(village: Village) -> Village:
    """One family, planned and prepared."""
    village.family()
    village.start(village.open_round())
    return village


def test_a_planned_call_is_claimed_with_everything_its_tree_speaks_of(planned: Village) -> None:
    planned.insert(Message, round_id=1, child_id=1, attendance=92, level="reads", praise="helps")
    (attempt_id,) = claim(planned)
    attempt = planned.attempt(attempt_id)
    assert (attempt.state, attempt.number) == ("claimed", 1)
    assert len(attempt.token) == 32
    assert attempt.facts == {
        "language": "pa",
        "school": {"name": "School", "spoken": {}},
        "children": [
            {"id": 1, "name": "Child", "class_name": "5A", "attendance": 92, "level": "reads", "praise": "helps"}
        ],
        "meeting": {"on": "2026-12-05"},
    }
    assert claim(planned) == []


def opt_out(village: Village) -> None:
    village.set(Household, 1, opted_out_at=village.now)


def retire(village: Village) -> None:
    village.set(PhoneNumber, 1, retired_at=village.now)


def not_due(village: Village) -> None:
    village.set(Call, 1, due_at=village.now + timedelta(seconds=1))


def take_the_phone(village: Village) -> None:
    """Another round has the family on the phone already."""
    village.start(village.open_round(name="Another"))
    (attempt_id,) = claim(village, limits=Limits(1, 0, 1000))
    assert village.attempt(attempt_id).call_id == 1
    village.set(Call, 2, due_at=village.now)


REASONS = {
    "the stop switch is thrown": lambda v: v.stop_dialing(),
    "the round is paused": lambda v: v.set(Round, 1, paused_at=v.now),
    "the round's hours have not begun": lambda v: v.set(Round, 1, opens_ist=time(11, 1)),
    "the round's hours are over": lambda v: v.set(Round, 1, closes_ist=time(11)),
    "the round begins tomorrow": lambda v: v.set(Round, 1, starts_on_ist=date(2026, 11, 26)),
    "the round ended yesterday": lambda v: v.set(Round, 1, ends_on_ist=date(2026, 11, 24)),
    "today is a holiday": lambda v: v.set(Round, 1, holidays={"dates": ["2026-11-25"]}),
    "nobody is called on Wednesdays": lambda v: v.set(Round, 1, weekdays="mon,tue,thu"),
    "the deadline has passed": lambda v: v.set(Round, 1, deadline_at=v.now),
    "the batch is being prepared": lambda v: v.set(Batch, 1, state="preparing"),
    "the batch is paused": lambda v: v.set(Batch, 1, state="paused"),
    "the batch is canceled": lambda v: v.set(Batch, 1, state="canceled"),
    "the family opted out": opt_out,
    "its number is nobody's": retire,
    "its time has not come": not_due,
    "the family wants the evening": lambda v: v.set(Household, 1, slot="evening"),
    "the round has no line": lambda v: v.set(Round, 1, lines=0),
    "the budget is spent": lambda v: v.set(Round, 1, budget_paise=299, pulse_paise=75),
    "the budget has no price": lambda v: v.set(Round, 1, budget_paise=1_000_000, pulse_paise=None),
    "the call is over": lambda v: v.set(Call, 1, state="ended"),
}


@pytest.mark.parametrize("reason", REASONS)
def test_nobody_is_called_when(planned: Village, reason: str) -> None:
    REASONS[reason](planned)
    assert claim(planned) == []
    assert planned.count(Attempt) == 0


def test_a_phone_in_use_is_not_dialled_for_another_round(planned: Village) -> None:
    take_the_phone(planned)
    assert claim(planned) == []
    assert planned.count(Attempt) == 1


def test_two_rounds_that_want_the_same_family_at_once_get_one_call(planned: Village) -> None:
    planned.start(planned.open_round(name="Another"))
    assert len(claim(planned)) == 1
    planned.runtime.clock.advance(LOOK_AGAIN)  # type: ignore[attr-defined]
    assert claim(planned) == []
    planned.end(1, "rejected")
    planned.runtime.clock.advance(LOOK_AGAIN)  # type: ignore[attr-defined]
    assert len(claim(planned)) == 1


def test_opted_out_and_numberless_families_end_where_they_stand(planned: Village, clock: ManualClock) -> None:
    planned.family()
    planned.start(planned.open_round(name="Another"))
    opt_out(planned)
    planned.set(PhoneNumber, 2, retired_at=planned.now)
    clock.advance(timedelta(seconds=2))
    assert claim(planned) == []
    assert planned.count(Call, Call.disposition == "opted_out") == 2
    assert planned.count(Call, Call.disposition == "invalid_number") == 1


def test_a_number_is_dialled_twice_a_day_at_most(planned: Village, clock: ManualClock) -> None:
    for _ in range(2):
        (attempt_id,) = claim(planned)
        planned.set(Attempt, attempt_id, dial_started_at=clock.now())
        planned.end(attempt_id, "busy")
        clock.advance(timedelta(minutes=15))
    assert claim(planned) == []
    assert planned.only_call().due_at == datetime(2026, 11, 26, 4, 30, tzinfo=UTC)  # ten o'clock tomorrow
    clock.advance(timedelta(hours=24))
    assert len(claim(planned)) == 1


@pytest.mark.parametrize("outcome", sorted(NEVER_RANG - {"refused"}))
def test_a_dial_that_never_rang_does_not_count_against_the_number(
    planned: Village, clock: ManualClock, outcome: str
) -> None:
    (attempt_id,) = claim(planned, dials_per_day=1)
    planned.set(Attempt, attempt_id, dial_started_at=clock.now())
    planned.end(attempt_id, outcome)
    clock.advance(timedelta(minutes=1))
    assert len(claim(planned, dials_per_day=1)) == 1


def test_the_cap_of_a_number_counts_every_round(planned: Village, clock: ManualClock) -> None:
    for _ in range(2):
        (attempt_id,) = claim(planned)
        planned.set(Attempt, attempt_id, dial_started_at=clock.now())
        planned.end(attempt_id, "busy")
        clock.advance(timedelta(minutes=15))
    planned.start(planned.open_round(name="Another"))
    assert claim(planned) == []


def test_a_family_in_two_classes_gets_one_call_for_both_children(village: Village) -> None:
    other_school = village.add_school()
    other_class = village.add_class(other_school, "2B")
    village.family(children=[village.school_class, other_class])
    round_id = village.open_round()
    village.start(round_id)
    village.start(round_id, other_class)
    (attempt_id,) = claim(village)
    assert [child["class_name"] for child in village.attempt(attempt_id).facts["children"]] == ["5A", "2B"]


def test_the_first_number_that_works_is_rung(village: Village) -> None:
    village.family(numbers=3)
    village.set(PhoneNumber, 1, retired_at=village.now)
    village.start(village.open_round())
    (attempt_id,) = claim(village)
    assert village.attempt(attempt_id).phone_id == 2


def test_after_the_last_number_the_first_is_next(village: Village) -> None:
    village.family(numbers=2)
    village.start(village.open_round())
    village.set(Call, 1, number_position=2)
    (attempt_id,) = claim(village)
    assert village.attempt(attempt_id).phone_id == 1


def test_a_teachers_batch_goes_ahead_of_the_whole_state(village: Village, clock: ManualClock) -> None:
    village.family()
    other_class = village.add_class(village.school, "2B")
    village.family(children=[other_class])
    round_id = village.open_round()
    village.start(round_id)
    village.set(Call, 1, priority=1)
    clock.advance(timedelta(minutes=1))
    village.start(round_id, other_class)
    (first,) = claim(village, limits=Limits(1, 0, 1000))
    assert village.attempt(first).call_id == 2


def test_classes_that_start_together_take_turns(village: Village, clock: ManualClock) -> None:
    other_class = village.add_class(village.add_school(), "5A")
    for _ in range(6):
        village.family()
        village.family(children=[other_class])
    round_id = village.open_round()
    village.start(round_id)
    village.start(round_id, other_class)
    clock.advance(timedelta(seconds=6))
    first = claim(village, limits=Limits(6, 0, 1000))
    schools = Counter(village.row(Call.__table__.select().where(Call.id == village.attempt(one).call_id)).school_id
                      for one in first)  # fmt: skip
    assert set(schools.values()) == {3}


def test_lines_held_leave_room_for_parents_who_call_in(village: Village) -> None:
    for _ in range(10):
        village.family()
    village.start(village.open_round())
    village.runtime.clock.advance(timedelta(seconds=10))  # type: ignore[attr-defined]
    assert len(claim(village, limits=Limits(8, 3, 1000))) == 5
    assert claim(village, limits=Limits(8, 3, 1000)) == []
    village.end(1, "busy")
    assert len(claim(village, limits=Limits(8, 3, 1000))) == 1


def test_a_claim_that_died_gives_its_line_back_by_itself(village: Village, clock: ManualClock) -> None:
    village.family()
    village.family()
    village.start(village.open_round())
    clock.advance(timedelta(seconds=10))
    one_line = Limits(1, 0, 1000)
    assert len(claim(village, limits=one_line)) == 1
    assert claim(village, limits=one_line) == []
    clock.advance(timedelta(seconds=120))
    assert len(claim(village, limits=one_line)) == 1


def test_a_rounds_own_lines_bind_it_alone(village: Village, clock: ManualClock) -> None:
    for _ in range(4):
        village.family()
    village.start(village.open_round(lines=3))
    clock.advance(timedelta(seconds=10))
    assert len(claim(village)) == 3
    clock.advance(LOOK_AGAIN)
    assert claim(village) == []
    village.end(1, "rejected")
    assert len(claim(village)) == 1


def test_the_budget_is_a_ceiling(village: Village, clock: ManualClock) -> None:
    """A call may last four started minutes at 75 paise: three rupees are set aside for each until it ends."""
    for _ in range(4):
        village.family()
    village.start(village.open_round(budget_paise=750, pulse_paise=75))
    clock.advance(timedelta(seconds=10))
    first, second = claim(village)
    clock.advance(LOOK_AGAIN)
    assert claim(village) == []
    village.end(first, "ended_after_answer", talk_s=58)
    village.end(second, "no_answer")
    third, fourth = claim(village)  # 75 paise are spent, 675 left: two more
    village.end(third, "ended_after_answer", talk_s=240)
    village.end(fourth, "ended_after_answer", talk_s=240)
    clock.advance(timedelta(hours=5))
    assert claim(village) == []  # 675 of 750 are spent


def test_a_paused_batch_goes_on_at_once_when_it_is_resumed(planned: Village, clock: ManualClock) -> None:
    with planned.runtime.database.session() as session:
        pause_batch(session, 1, clock.now())
    assert claim(planned) == []
    assert planned.only_call().due_at == clock.now() + LOOK_AGAIN_UNPREPARED
    clock.advance(timedelta(seconds=1))
    with planned.runtime.database.session() as session:
        resume_batch(session, 1, clock.now())
        prepared(session, 1)
    assert len(claim(planned)) == 1


def test_a_paused_round_goes_on_at_once_when_it_is_resumed(planned: Village) -> None:
    planned.set(Round, 1, paused_at=planned.now)
    assert claim(planned) == []
    with planned.writing() as tx:
        assert resume_round(tx, 1)
    assert len(claim(planned)) == 1


def test_calls_that_something_forbids_do_not_hide_those_behind_them(village: Village, clock: ManualClock) -> None:
    round_id = village.open_round()
    other_class = village.add_class(village.school, "2B")
    for _ in range(20):
        village.family()
    village.press(round_id)  # never prepared
    clock.advance(timedelta(minutes=1))
    village.family(children=[other_class])
    village.start(round_id, other_class)
    (attempt_id,) = claim(village, limits=Limits(2, 1, 1000))
    assert village.attempt(attempt_id).call_id == 21


def test_a_call_whose_batches_are_all_canceled_ends_as_canceled(planned: Village) -> None:
    """A cancel and the end of an attempt may cross: the one sees an open call, the other a batch that calls."""
    planned.set(Batch, 1, state="canceled")
    assert claim(planned) == []
    assert (planned.only_call().state, planned.only_call().disposition) == ("ended", "canceled")


def test_while_the_carrier_rests_nothing_is_claimed(planned: Village, clock: ManualClock) -> None:
    with planned.writing() as tx:
        pace.rest(tx, clock.now() + timedelta(seconds=30))
    assert claim(planned) == []
    clock.advance(timedelta(seconds=29))
    assert len(claim(planned)) == 1


def test_a_storm_of_failures_stops_dialling_until_a_single_call_succeeds(village: Village, clock: ManualClock) -> None:
    for _ in range(12):
        village.family()
    village.start(village.open_round())
    clock.advance(timedelta(seconds=12))
    claimed = claim(village, limits=Limits(MOST_FAILURES, 0, 1000))
    for attempt_id in claimed:
        village.end(attempt_id, "carrier_failed", cause_name="network")
    assert village.row(Pace.__table__.select()).opened_at == clock.now()
    assert village.row(Pace.__table__.select()).reason == "network"
    assert claim(village) == []
    clock.advance(PROBE_EVERY)
    (probe,) = claim(village)
    assert claim(village) == []
    village.end(probe, "busy")  # the carrier rang somebody
    assert village.row(Pace.__table__.select()).opened_at is None
    assert len(claim(village)) > 1


def test_a_busy_evening_is_no_storm(village: Village, clock: ManualClock) -> None:
    for _ in range(2 * MOST_FAILURES):
        village.family()
    village.start(village.open_round())
    clock.advance(timedelta(seconds=20))
    for attempt_id in claim(village, limits=Limits(2 * MOST_FAILURES, 0, 1000)):
        village.end(attempt_id, "carrier_failed" if attempt_id % 2 else "no_answer")
    assert village.row(Pace.__table__.select()).opened_at is None


def test_two_pacers_at_once_claim_each_call_once_and_keep_the_lines(village: Village, clock: ManualClock) -> None:
    for _ in range(60):
        village.family()
    village.start(village.open_round())
    clock.advance(timedelta(minutes=2))
    database_url = village.runtime.settings.database.url
    claimed: list[int] = []
    together = threading.Barrier(3)

    def pacer_process() -> None:
        database = Database(database_url)
        together.wait()
        for _ in range(15):
            claimed.extend(claim_due(database, caps(limits=Limits(45, 5, 3)), clock.now()))
        database.dispose()

    threads = [threading.Thread(target=pacer_process) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(claimed) == len(set(claimed)) == 4  # three a second and one: more could not start in time
    assert village.count(Attempt, Attempt.state == "claimed") == 4


def test_the_pacer_rings_for_what_it_claimed(runtime: Runtime, planned: Village) -> None:
    assert pacer.release(runtime) == [1]
    assert runtime.bells.waiting("dial") == 1
    assert planned.count(Participation) == 0  # counts are folded by the sweeper
