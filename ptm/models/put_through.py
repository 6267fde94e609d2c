"""A teacher who asked, on a page, to be put through to a family."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from ptm.models.base import At, Base, Id, MaybeAt


class PutThrough(Base):
    """One family that waits for its teacher's call to the teacher's line; the teacher's newest is the one meant.

    `inbound_id` is the call that rang the family last, `spoken_at` when somebody there answered it.
    """

    __tablename__ = "put_through"
    __table_args__ = (Index("ix_put_through_user_id", "user_id", "asked_at"),)

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"), index=True)
    child_id: Mapped[int] = mapped_column(ForeignKey("child.id"))
    asked_at: Mapped[At]
    inbound_id: Mapped[int | None] = mapped_column(ForeignKey("inbound_call.id"), index=True)
    spoken_at: Mapped[MaybeAt]
