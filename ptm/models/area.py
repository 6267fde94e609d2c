"""Where: areas form a tree (state, district, block, cluster); schools hang on it, classes in schools."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ptm.models.base import Base, Code, Id, Json, Words
from ptm.models.user import User


class Area(Base):
    __tablename__ = "area"
    __table_args__ = (UniqueConstraint("kind", "code"),)

    id: Mapped[Id]
    kind: Mapped[Code]  # state, district, block, cluster
    code: Mapped[Code]
    name: Mapped[Words]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("area.id"), index=True)

    parent: Mapped[Area | None] = relationship(remote_side="Area.id")


class School(Base):
    """A public school, known by its UDISE code. `spoken` holds its name per language as a voice should say it."""

    __tablename__ = "school"

    id: Mapped[Id]
    udise: Mapped[Code] = mapped_column(unique=True)
    name: Mapped[Words]
    spoken: Mapped[Json] = mapped_column(default=dict)
    area_id: Mapped[int] = mapped_column(ForeignKey("area.id"), index=True)

    area: Mapped[Area] = relationship()


class SchoolClass(Base):
    """One class of one school; `name` is grade and section as teachers write them, for instance 5A."""

    __tablename__ = "school_class"
    __table_args__ = (UniqueConstraint("school_id", "name"), Index("ix_school_class_teacher_id", "teacher_id"))

    id: Mapped[Id]
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"))
    name: Mapped[Code]
    teacher_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))

    school: Mapped[School] = relationship()
    teacher: Mapped[User | None] = relationship()
