"""What can be proved: consents, who looked at what, and things that are only counted."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from ptm.models.base import At, Base, Code, Id, Json, Words


class Consent(Base):
    """One answer of a household to one wording: `recording` (may we record you) or `calling` (may we call again).

    In a call from a number that we do not know there is no household, only the call.
    """

    __tablename__ = "consent"

    id: Mapped[Id]
    household_id: Mapped[int | None] = mapped_column(ForeignKey("household.id"), index=True)
    inbound_id: Mapped[int | None] = mapped_column(ForeignKey("inbound_call.id"))
    attempt_id: Mapped[int | None] = mapped_column(ForeignKey("attempt.id"))
    kind: Mapped[Code]
    given: Mapped[bool]
    wording: Mapped[Code]
    at: Mapped[At]


class Audit(Base):
    """Who did or saw what, append-only. `user_id` is empty when a parent's key or the machine did it."""

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_subject", "subject", "subject_id"),)

    id: Mapped[Id]
    at: Mapped[At]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    action: Mapped[Code]
    subject: Mapped[Code]
    subject_id: Mapped[int | None]
    details: Mapped[Json] = mapped_column(default=dict)


class Counter(Base):
    """A number that only goes up, for instance webhooks of attempts that we do not know."""

    __tablename__ = "counter"

    name: Mapped[Words] = mapped_column(primary_key=True)
    value: Mapped[int] = mapped_column(default=0)
