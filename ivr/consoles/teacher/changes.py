"""What a teacher's pages change, always together with the record of who did it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from callqueue.planning import cancel_batch, pause_batch, resume_batch
from ivr.consoles.teacher.forms import Note, Said
from ivr.consoles.teacher.queries import NotableChild
from ptm import audit
from ptm.models import Batch, Message, Suggestion
from ptm.permissions import Actor

# What families hear is rendered before they are called; words changed after that would be missing in mid-call.
LOCKED_STATES = ("preparing", "calling")

IN_PERSON = "in_person"
SENT_TWICE = timedelta(minutes=10)

CONTROLS: Mapping[str, Callable[[Session, int, datetime], bool]] = {
    "pause": pause_batch,
    "resume": resume_batch,
    "cancel": cancel_batch,
}


def save_messages(
    session: Session, actor: Actor, *, class_id: int, round_id: int, said: Mapping[int, Said], now: datetime
) -> int:
    """Write what is to be said of each child and return for how many it changed."""
    known = {
        message.child_id: message
        for message in session.scalars(
            select(Message).where(Message.round_id == round_id, Message.child_id.in_(list(said)))
        )
    }
    changed = 0
    for child_id, one in said.items():
        message = known.get(child_id)
        if message is None:
            if one == Said(None, None, None):
                continue
            message = Message(round_id=round_id, child_id=child_id)
            session.add(message)
        elif (message.attendance, message.level, message.praise) == (one.attendance, one.level, one.praise):
            continue
        message.attendance, message.level, message.praise = one.attendance, one.level, one.praise
        changed += 1
    if changed:
        audit.record(
            session, user_id=actor.user_id, action="messages.write", subject="class", subject_id=class_id,
            details={"round_id": round_id, "children": changed}, now=now,
        )  # fmt: skip
    return changed


def keep_note(session: Session, actor: Actor, child: NotableChild, note: Note, now: datetime) -> int:
    """Keep what a parent said in person as a suggestion of that family, once however often it is sent; return its id.

    A person wrote it, so there is nothing to doubt; an analyst reads it like any other. A family without a call is
    known by its school alone: there the same words are the same note for as long as a form may be sent twice.
    """
    same = select(Suggestion.id).where(Suggestion.source == IN_PERSON, Suggestion.public_text == note.text)
    if child.call_id is not None:
        same = same.where(Suggestion.call_id == child.call_id)
    else:
        of_school = (Suggestion.call_id.is_(None), Suggestion.school_id == child.school_id)
        same = same.where(*of_school, Suggestion.created_at > now - SENT_TWICE)
    known = session.scalar(same)
    if known is not None:
        return known
    suggestion = Suggestion(
        call_id=child.call_id, school_id=child.school_id, source=IN_PERSON, language=note.language,
        public_text=note.text, doubt=0.0, created_at=now,
    )  # fmt: skip
    session.add(suggestion)
    session.flush()
    audit.record(
        session,
        user_id=actor.user_id,
        action="suggestion.note",
        subject="suggestion",
        subject_id=suggestion.id,
        now=now,
    )
    return suggestion.id


def control_batch(session: Session, actor: Actor, batch: Batch, verb: str, now: datetime) -> bool:
    """Pause, resume or cancel a batch; return whether anything changed."""
    changed = CONTROLS[verb](session, batch.id, now)
    if changed:
        audit.record(
            session, user_id=actor.user_id, action=f"batch.{verb}", subject="batch", subject_id=batch.id, now=now
        )
    return changed
