"""What an analyst changes: theme, words, read or not. Each with the record of who did it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ivr.consoles.analyst.forms import Review
from ivr.consoles.analyst.queries import ANALYST
from ivr.consoles.urgent import record_escalation
from ptm import audit
from ptm.models import Suggestion, Transcript
from ptm.permissions import Actor


def hold(session: Session, suggestion_id: int) -> None:
    """Keep everybody else from changing a suggestion until this transaction ends."""
    session.get(Suggestion, suggestion_id, with_for_update=True)


def save_review(session: Session, actor: Actor, suggestion_id: int, review: Review, now: datetime) -> None:
    """Note that a person has read this suggestion, with the theme they chose and the words they heard.

    A correction becomes a transcript of its own beside the machine's, which is never overwritten: the difference
    between the two is what measures the recogniser. What is urgent is hidden from the class's teacher at once.
    """
    suggestion = session.get_one(Suggestion, suggestion_id)
    if review.is_urgent and not suggestion.escalated:
        record_escalation(session, actor, suggestion_id, now)
    suggestion.theme, suggestion.status, suggestion.escalated = review.theme, "read", review.is_urgent
    if review.text is not None:
        suggestion.public_text, suggestion.doubt = review.text, 0.0
        if suggestion.recording_id is not None:
            _keep_words(session, actor, suggestion.recording_id, review.text, now)
    audit.record(
        session, user_id=actor.user_id, action="suggestion.review", subject="suggestion", subject_id=suggestion_id,
        details={"theme": review.theme, "corrected": review.text is not None, "urgent": review.is_urgent}, now=now,
    )  # fmt: skip


def _keep_words(session: Session, actor: Actor, recording_id: int, text: str, now: datetime) -> None:
    kept = session.scalar(
        select(Transcript).where(Transcript.recording_id == recording_id, Transcript.model == ANALYST)
    )
    if kept is None:
        kept = Transcript(recording_id=recording_id, model=ANALYST, words=[], confidence=None)
        session.add(kept)
    kept.verdict, kept.text, kept.created_at = ("speech" if text else "no_speech"), text, now
    kept.details = {"user_id": actor.user_id}
