"""What an analyst's pages read: suggestions of the assigned area, without names or numbers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from ivr.consoles.analyst.forms import PAGE_SIZE, Filter
from ivr.consoles.urgent import is_for, is_waiting
from ptm.models import Area, Recording, School, Suggestion, Transcript
from ptm.permissions import Actor, Permission

# The name under which an analyst's own words are kept beside those of the models.
ANALYST = "analyst"
# Said by somebody who called in from a number that is in no school's list.
OF_NO_SCHOOL = "A number that no school knows"
# Below these shares of certainty a word is shown as doubtful, as unsure; above as sure.
DOUBTFUL, UNSURE = 0.5, 0.8


@dataclass(frozen=True)
class Word:
    text: str
    confidence: float | None

    @property
    def level(self) -> str:
        if self.confidence is None or self.confidence >= UNSURE:
            return "sure"
        return "unsure" if self.confidence >= DOUBTFUL else "doubtful"


@dataclass(frozen=True)
class Item:
    """One suggestion in the list. `heard` is why there are no words, when there are none."""

    id: int
    source: str
    school: str
    area: str
    language: str
    created_at: datetime
    status: str
    theme: str | None
    escalated: bool
    waiting: bool
    doubt: float
    has_audio: bool
    duration_ms: int | None
    public_text: str
    words: Sequence[Word]
    verdict: str | None
    corrected: bool


@dataclass(frozen=True)
class Page:
    items: Sequence[Item]
    total: int
    number: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE_SIZE))


def load_page(session: Session, actor: Actor, wanted: Filter) -> Page:
    """Return one page of suggestions, what the machine doubts most first. Three queries."""
    kept = _filtered(_visible(actor, Permission.SUGGESTION_READ), wanted)
    total = session.scalar(select(func.count()).select_from(kept.subquery())) or 0
    rows = session.execute(
        kept.order_by(is_waiting().desc(), Suggestion.escalated.desc(), Suggestion.doubt.desc(), Suggestion.id)
        .limit(PAGE_SIZE)
        .offset((wanted.page - 1) * PAGE_SIZE)
    ).all()
    heard = _transcripts(session, [row.recording_id for row in rows if row.recording_id])
    return Page([_item(row, heard.get(row.recording_id, {})) for row in rows], total, wanted.page)


def load_item(session: Session, actor: Actor, permission: Permission, suggestion_id: int) -> Item | None:
    """Return one suggestion, or None when there is none or it is not for this person."""
    row = session.execute(_visible(actor, permission).where(Suggestion.id == suggestion_id)).first()
    if row is None:
        return None
    return _item(row, _transcripts(session, [row.recording_id] if row.recording_id else []).get(row.recording_id, {}))


def load_audio_file(session: Session, actor: Actor, suggestion_id: int) -> str | None:
    """Return the name of a suggestion's audio file, when this person may listen and it is there."""
    row = session.execute(_visible(actor, Permission.SUGGESTION_LISTEN).where(Suggestion.id == suggestion_id)).first()
    return row.file if row is not None else None


def load_tally(session: Session, actor: Actor) -> dict[str, int]:
    """Return how many suggestions of the area are in each status."""
    rows = session.execute(
        select(Suggestion.status, func.count().label("number"))
        .where(is_for(actor, Permission.SUGGESTION_READ), Suggestion.status != "withdrawn")
        .group_by(Suggestion.status)
    )
    return {row.status: row.number for row in rows}


def _visible(actor: Actor, permission: Permission) -> Any:
    # A suggestion that its parent replaced by another is nobody's to read.
    return (
        select(
            Suggestion.id, Suggestion.source, Suggestion.recording_id, Suggestion.language, Suggestion.created_at,
            Suggestion.status, Suggestion.theme, Suggestion.escalated, Suggestion.doubt, Suggestion.public_text,
            func.coalesce(School.name, OF_NO_SCHOOL).label("school"), func.coalesce(Area.name, "").label("area"),
            Recording.file, Recording.duration_ms, is_waiting().label("waiting"),
        )
        .outerjoin(School, School.id == Suggestion.school_id)
        .outerjoin(Area, Area.id == School.area_id)
        .outerjoin(Recording, Recording.id == Suggestion.recording_id)
        .where(is_for(actor, permission), Suggestion.status != "withdrawn")
    )  # fmt: skip


def _filtered(query: Any, wanted: Filter) -> Any:
    if wanted.language:
        query = query.where(Suggestion.language == wanted.language)
    if wanted.theme == "none":
        query = query.where(Suggestion.theme.is_(None))
    elif wanted.theme:
        query = query.where(Suggestion.theme == wanted.theme)
    if wanted.status == "open":
        query = query.where(or_(Suggestion.status.in_(("new", "needs_listening")), is_waiting()))
    elif wanted.status != "all":
        query = query.where(Suggestion.status == wanted.status)
    return query


def _transcripts(session: Session, recording_ids: Collection[int]) -> dict[int, dict[str, Any]]:
    """Return the newest machine transcript and the analyst's own words of each recording, by recording."""
    rows = session.execute(
        select(Transcript.recording_id, Transcript.model, Transcript.verdict, Transcript.text, Transcript.words)
        .where(Transcript.recording_id.in_(recording_ids))
        .order_by(Transcript.created_at, Transcript.id)
    )
    found: dict[int, dict[str, Any]] = defaultdict(dict)
    for row in rows:
        found[row.recording_id][ANALYST if row.model == ANALYST else "machine"] = row
    return found


def _item(row: Any, heard: Mapping[str, Any]) -> Item:
    machine = heard.get("machine")
    words = [Word(str(word["text"]), word.get("confidence")) for word in machine.words] if machine else []
    return Item(
        id=row.id, source=row.source, school=row.school, area=row.area, language=row.language,
        created_at=row.created_at, status=row.status, theme=row.theme, escalated=row.escalated,
        waiting=row.waiting, doubt=row.doubt,
        has_audio=row.file is not None, duration_ms=row.duration_ms, public_text=row.public_text, words=words,
        verdict=machine.verdict if machine else None, corrected=ANALYST in heard,
    )  # fmt: skip
