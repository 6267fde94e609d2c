"""Calls that come in: a family that calls back, a missed call, a teacher who calls with a PIN.

The other side of `ptm.models.call`: nobody planned these and no ladder follows them, so they have no attempt.
"""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from ptm.models.base import At, Base, Code, Id, Json, MaybeAt, Words
from ptm.models.webhook import KeptWebhook

PURPOSES = ("family", "missed", "teacher", "unknown")
INBOUND_STATES = ("ringing", "answered", "ended")


class InboundCall(Base):
    """One call to one of our numbers. `token` is the unguessable part of its webhooks' addresses.

    `purpose` says which line was called and who calls: a known family, a known teacher, or a number that we do not
    know. `caller_index` finds the number's other calls (one call back in ten minutes); `last4` is all a page shows.
    `session` is the engine's state after `step` answers, `facts` what its tree was told. `outcome` is `heard` when
    a family's message was played to its end, and says what came of a missed call: `called_back`, `noted` for the
    teacher, or why nothing did.
    """

    __tablename__ = "inbound_call"
    __table_args__ = (
        CheckConstraint(f"purpose in ({', '.join(map(repr, PURPOSES))})", "purpose"),
        CheckConstraint(f"state in ({', '.join(map(repr, INBOUND_STATES))})", "state"),
        Index("ix_inbound_call_caller", "caller_index", "began_at"),
        Index(
            "ix_inbound_call_open",
            "began_at",
            postgresql_where=text("state <> 'ended'"),
            sqlite_where=text("state <> 'ended'"),
        ),
    )

    id: Mapped[Id]
    call_uuid: Mapped[str] = mapped_column(String(64), unique=True)
    token: Mapped[str] = mapped_column(String(32), unique=True)
    purpose: Mapped[Code]
    state: Mapped[Code] = mapped_column(default="ringing")
    caller_index: Mapped[str] = mapped_column(String(64))
    last4: Mapped[str] = mapped_column(String(4))
    household_id: Mapped[int | None] = mapped_column(ForeignKey("household.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    call_id: Mapped[int | None] = mapped_column(ForeignKey("call.id"))  # the promise that this call may fulfil
    tree_hash: Mapped[str | None] = mapped_column(String(64))
    facts: Mapped[Json] = mapped_column(default=dict)
    session: Mapped[str | None] = mapped_column(Text)
    step: Mapped[int] = mapped_column(default=0)
    early: Mapped[bool] = mapped_column(default=False)  # an input was delivered before the answer that asked for it
    reach: Mapped[Code] = mapped_column(default="rang")
    outcome: Mapped[Code | None]
    began_at: Mapped[At]
    answered_at: Mapped[MaybeAt]
    ended_at: Mapped[MaybeAt]
    cause_code: Mapped[int | None]
    cause_name: Mapped[Words | None]
    talk_s: Mapped[int | None]


class InboundEvent(KeptWebhook, Base):
    """A webhook of a call that came in."""

    __tablename__ = "inbound_event"
    __table_args__ = (UniqueConstraint("inbound_id", "key"), UniqueConstraint("nonce"))

    id: Mapped[Id]
    inbound_id: Mapped[int] = mapped_column(ForeignKey("inbound_call.id"))
