"""When a call is dialled again: in the hour in which its family, its school or its district is known to pick up."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert, select, update

from callqueue import ledger
from callqueue.participation import fold
from callqueue.pick_ups import load_known
from callqueue.windows import SLOTS, hour_ist
from ptm.clock import ManualClock
from ptm.models import Attempt, Call, PickUp
from tests.unit.callqueue.village import Village


def known_in_school(village: Village, hour: int, *, dials: int, answered: int, kind: str = "school") -> None:
    place_id = village.school if kind == "school" else village.district
    values = {"kind": kind, "place_id": place_id, "hour_ist": hour, "dials": dials, "answered": answered}
    with village.writing() as tx:
        tx.execute(insert(PickUp).values(values))


def everybody_answers_alike(village: Village) -> None:
    for hour in range(10, 19):
        known_in_school(village, hour, dials=2_000, answered=800)


def dialled_in(village: Village, round_id: int, household_id: int, rang_at: datetime, outcome: str) -> None:
    """Add an attempt of an earlier round."""
    call_id = village.insert(
        Call, round_id=round_id, household_id=household_id, school_id=village.school, state="ended", due_at=rang_at,
        disposition="completed",
    )  # fmt: skip
    village.insert(
        Attempt, call_id=call_id, number=1, phone_id=household_id, token=f"{round_id}-{household_id}", state="ended",
        claimed_at=rang_at, lease_until_at=rang_at, dial_started_at=rang_at, ringing_at=rang_at, tree_hash="tree",
        facts={}, outcome=outcome, reach="heard" if outcome == "ended_after_answer" else "rang",
    )  # fmt: skip


def hours_after_no_answer(village: Village, **the_round: object) -> list[int]:
    """Let nobody answer a call to every family now; return the hours (IST) in which they are due again."""
    village.start(village.open_round(**({"hours": "learned"} | the_round)))
    village.runtime.clock.advance(timedelta(minutes=1))  # type: ignore[attr-defined]
    while claimed := village.claim():
        for attempt_id in claimed:
            village.set(Attempt, attempt_id, dial_started_at=village.runtime.clock.now())
            village.end(attempt_id, "no_answer")
    return hours_due(village)


def hours_due(village: Village) -> list[int]:
    with village.runtime.database.reading() as tx:
        query = select(Call.due_at).where(Call.state == "planned").order_by(Call.id)
        return [hour_ist(due_at) for due_at in tx.scalars(query)]


def test_a_family_that_answers_in_the_evening_is_called_in_the_evening_next_time(village: Village) -> None:
    everybody_answers_alike(village)
    families = [village.family() for _ in range(20)]
    for days in (30, 60, 90):
        day = village.now - timedelta(days=days)
        round_id = village.open_round(starts_on_ist=day.date(), ends_on_ist=day.date())
        for household_id in families:  # at six in India
            dialled_in(village, round_id, household_id, day + timedelta(hours=7), "ended_after_answer")
    due = hours_after_no_answer(village)
    assert len(due) == 20
    assert due.count(18) >= 16  # a small share explores


def test_a_family_of_which_nothing_is_known_is_called_when_its_school_picks_up(village: Village) -> None:
    for hour in range(10, 19):
        known_in_school(village, hour, dials=500, answered=350 if hour == 16 else 100)
    for _ in range(20):
        village.family()
    assert hours_after_no_answer(village).count(16) >= 16


def test_where_the_school_never_called_its_district_speaks(village: Village) -> None:
    for hour in range(10, 19):
        known_in_school(village, hour, dials=5_000, answered=3_500 if hour == 15 else 500, kind="area")
    for _ in range(20):
        village.family()
    assert hours_after_no_answer(village).count(15) >= 15


def test_a_familys_own_slot_wins(village: Village) -> None:
    known_in_school(village, 11, dials=1_000, answered=990)
    village.family(slot="evening")
    village.runtime.clock.advance(timedelta(hours=7))  # type: ignore[attr-defined]
    (due,) = hours_after_no_answer(village)
    assert SLOTS["evening"][0].hour <= due < SLOTS["evening"][1].hour


def test_a_round_can_do_without(village: Village) -> None:
    known_in_school(village, 17, dials=1_000, answered=990)
    for _ in range(5):
        village.family()
    assert hours_after_no_answer(village, hours="ladder") == [14] * 5  # three hours after eleven


@pytest.mark.parametrize(("outcome", "told"), [("no_answer", (1, 0)), ("ended_after_answer", (1, 1)), ("busy", (0, 0))])
def test_every_end_is_learnt_from_once(
    village: Village, clock: ManualClock, outcome: str, told: tuple[int, int]
) -> None:
    village.family()
    village.start(village.open_round(hours="learned"))
    (attempt_id,) = village.claim()
    village.set(Attempt, attempt_id, dial_started_at=clock.now())
    for _ in range(2):
        village.end(attempt_id, outcome, talk_s=40)
    with village.writing() as tx:
        fold(tx)
        known = load_known(tx, 1, village.school)
    counted = [(tally.dials[11], tally.answered[11]) for tally in (known.household, known.school, known.district)]
    assert counted == [told] * 3


def test_late_news_changes_no_hour(village: Village, clock: ManualClock) -> None:
    for _ in range(5):
        village.family()
    due = hours_after_no_answer(village)
    clock.advance(timedelta(minutes=5))
    with village.writing() as tx:
        tx.execute(update(Attempt).values(reach="unreached"))
    for attempt in village.attempts():
        with village.writing() as tx:
            ledger.raise_reach(tx, attempt.id, "rang")
    assert hours_due(village) == due
