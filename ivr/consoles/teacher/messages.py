"""A teacher's own words for a class, spoken into a page or by phone: the newest that is ready is what families hear."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ptm import audit
from ptm.models import VoiceMessage
from ptm.permissions import Actor, Permission, classes


def load_message(session: Session, class_id: int, round_id: int | None) -> VoiceMessage | None:
    """Return the newest message of a class in a round that was not taken back, ready or not."""
    return session.scalar(
        select(VoiceMessage)
        .where(VoiceMessage.class_id == class_id, VoiceMessage.round_id == round_id)
        .where(VoiceMessage.withdrawn_at.is_(None))
        .order_by(VoiceMessage.id.desc())
        .limit(1)
    )


def keep_message(
    session: Session, actor: Actor, *, class_id: int, round_id: int, clip: str, length_ms: int, now: datetime
) -> int:
    """Keep a clip as the message of a class from now on; return its id."""
    message = VoiceMessage(
        round_id=round_id, class_id=class_id, user_id=actor.user_id, clip=clip, length_ms=length_ms, created_at=now
    )
    session.add(message)
    session.flush()
    _record(session, actor, "message.record", class_id, now)
    return message.id


def withdraw_message(session: Session, actor: Actor, message_id: int, now: datetime) -> VoiceMessage | None:
    """Take back a message and the ones before it; return it, or None when it is not of this teacher's class.

    An older one coming back unasked would be a surprise to the teacher and to every family.
    """
    mine = VoiceMessage.class_id.in_(classes(actor, Permission.VOICE_WRITE))
    message = session.scalar(select(VoiceMessage).where(VoiceMessage.id == message_id, mine))
    if message is None:
        return None
    standing = select(VoiceMessage).where(
        VoiceMessage.class_id == message.class_id, VoiceMessage.round_id == message.round_id,
        VoiceMessage.id <= message.id, VoiceMessage.withdrawn_at.is_(None),
    )  # fmt: skip
    for one in session.scalars(standing):
        one.withdrawn_at = now
        _record(session, actor, "message.withdraw", one.class_id, now)
    return message


def _record(session: Session, actor: Actor, action: str, class_id: int, now: datetime) -> None:
    audit.record(session, user_id=actor.user_id, action=action, subject="class", subject_id=class_id, now=now)
