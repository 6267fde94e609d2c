"""What a leader changes: answers to what parents said. Each with the record of who did it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from ivr.consoles.leader.forms import Answering
from ivr.consoles.leader.places import SCHOOL, Place
from ptm import audit
from ptm.models import Answer
from ptm.permissions import Actor, Permission, areas, schools


def save_answer(
    session: Session, actor: Actor, place: Place, answering: Answering, clips: Mapping[str, str], now: datetime
) -> int | None:
    """Keep an answer and return its id; None when this place has one in that round already, which stands."""
    standing = (place.own_answer, Answer.round_id == answering.round_id, Answer.withdrawn_at.is_(None))
    if session.scalar(select(Answer.id).where(*standing)) is not None:
        return None
    is_school = place.kind == SCHOOL
    answer = Answer(
        round_id=answering.round_id, school_id=place.id if is_school else None,
        area_id=None if is_school else place.id, theme=answering.theme, texts=dict(answering.texts),
        clips=dict(clips), created_by_id=actor.user_id, created_at=now,
    )  # fmt: skip
    session.add(answer)
    session.flush()
    _record(session, actor, "answer.write", answer, now)
    return answer.id


def withdraw_answer(session: Session, actor: Actor, answer_id: int, now: datetime) -> Answer | None:
    """Let no further call tell an answer; return it, or None when there is none that this person may take back."""
    mine = or_(
        Answer.school_id.in_(schools(actor, Permission.ANSWER_WRITE)),
        Answer.area_id.in_(areas(actor, Permission.ANSWER_WRITE)),
    )
    answer = session.scalar(select(Answer).where(Answer.id == answer_id, mine))
    if answer is not None and answer.withdrawn_at is None:
        answer.withdrawn_at = now
        _record(session, actor, "answer.withdraw", answer, now)
    return answer


def _record(session: Session, actor: Actor, action: str, answer: Answer, now: datetime) -> None:
    details = {"round_id": answer.round_id, "theme": answer.theme, "languages": sorted(answer.texts)}
    audit.record(
        session, user_id=actor.user_id, action=action, subject="answer", subject_id=answer.id, details=details, now=now
    )
