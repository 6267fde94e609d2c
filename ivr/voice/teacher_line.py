"""The teacher's line: who may, what they are told of their classes, and what they do by phone.

What their page does is done the same way here: the same batch, the same record of who did it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.orm import Session

from callqueue.briefing import Facts
from callqueue.ladder import HEARD, reach_rank
from callqueue.planning import BatchRefused, start_batch
from callqueue.rounds import window_of
from callqueue.windows import next_open
from ivr.consoles.rounds import current_rounds
from prompts.errors import SlotError
from prompts.slots import class_name
from prompts.spoken import words_of
from ptm import audit
from ptm.clock import IST
from ptm.models import (
    Batch,
    Call,
    CallChild,
    Child,
    Guardianship,
    Recording,
    Round,
    SchoolClass,
    TeacherLine,
    VoiceMessage,
)
from ptm.passwords import verify_password

MOST_FAILURES, REST = 3, timedelta(minutes=15)
_NOBODY: Facts = {"language": "pa", "school": {}, "children": [{}], "caller": {}}


def is_right(tx: Connection, user_id: int | None, pin: str, now: datetime) -> bool:
    """Compare a PIN. After MOST_FAILURES wrong ones in a row the line rests, and even the right one is wrong.

    The comparison costs the same whatever comes of it. The line is locked first: two calls guess one after the other.
    """
    query = select(TeacherLine.__table__).where(TeacherLine.user_id == user_id).with_for_update()
    line = tx.execute(query).first()
    if line is None:
        return False
    fits = verify_password(line.pin_hash or "", pin)
    if line.locked_until_at is not None and line.locked_until_at > now:
        return False
    # A rest that is over has forgotten what led to it.
    failures = 0 if fits else (0 if line.locked_until_at is not None else line.failed_pins) + 1
    locked_until = now + REST if failures >= MOST_FAILURES else None
    of_teacher = update(TeacherLine).where(TeacherLine.user_id == user_id)
    tx.execute(of_teacher.values(failed_pins=failures, locked_until_at=locked_until))
    return fits


def facts(tx: Connection, user_id: int | None, now: datetime) -> Facts:
    """Return what a teacher's call is told: each class and how its calls stand now; nothing to anybody else."""
    has_pin = select(TeacherLine.user_id).where(TeacherLine.user_id == user_id, TeacherLine.pin_hash.is_not(None))
    if user_id is None or tx.scalar(has_pin) is None:
        return _NOBODY
    classes = tx.execute(
        select(SchoolClass.id, SchoolClass.name, SchoolClass.school_id)
        .where(SchoolClass.teacher_id == user_id)
        .order_by(SchoolClass.name, SchoolClass.id)
    ).all()
    if not classes:
        return _NOBODY
    rounds = _rounds(tx, {row.school_id for row in classes}, now)
    told = [_class(tx, row, place, rounds.get(row.school_id), now) for place, row in enumerate(classes, 1)]
    return _NOBODY | {"children": told, "caller": {"ready": "yes"}}


def keep_message(tx: Connection, user_id: int | None, class_id: Any, carrier_id: str, now: datetime) -> None:
    """Let what a teacher recorded be the class's message, once it was fetched and checked."""
    row = tx.execute(_own_class(user_id, class_id)).first()
    recording_id = tx.scalar(select(Recording.id).where(Recording.carrier_id == carrier_id))
    the_round = _rounds(tx, [row.school_id], now).get(row.school_id) if row is not None else None
    if row is None or recording_id is None or the_round is None:
        return
    message = {"round_id": the_round.id, "class_id": row.id, "user_id": user_id, "recording_id": recording_id}
    tx.execute(insert(VoiceMessage).values(**message, created_at=now))
    audit.record(tx, user_id=user_id, action="message.record", subject="class", subject_id=row.id, now=now)


def start(tx: Connection, user_id: int | None, class_id: Any, key: str, now: datetime) -> None:
    """Start a class's calls as the button on its page does. What cannot start any more was told so before."""
    row = tx.execute(_own_class(user_id, class_id)).first()
    the_round = _rounds(tx, [row.school_id], now).get(row.school_id) if row is not None else None
    if row is None or the_round is None:
        return
    with Session(bind=tx) as session:
        try:
            batch = start_batch(session, round_id=the_round.id, class_id=row.id, user_id=user_id, form_key=key, now=now)
        except BatchRefused:
            return
        audit.record(session, user_id=user_id, action="batch.start", subject="batch", subject_id=batch.id, now=now)
        session.flush()


def _own_class(user_id: int | None, class_id: Any) -> Any:
    return select(SchoolClass.id, SchoolClass.school_id).where(
        SchoolClass.id == class_id, SchoolClass.teacher_id == user_id
    )


def _rounds(tx: Connection, school_ids: Iterable[int], now: datetime) -> dict[int, Round]:
    """Return the round of each school that runs or comes."""
    today = now.astimezone(IST).date()
    with Session(bind=tx) as session:
        found = current_rounds(session, school_ids, now)
        session.expunge_all()
    return {school_id: one for school_id, one in found.items() if one.ends_on_ist >= today}


def _class(tx: Connection, row: Any, place: int, the_round: Round | None, now: datetime) -> Facts:
    named = {"class_name": row.name} if _can_be_said(row.name) else {"place": place}
    if the_round is None:
        return {"id": row.id, **named, **_counts(_families(tx, row.id), [])}
    batch = tx.scalar(select(Batch.id).where(Batch.class_id == row.id, Batch.round_id == the_round.id))
    told: Facts = {"id": row.id, **named, "can_record": "yes"}
    if batch is not None:
        reaches = _reaches(tx, row.id, the_round.id)
        return told | _counts(len(reaches), reaches) | {"started": "yes"}
    window = window_of({column.key: getattr(the_round, column.key) for column in Round.__table__.columns})
    families = _families(tx, row.id)
    can_start = {"can_start": "yes"} if families and next_open(window, now) is not None else {}
    return told | _counts(families, []) | can_start


def _counts(families: int, reaches: list[str]) -> dict[str, int]:
    heard = sum(reach_rank(reach) >= HEARD for reach in reaches)
    return {"families": families, "heard": heard, "recorded": reaches.count("recorded"), "left": families - heard}


def _families(tx: Connection, class_id: int) -> int:
    return (
        tx.scalar(
            select(func.count(Guardianship.household_id.distinct()))
            .join(Child, Child.id == Guardianship.child_id)
            .where(Child.class_id == class_id)
        )
        or 0
    )


def _reaches(tx: Connection, class_id: int, round_id: int) -> list[str]:
    rows = tx.execute(
        select(Call.id, Call.reach)
        .distinct()
        .join(CallChild, CallChild.call_id == Call.id)
        .join(Child, Child.id == CallChild.child_id)
        .where(Child.class_id == class_id, Call.round_id == round_id)
    )
    return [row.reach for row in rows]


def _can_be_said(name: str) -> bool:
    try:
        return bool(words_of(class_name(name), "pa"))
    except SlotError:
        return False
