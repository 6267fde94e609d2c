"""You said, we did: the nearest answer is told, in the round that it was recorded for, and only while it stands."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from callqueue.answers import load_answers
from callqueue.briefing import brief_many
from ptm.models import Answer, Call, Round
from tests.unit.callqueue.village import Village


@pytest.fixture
def round_id(village: Village) -> int:
    return village.open_round()


def answer(village: Village, round_id: int, words: str, **place: Any) -> int:
    values = {"round_id": round_id, "texts": {"pa": words}, "clips": {}, "created_at": village.now} | place
    return village.insert(Answer, **values)


def told(village: Village, round_id: int, *school_ids: int) -> dict[int, str]:
    with village.runtime.database.reading() as tx:
        found = load_answers(tx, school_ids or [village.school], round_id)
    return {school_id: row.texts["pa"] for school_id, row in found.items()}


def test_the_nearest_answer_is_told_and_a_school_may_have_its_own(village: Village, round_id: int) -> None:
    neighbour, far = village.add_school(), village.add_school(village.state)
    answer(village, round_id, "state", area_id=village.state)
    answer(village, round_id, "block", area_id=village.block)
    answer(village, round_id, "district", area_id=village.district)
    answer(village, round_id, "school", school_id=village.school)
    assert told(village, round_id, village.school, neighbour, far) == {
        village.school: "school", neighbour: "block", far: "state",
    }  # fmt: skip


def test_one_that_was_withdrawn_or_belongs_to_another_round_or_place_is_not_told(
    village: Village, round_id: int
) -> None:
    answer(village, round_id, "district", area_id=village.district)
    answer(village, round_id, "withdrawn", school_id=village.school, withdrawn_at=village.now)
    answer(village, village.open_round(), "next round", school_id=village.school)
    answer(village, round_id, "elsewhere", area_id=village.area("block", village.state))
    assert told(village, round_id) == {village.school: "district"}


def test_of_two_answers_of_one_place_the_newer_is_told(village: Village, round_id: int) -> None:
    answer(village, round_id, "old", area_id=village.block)
    answer(village, round_id, "new", area_id=village.block)
    assert told(village, round_id) == {village.school: "new"}


def test_calls_are_briefed_with_their_schools_answer_and_others_with_nothing(village: Village, round_id: int) -> None:
    other = village.add_school(village.state)
    for class_id in (village.school_class, village.add_class(other, "3")):
        village.family(children=[class_id])
        village.press(round_id, class_id)
    answer(village, round_id, "ਪਾਣੀ ਲੱਗ ਗਿਆ", area_id=village.block, clips={"pa": "0" * 64 + ".wav"})
    with village.runtime.database.reading() as tx:
        calls = [tuple(row) for row in tx.execute(select(Call.id, Call.school_id).order_by(Call.id))]
        the_round = tx.execute(select(Round.__table__).where(Round.id == round_id)).mappings().one()
        facts = brief_many(tx, [(call_id, "pa", school_id) for call_id, school_id in calls], the_round)
    by_school = {school_id: facts[call_id].get("answer") for call_id, school_id in calls}
    assert by_school == {
        village.school: {"texts": {"pa": "ਪਾਣੀ ਲੱਗ ਗਿਆ"}, "clips": {"pa": "0" * 64 + ".wav"}}, other: None,
    }  # fmt: skip
