"""From a press or a round to planned calls: one per household, whoever presses, however often, however many at once."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select

from callqueue import planning
from callqueue.participation import load_participation
from callqueue.planning import (
    BatchRefused,
    cancel_batch,
    pause_batch,
    pause_round,
    plan_round,
    prepared,
    resume_batch,
    resume_round,
    start_batch,
)
from ptm.clock import ManualClock
from ptm.database import Database
from ptm.models import Batch, Call, CallChild, Child, Guardianship, Household
from tests.unit.callqueue.village import Village


def plan_state(village: Village, round_id: int) -> int:
    return plan_round(village.runtime.database, round_id, user_id=None, now=village.runtime.clock.now())


def test_a_class_becomes_one_call_per_household(village: Village) -> None:
    village.family()
    village.family(children=[village.school_class, village.school_class])
    batch_id = village.press(village.open_round())
    assert village.count(Call) == 2
    assert village.count(CallChild, CallChild.batch_id == batch_id) == 3
    assert village.batch_state(batch_id) == "preparing"
    assert village.call(1).due_at == village.now


def test_a_doubled_press_is_one_batch(village: Village) -> None:
    village.family()
    round_id = village.open_round()
    assert village.press(round_id) == village.press(round_id)
    assert village.count(Call) == 1


def test_two_phones_that_press_at_once_make_one_batch(village: Village) -> None:
    for _ in range(5):
        village.family()
    round_id, together = village.open_round(), threading.Barrier(3)
    database_url, found = village.runtime.settings.database.url, []

    def press(form_key: str) -> None:
        database = Database(database_url)
        together.wait()
        with database.session() as session:
            batch = start_batch(
                session, round_id=round_id, class_id=village.school_class, user_id=None, form_key=form_key,
                now=village.now,
            )  # fmt: skip
            found.append(batch.id)
        database.dispose()

    threads = [threading.Thread(target=press, args=[f"form-{number}"]) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [found[0]] * 3
    assert (village.count(Batch), village.count(Call), village.count(CallChild)) == (1, 5, 5)


def test_two_teachers_of_one_family_plan_one_call(village: Village) -> None:
    other_class = village.add_class(village.add_school(), "2B")
    village.family(children=[village.school_class, other_class])
    round_id = village.open_round()
    village.press(round_id)
    village.press(round_id, other_class)
    assert (village.count(Batch), village.count(Call), village.count(CallChild)) == (2, 1, 2)


def test_a_family_that_opted_out_is_not_planned(village: Village) -> None:
    village.family(opted_out_at=village.now)
    village.family()
    village.press(village.open_round())
    assert village.count(Call) == 1


def test_a_class_without_anybody_to_call_is_refused(village: Village) -> None:
    round_id = village.open_round()
    with pytest.raises(BatchRefused, match="Import the class list"):
        village.press(round_id)
    village.family(opted_out_at=village.now)
    with pytest.raises(BatchRefused):
        village.press(round_id)
    assert village.count(Batch) == 0


def test_a_round_that_is_over_is_refused(village: Village, clock: ManualClock) -> None:
    village.family()
    round_id = village.open_round()
    clock.advance(timedelta(days=9))
    with pytest.raises(BatchRefused, match="has ended"):
        village.press(round_id)


def test_a_form_used_for_another_class_says_so(village: Village) -> None:
    other_class = village.add_class(village.school, "2B")
    village.family(children=[village.school_class])
    village.family(children=[other_class])
    round_id = village.open_round()
    for class_id, refused in ((village.school_class, False), (other_class, True)):
        with village.runtime.database.session() as session:
            order = {
                "round_id": round_id,
                "class_id": class_id,
                "user_id": None,
                "form_key": "same",
                "now": village.now,
            }
            if not refused:
                start_batch(session, **order)  # type: ignore[arg-type]
                continue
            with pytest.raises(BatchRefused, match="Load the page again"):
                start_batch(session, **order)  # type: ignore[arg-type]


def test_a_whole_state_is_planned_behind_the_teachers(village: Village) -> None:
    other_district = village.area("district", village.state)
    far_class = village.add_class(village.add_school(other_district), "9C")
    elsewhere = village.add_class(village.add_school(village.area("state", None)), "1A")
    village.family()
    village.family(children=[village.school_class, far_class])
    village.family(children=[far_class])
    village.family(children=[elsewhere])
    round_id = village.open_round()
    village.press(round_id)
    assert plan_state(village, round_id) == 1  # the others are planned already
    assert plan_state(village, round_id) == 0
    assert (village.count(Call), village.count(Batch)) == (3, 2)
    with village.runtime.database.reading() as tx:
        calls = tx.execute(select(Call.household_id, Call.priority).order_by(Call.household_id)).all()
        counts = load_participation(tx, round_id, "area", [village.state, other_district])
    assert [tuple(row) for row in calls] == [(1, 0), (2, 0), (3, 1)]
    assert village.count(CallChild) == 4
    assert (counts[village.state]["calls"], counts[other_district]["calls"]) == (3, 1)


def test_calls_of_one_school_follow_each_other_and_schools_stand_side_by_side(village: Village) -> None:
    other_class = village.add_class(village.add_school(), "2B")
    for _ in range(3):
        village.family()
        village.family(children=[other_class])
    plan_state(village, village.open_round())
    with village.runtime.database.reading() as tx:
        due = sorted((call.due_at - village.now).total_seconds() for call in tx.execute(Call.__table__.select()))
    assert due == [0, 0, 1, 1, 2, 2]


def test_a_teacher_who_presses_later_puts_her_class_ahead(village: Village) -> None:
    village.family()
    round_id = village.open_round()
    plan_state(village, round_id)
    assert village.only_call().priority == 1
    other_class = village.add_class(village.school, "2B")
    child = village.insert(Child, class_id=other_class, name="Child", admission_no="new")
    with village.writing() as tx:
        tx.execute(Guardianship.__table__.insert().values(child_id=child, household_id=1))
    village.press(round_id, other_class)
    assert village.only_call().priority == 0


def test_pausing_resuming_and_canceling_happen_once(village: Village) -> None:
    village.family()
    batch_id = village.start(village.open_round())
    with village.runtime.database.session() as session:
        assert pause_batch(session, batch_id, village.now)
        assert not pause_batch(session, batch_id, village.now)
        assert not prepared(session, batch_id)
        assert resume_batch(session, batch_id, village.now)
        assert not resume_batch(session, batch_id, village.now)
        assert cancel_batch(session, batch_id, village.now)
        assert not cancel_batch(session, batch_id, village.now)
        assert not resume_batch(session, batch_id, village.now)
    assert (village.only_call().state, village.only_call().disposition) == ("ended", "canceled")
    with village.writing() as tx:
        assert pause_round(tx, 1, village.now)
        assert not pause_round(tx, 1, village.now)
        assert resume_round(tx, 1)
        assert not resume_round(tx, 1)


def test_canceling_one_class_leaves_a_family_that_another_wants(village: Village) -> None:
    other_class = village.add_class(village.school, "2B")
    village.family(children=[village.school_class, other_class])
    village.family()
    round_id = village.open_round()
    batch_id = village.start(round_id)
    village.start(round_id, other_class)
    with village.runtime.database.session() as session:
        cancel_batch(session, batch_id, village.now)
    assert village.call(1).state == "planned"
    assert village.call(2).disposition == "canceled"


def test_a_family_added_after_the_press_is_planned_by_the_round(village: Village) -> None:
    village.family()
    round_id = village.open_round()
    plan_state(village, round_id)
    village.family()
    assert plan_state(village, round_id) == 1
    assert village.count(Household) == village.count(Call) == 2


def test_siblings_whose_schools_are_planned_side_by_side_share_one_call(
    village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planning, "SCHOOLS_AT_ONCE", 1)
    classes = [village.school_class, *(village.add_class(village.add_school(), "2B") for _ in range(3))]
    for number in range(8):
        village.family(children=[classes[number % 4], classes[(number + 1) % 4]])
    assert plan_state(village, village.open_round()) == 8
    assert (village.count(Call), village.count(CallChild)) == (8, 16)


def test_a_teachers_press_after_the_state_was_planned_puts_her_own_class_ahead(village: Village) -> None:
    village.family()
    other_class = village.add_class(village.school, "2B")
    other = village.family(children=[other_class])
    round_id = village.open_round()
    plan_state(village, round_id)
    batch_id = village.press(round_id)
    assert village.press(round_id) == batch_id
    assert village.count(Batch) == 2
    assert [village.call(household).priority for household in (1, other)] == [0, 1]
