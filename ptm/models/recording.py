"""What parents said: the audio, what the recogniser heard, and the suggestion an analyst reads."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ptm.models.base import At, Base, Code, Document, Id, Json, MaybeAt, Words


class Recording(Base):
    """A recording at the carrier that we want, then have. A row exists before the audio is fetched.

    Discarded means that the parent said it again: the audio is fetched no more. `purpose` says what becomes of it: a
    parent's suggestion is transcribed; a teacher's message and a prompt spoken over the phone become clips (`used`).
    It was made in a call of ours or in one that came in.
    """

    __tablename__ = "recording"
    __table_args__ = (
        CheckConstraint("state in ('wanted', 'stored', 'transcribed', 'parked', 'discarded', 'used')", "state"),
        CheckConstraint("purpose in ('suggestion', 'message', 'prompt')", "purpose"),
        Index(
            "ix_recording_open",
            "state",
            postgresql_where=text("state in ('wanted', 'stored')"),
            sqlite_where=text("state in ('wanted', 'stored')"),
        ),
    )

    id: Mapped[Id]
    attempt_id: Mapped[int | None] = mapped_column(ForeignKey("attempt.id"), index=True)
    inbound_id: Mapped[int | None] = mapped_column(ForeignKey("inbound_call.id"), index=True)
    purpose: Mapped[Code] = mapped_column(default="suggestion", server_default="suggestion")
    carrier_id: Mapped[str] = mapped_column(String(64), unique=True)
    url: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(2))
    state: Mapped[Code] = mapped_column(default="wanted")
    duration_ms: Mapped[int]
    wanted_at: Mapped[At]
    due_at: Mapped[At]
    tries: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[Words | None]
    file: Mapped[Words | None]
    sha256: Mapped[str | None] = mapped_column(String(64))
    size_bytes: Mapped[int | None]
    stored_at: Mapped[MaybeAt]


class Transcript(Base):
    """What one model heard in one recording. Words are [{text, start_s, end_s, confidence}]."""

    __tablename__ = "transcript"
    __table_args__ = (UniqueConstraint("recording_id", "model"),)

    id: Mapped[Id]
    recording_id: Mapped[int] = mapped_column(ForeignKey("recording.id"))
    model: Mapped[Words]
    verdict: Mapped[Code]
    text: Mapped[str] = mapped_column(Text)
    words: Mapped[list[dict[str, Any]]] = mapped_column(Document)
    confidence: Mapped[float | None]
    details: Mapped[Json]
    created_at: Mapped[At]

    recording: Mapped[Recording] = relationship()


class Suggestion(Base):
    """A parent's message to the school, as an analyst reviews it. `public_text` has private data hidden.

    One said in a call that came in has no planned call; from a number that we do not know, not even a school.
    """

    __tablename__ = "suggestion"
    __table_args__ = (CheckConstraint("status in ('new', 'read', 'needs_listening', 'withdrawn')", "status"),)

    id: Mapped[Id]
    recording_id: Mapped[int | None] = mapped_column(ForeignKey("recording.id"), unique=True)
    call_id: Mapped[int | None] = mapped_column(ForeignKey("call.id"), index=True)
    school_id: Mapped[int | None] = mapped_column(ForeignKey("school.id"), index=True)
    source: Mapped[Code]
    language: Mapped[str] = mapped_column(String(2))
    public_text: Mapped[str] = mapped_column(Text, default="")
    theme: Mapped[Code | None]
    doubt: Mapped[float] = mapped_column(default=1.0)
    escalated: Mapped[bool] = mapped_column(default=False)
    status: Mapped[Code] = mapped_column(default="new")
    created_at: Mapped[At]

    recording: Mapped[Recording | None] = relationship()
