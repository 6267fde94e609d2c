"""Whom we call: a household, its numbers in order, its children."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ptm.models.area import SchoolClass
from ptm.models.base import At, Base, Code, Id, MaybeAt, Words


class Household(Base):
    """A family behind one or more phone numbers. `opted_out_at` set means: never call again."""

    __tablename__ = "household"
    __table_args__ = (
        CheckConstraint("language in ('pa', 'hi', 'en')", "language"),
        Index(
            "ix_household_opted_out",
            "id",
            postgresql_where=text("opted_out_at is not null"),
            sqlite_where=text("opted_out_at is not null"),
        ),
    )

    id: Mapped[Id]
    language: Mapped[str] = mapped_column(String(2))
    slot: Mapped[Code | None]  # morning or evening, chosen by the family
    opted_out_at: Mapped[MaybeAt]
    created_at: Mapped[At]

    numbers: Mapped[list[PhoneNumber]] = relationship(order_by="PhoneNumber.position")


class PhoneNumber(Base):
    """One number of one household: sealed; `msisdn_index` finds it, `last4` is all that a page shows."""

    __tablename__ = "phone_number"
    __table_args__ = (
        UniqueConstraint("household_id", "position"),
        Index(
            "ix_phone_number_retired",
            "household_id",
            postgresql_where=text("retired_at is not null"),
            sqlite_where=text("retired_at is not null"),
        ),
    )

    id: Mapped[Id]
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"))
    position: Mapped[int]
    sealed_msisdn: Mapped[bytes] = mapped_column(LargeBinary)
    msisdn_index: Mapped[str] = mapped_column(String(64), unique=True)
    last4: Mapped[str] = mapped_column(String(4))
    retired_at: Mapped[MaybeAt]  # the carrier says that nobody has this number


class Child(Base):
    __tablename__ = "child"
    __table_args__ = (UniqueConstraint("class_id", "admission_no"),)

    id: Mapped[Id]
    class_id: Mapped[int] = mapped_column(ForeignKey("school_class.id"), index=True)
    name: Mapped[Words]
    admission_no: Mapped[Code | None]
    guardian_name: Mapped[Words | None]

    school_class: Mapped[SchoolClass] = relationship()


class Guardianship(Base):
    """Which household answers for which child: one today; the history of a moved child is in the audit."""

    __tablename__ = "guardianship"

    child_id: Mapped[int] = mapped_column(ForeignKey("child.id"), primary_key=True)
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"), index=True)

    child: Mapped[Child] = relationship()
    household: Mapped[Household] = relationship()
