"""Words that somebody asked, on a prompt's page, to say by phone."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from ptm.models.base import At, Base, Id, MaybeAt, Words


class PromptOrder(Base):
    """One prompt, or one part of it, in one language, that waits for the call of whoever asked for it.

    `words` are what is to be said, as they stood when it was asked for. `said_at` and the recording come when a call
    kept one; then either `done_at`, when it is heard in calls, or `problem`, which says why it is not. What was not
    said by `expires_at`, or was withdrawn, is asked for no more.
    """

    __tablename__ = "prompt_order"
    __table_args__ = (Index("ix_prompt_order_prompt", "prompt_id", "language"),)

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), index=True)
    prompt_id: Mapped[Words]
    language: Mapped[str] = mapped_column(String(2))
    words: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[At]
    expires_at: Mapped[At]
    withdrawn_at: Mapped[MaybeAt]
    recording_id: Mapped[int | None] = mapped_column(ForeignKey("recording.id"), unique=True)
    said_at: Mapped[MaybeAt]
    problem: Mapped[Words | None]
    done_at: Mapped[MaybeAt]
