"""A connected call holds two lines while the second lasts, and costs what both legs cost."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from callqueue import callbacks, funding, participation
from callqueue.claiming import lines_called_in, lines_held
from ivr.trees.model import HUNG_UP
from ptm.models import Attempt, Call, CallbackRequest, Child, Guardianship, InboundCall, InboundEvent, Round
from tests.callflow.caller import Caller, call_in
from tests.callflow.stage import Phone, Stage


def lines(stage: Stage) -> tuple[int, int]:
    with stage.runtime.database.reading() as tx:
        return sum(held for held, _ in lines_held(tx, stage.clock.now()).values()), lines_called_in(tx)


def pulses(stage: Stage) -> int:
    with stage.runtime.database.reading() as tx:
        found = participation.load_participation(tx, stage.round_id, "school", [stage.school_id])
        return found[stage.school_id]["pulses"]


@pytest.fixture
def ringing(stage: Stage) -> Caller:
    """A family that calls in and is being put through."""
    phone = call_in(stage, {"line": "family", "own_class": True, "teacher": {}})
    for step in ("answer", "1", "", "2", "1"):
        document = (phone.answer() if step == "answer" else phone.press(step) if step else phone.silence()).deliver()
    assert document.waits == "dial"
    return phone


@pytest.fixture
def connected(stage: Stage) -> Phone:
    """A call of ours in which a family is being put through."""
    phone = stage.dial()
    _give_teacher(stage, phone)
    for step in ("answer", "1", "", "2", "1"):
        document = (phone.answer() if step == "answer" else phone.press(step) if step else phone.silence()).deliver()
    assert document.waits == "dial"
    return phone


def _give_teacher(stage: Stage, phone: Phone) -> None:
    """Let a teacher of a class of their own take this child's calls."""
    other = call_in(stage, {"line": "family", "own_class": True, "teacher": {}})
    with stage.runtime.database.session() as session:
        child = session.get_one(Child, phone.facts["children"][0]["id"])
        child.class_id = session.get_one(Child, other.child_ids[0]).class_id


def test_the_teachers_leg_holds_a_line_of_the_account_until_it_is_over(stage: Stage, connected: Phone) -> None:
    before = lines(stage)
    connected.dialled("completed").deliver()
    assert lines(stage) == (before[0] - 1, before[1])
    connected.hang_up().deliver()
    assert lines(stage) == (before[0] - 2, before[1])


def test_a_call_that_comes_in_holds_two_lines_while_its_teacher_speaks(stage: Stage, ringing: Caller) -> None:
    before = lines(stage)
    ringing.hang_up().deliver()
    assert lines(stage) == (before[0], before[1] - 2)


def test_the_round_sets_aside_money_for_both_legs(stage: Stage, connected: Phone) -> None:
    def room() -> int:
        with stage.runtime.database.reading() as tx:
            the_round = tx.execute(select(Round.__table__).where(Round.id == stage.round_id)).mappings().one()
            return funding.affordable(tx, {**the_round, "lines": 1_000, "budget_paise": None}, 240, 10_000)

    during = room()
    connected.dialled("busy").deliver()
    assert room() == during + 1
    connected.hang_up().deliver()
    assert room() == during + 2


@pytest.mark.parametrize(("talk_s", "minutes"), [(0, 0), (58, 1), (62, 2), (150, 3)])
def test_the_teachers_leg_is_paid_by_started_minutes_once(
    stage: Stage, connected: Phone, talk_s: int, minutes: int
) -> None:
    before = pulses(stage)
    connected.leg("answer").deliver()
    connected.leg("connected").deliver()
    over = connected.leg("hangup", talk_s)
    over.deliver()
    over.deliver()
    connected.make(over.path, over.form).deliver()
    assert pulses(stage) == before + minutes
    connected.hang_up().deliver()


def test_the_leg_of_a_call_that_came_in_is_paid_by_the_round_too(stage: Stage, ringing: Caller) -> None:
    before = pulses(stage)
    ringing.leg("hangup", 61).deliver()
    assert pulses(stage) == before + 2
    ringing.hang_up().deliver()


def test_news_of_the_leg_that_came_after_the_end_still_counts(stage: Stage, connected: Phone) -> None:
    connected.hang_up().deliver()
    before = pulses(stage)
    connected.leg("hangup", 30).deliver()
    assert pulses(stage) == before + 1


def wishes(stage: Stage, phone: Phone) -> list[Any]:
    with stage.runtime.database.reading() as tx:
        of_call = CallbackRequest.attempt_id == phone.attempt_id
        return list(tx.scalars(select(CallbackRequest.reason).where(of_call)))


def test_a_family_of_ours_that_hangs_up_at_the_ringing_is_on_the_teachers_page(stage: Stage, connected: Phone) -> None:
    with stage.runtime.database.session() as session:
        child_id = connected.facts["children"][0]["id"]
        session.add(Guardianship(child_id=child_id, household_id=_household(session, connected)))
    connected.hang_up().deliver()
    assert wishes(stage, connected) == [HUNG_UP] == [callbacks.HUNG_UP]
    connected.leg("answer").deliver()
    assert wishes(stage, connected) == []


def _household(session: Any, phone: Phone) -> int:
    found = select(Call.household_id).join(Attempt, Attempt.call_id == Call.id).where(Attempt.id == phone.attempt_id)
    return int(session.scalar(found))


def test_no_number_of_the_teacher_stands_in_the_news(stage: Stage, ringing: Caller) -> None:
    ringing.leg("connected").deliver()
    with stage.runtime.database.reading() as tx:
        inbound = select(InboundCall.id).where(InboundCall.call_uuid == ringing.call_uuid).scalar_subquery()
        forms = list(tx.scalars(select(InboundEvent.form).where(InboundEvent.inbound_id == inbound)))
    assert "919814000000" not in str(forms)
    ringing.hang_up().deliver()
