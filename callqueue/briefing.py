"""What a call is told before it is dialled: the facts that its call tree speaks from, as plain JSON.

They are taken at the claim, so that a teacher's last correction is heard and an import in mid-call changes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, select

from callqueue.among import among
from callqueue.answers import load_answers
from callqueue.teacher_hours import children_with_teacher
from ptm.models import Batch, CallChild, Child, Message, School, SchoolClass, VoiceMessage

Facts = dict[str, Any]


def brief(
    tx: Connection, call_id: int, the_round: Any, *, language: str, school_id: int, now: datetime | None = None
) -> Facts:
    """Return the facts of one call: language, school, children with their messages, meeting day, perhaps an answer.

    With `now`, when the call is about to be held, also whether a child's teacher takes calls.
    """
    return brief_many(tx, [(call_id, language, school_id)], the_round, now)[call_id]


def brief_many(
    tx: Connection, calls: Sequence[tuple[int, str, int]], the_round: Any, now: datetime | None = None
) -> dict[int, Facts]:
    """Return the facts of calls of one round, given as (call, language, school), by call."""
    schools = _schools(tx, {school_id for _, _, school_id in calls})
    answers = load_answers(tx, schools.keys(), the_round["id"])
    children = _children(tx, [call_id for call_id, _, _ in calls], the_round["id"])
    if now is not None:
        _note_teachers(tx, [child for of_call in children.values() for child in of_call], now)
    meeting = {"on": the_round["meeting_on_ist"].isoformat()}
    return {
        call_id: {
            "language": language,
            "school": schools[school_id],
            "children": children.get(call_id, []),
            "meeting": meeting,
            **_answer(answers.get(school_id)),
        }
        for call_id, language, school_id in calls
    }


def _schools(tx: Connection, school_ids: set[int]) -> dict[int, Facts]:
    rows = tx.execute(select(School.id, School.name, School.spoken).where(among(tx, School.id, school_ids)))
    return {row.id: {"name": row.name, "spoken": row.spoken} for row in rows}


def _answer(found: Any) -> Facts:
    """Return what came of what parents said, for the calls that tell it; others do not even know the word."""
    return {"answer": {"texts": found.texts, "clips": found.clips}} if found is not None else {}


def _children(tx: Connection, call_ids: Sequence[int], round_id: int) -> dict[int, list[Facts]]:
    rows = tx.execute(
        select(CallChild.call_id, Child.class_id, Child.id, Child.name, SchoolClass.name.label("class_name"),
               Message.attendance, Message.level, Message.praise)
        .join(Child, Child.id == CallChild.child_id)
        .join(SchoolClass, SchoolClass.id == Child.class_id)
        .outerjoin(Message, and_(Message.child_id == Child.id, Message.round_id == round_id))
        .join(Batch, Batch.id == CallChild.batch_id)
        .where(among(tx, CallChild.call_id, call_ids), Batch.state != "canceled")
        .order_by(Child.id)
    ).all()  # fmt: skip
    voices = _voices(tx, {row.class_id for row in rows}, round_id)
    found: dict[int, list[Facts]] = {}
    for call_id, class_id, *values in rows:
        child = dict(zip(_CHILD_KEYS, values, strict=True))
        found.setdefault(call_id, []).append(child | voices.get(class_id, {}))
    return found


def _voices(tx: Connection, class_ids: Collection[int], round_id: int) -> dict[int, Facts]:
    """Return, by class, the newest of a teacher's own words that can be played."""
    rows = tx.execute(
        select(VoiceMessage.class_id, VoiceMessage.clip)
        .where(
            VoiceMessage.round_id == round_id, among(tx, VoiceMessage.class_id, class_ids),
            VoiceMessage.clip.is_not(None), VoiceMessage.withdrawn_at.is_(None),
        )
        .order_by(VoiceMessage.id)
    )  # fmt: skip
    return {row.class_id: {"voice": row.clip} for row in rows}


def _note_teachers(tx: Connection, children: Sequence[Facts], now: datetime) -> None:
    taking = children_with_teacher(tx, [child["id"] for child in children], now)
    for child in children:
        if child["id"] in taking:
            child["teacher"] = "yes"


_CHILD_KEYS = ("id", "name", "class_name", "attendance", "level", "praise")
