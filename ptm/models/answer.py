"""What came of what parents said: a leader's answer, told in the calls of a round."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from ptm.models.base import At, Base, Code, Id, Json, MaybeAt


class Answer(Base):
    """One answer for one school, or for every school of an area; the school's own goes before its area's.

    `texts` and `clips` hold, by language, the words to be spoken and the name of a clip that somebody recorded.
    """

    __tablename__ = "answer"
    __table_args__ = (CheckConstraint("(school_id is null) <> (area_id is null)", "place"),)

    id: Mapped[Id]
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), index=True)
    school_id: Mapped[int | None] = mapped_column(ForeignKey("school.id"), index=True)
    area_id: Mapped[int | None] = mapped_column(ForeignKey("area.id"), index=True)
    theme: Mapped[Code | None]
    texts: Mapped[Json]
    clips: Mapped[Json] = mapped_column(default=dict)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    created_at: Mapped[At]
    withdrawn_at: Mapped[MaybeAt]
