"""Who signs in: a teacher, an analyst, a leader, an operator."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from ptm.models.base import At, Base, Code, Id, MaybeAt, Words


class User(Base):
    """A person with one role in one area or school. `session_version` goes up to end all of a person's sessions."""

    __tablename__ = "app_user"
    __table_args__ = (CheckConstraint("role in ('teacher', 'analyst', 'leader', 'operator')", "role"),)

    id: Mapped[Id]
    login: Mapped[Code] = mapped_column(unique=True)
    name: Mapped[Words]
    role: Mapped[Code]
    password_hash: Mapped[str] = mapped_column(String(300))
    area_id: Mapped[int | None] = mapped_column(ForeignKey("area.id"))
    school_id: Mapped[int | None] = mapped_column(ForeignKey("school.id"))
    session_version: Mapped[int] = mapped_column(default=1)
    failed_sign_ins: Mapped[int] = mapped_column(default=0)
    locked_until_at: Mapped[MaybeAt]
    disabled_at: Mapped[MaybeAt]
    created_at: Mapped[At]
