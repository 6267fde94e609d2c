"""What is urgent and nobody has dealt with: it stays in front of those who may act until somebody says what was done.

What was done is an entry of the audit, one of a few known deeds and no free words: the audit outlives the message.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from ptm import audit
from ptm.models import Area, Audit, Suggestion
from ptm.permissions import Actor, Permission, grants, schools

# What may have been done about a message that says a child is in danger. The words stand in the template.
DEEDS = ("head_told", "protection_told", "police_told", "family_spoken_to", "no_danger")
ESCALATED, DEALT_WITH = "suggestion.escalate", "suggestion.deal"


def is_for(actor: Actor, permission: Permission) -> ColumnElement[bool]:
    """Ask whether a suggestion is for this person: of their area's schools, or of no school if theirs is the whole."""
    theirs = Suggestion.school_id.in_(schools(actor, permission))
    if not grants(actor, permission):
        return theirs
    whole = select(Area.id).where(Area.id == actor.area_id, Area.parent_id.is_(None)).exists()
    return or_(theirs, and_(Suggestion.school_id.is_(None), whole))


def is_waiting() -> ColumnElement[bool]:
    """Ask whether a suggestion is urgent and nothing was done since it became so."""
    return and_(Suggestion.escalated, func.coalesce(_newest(DEALT_WITH), 0) <= func.coalesce(_newest(ESCALATED), 0))


def count_urgent(session: Session, actor: Actor, permission: Permission) -> int:
    """Return how many urgent messages of this person's area nobody has dealt with."""
    wanted = (Suggestion.status != "withdrawn", is_for(actor, permission), is_waiting())
    return session.scalar(select(func.count()).select_from(Suggestion).where(*wanted)) or 0


def load_deed(session: Session, suggestion_id: int) -> Audit | None:
    """Return the newest record of what was done about a suggestion."""
    return session.scalar(
        select(Audit)
        .where(Audit.subject == "suggestion", Audit.subject_id == suggestion_id, Audit.action == DEALT_WITH)
        .order_by(Audit.id.desc())
        .limit(1)
    )


def record_escalation(session: Session, actor: Actor, suggestion_id: int, now: datetime) -> None:
    """Note that a suggestion became urgent: what was done about it before no longer counts."""
    audit.record(
        session, user_id=actor.user_id, action=ESCALATED, subject="suggestion", subject_id=suggestion_id, now=now
    )


def record_deed(session: Session, actor: Actor, suggestion_id: int, deed: str, now: datetime) -> None:
    """Note what was done, by whom and when."""
    audit.record(
        session, user_id=actor.user_id, action=DEALT_WITH, subject="suggestion", subject_id=suggestion_id,
        details={"deed": deed}, now=now,
    )  # fmt: skip


def _newest(action: str) -> ColumnElement[int]:
    return (
        select(func.max(Audit.id))
        .where(Audit.subject == "suggestion", Audit.subject_id == Suggestion.id, Audit.action == action)
        .correlate(Suggestion)
        .scalar_subquery()
    )
