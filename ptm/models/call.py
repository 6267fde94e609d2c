"""What happened: a call is our promise to one household in one round, an attempt is one dial of it.

Only callqueue.ledger, and callqueue.wishes for a family's own act, changes the state of either.
"""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ptm.models.base import At, Base, Code, Id, Json, MaybeAt, Words
from ptm.models.household import Child, Household
from ptm.models.webhook import KeptWebhook

CALL_STATES = ("planned", "open", "ended")
ATTEMPT_STATES = ("claimed", "unknown", "placed", "ringing", "answered", "ended")
REACHES = ("unreached", "rang", "answered", "heard", "responded", "recorded")


def _one_of(column: str, words: tuple[str, ...]) -> CheckConstraint:
    return CheckConstraint(f"{column} in ({', '.join(repr(word) for word in words)})", column)


class Call(Base):
    """One household in one round: planned until its attempts are over, then ended with one disposition.

    `tries` counts dials after which the phone may have rung; `number_position` is the alternate number that is next.
    A teacher's call (priority 0) goes ahead of a state-wide one (1). `asked_at` is when the family itself asked to be
    called, by a missed call, until a dial has answered that.
    """

    __tablename__ = "call"
    __table_args__ = (
        UniqueConstraint("household_id", "round_id"),
        Index(
            "ix_call_due",
            "priority",
            "due_at",
            "id",
            postgresql_where=text("state = 'planned'"),
            sqlite_where=text("state = 'planned'"),
        ),
        _one_of("state", CALL_STATES),
        _one_of("reach", REACHES),
    )

    id: Mapped[Id]
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"))
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"))
    state: Mapped[Code] = mapped_column(default="planned")
    priority: Mapped[int] = mapped_column(default=0, server_default="0")
    due_at: Mapped[At]
    tries: Mapped[int] = mapped_column(default=0)
    unplaced: Mapped[int] = mapped_column(default=0)
    number_position: Mapped[int] = mapped_column(default=0)
    reach: Mapped[Code] = mapped_column(default="unreached")
    asked_at: Mapped[MaybeAt]
    disposition: Mapped[Code | None]
    ended_at: Mapped[MaybeAt]

    household: Mapped[Household] = relationship()


class CallChild(Base):
    """A child whose message a call carries. `batch_id` is the class batch that asked for it."""

    __tablename__ = "call_child"

    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"), primary_key=True)
    child_id: Mapped[int] = mapped_column(ForeignKey("child.id"), primary_key=True, index=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("batch.id"), index=True)
    covered: Mapped[bool] = mapped_column(default=False)  # a dial carried this child's message

    call: Mapped[Call] = relationship()
    child: Mapped[Child] = relationship()


class Attempt(Base):
    """One dial. `token` is the unguessable part of its webhook URLs; `facts` is what the call tree was told.

    `session` is the engine's state after `step` answers; both move together, under one condition. `account` is the
    carrier account that the dial is made with: only that one can be asked about it.
    """

    __tablename__ = "attempt"
    __table_args__ = (
        UniqueConstraint("call_id", "number"),
        Index(
            "uq_attempt_open_phone",
            "phone_id",
            unique=True,
            postgresql_where=text("state <> 'ended'"),
            sqlite_where=text("state <> 'ended'"),
        ),
        Index(
            "ix_attempt_open", "state", postgresql_where=text("state <> 'ended'"), sqlite_where=text("state <> 'ended'")
        ),
        _one_of("state", ATTEMPT_STATES),
        _one_of("reach", REACHES),
    )

    id: Mapped[Id]
    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"))
    number: Mapped[int]
    phone_id: Mapped[int] = mapped_column(ForeignKey("phone_number.id"), index=True)
    token: Mapped[str] = mapped_column(String(32), unique=True)
    account: Mapped[Code] = mapped_column(default="main", server_default="main")
    state: Mapped[Code] = mapped_column(default="claimed")
    claimed_at: Mapped[At]
    lease_until_at: Mapped[At]
    dial_started_at: Mapped[MaybeAt]
    placed_at: Mapped[MaybeAt]
    ringing_at: Mapped[MaybeAt]
    answered_at: Mapped[MaybeAt]
    ended_at: Mapped[MaybeAt]
    withdrawn_at: Mapped[MaybeAt]  # we asked the carrier to forget a dial that had not rung yet
    request_uuid: Mapped[str | None] = mapped_column(String(64), index=True)
    call_uuid: Mapped[str | None] = mapped_column(String(64), index=True)
    tree_hash: Mapped[str] = mapped_column(String(64))
    facts: Mapped[Json]
    session: Mapped[str | None] = mapped_column(Text)
    step: Mapped[int] = mapped_column(default=0)
    early: Mapped[bool] = mapped_column(default=False)  # an input was delivered before the answer that asked for it
    opted_out: Mapped[bool] = mapped_column(default=False)
    reach: Mapped[Code] = mapped_column(default="unreached")
    outcome: Mapped[Code | None]
    cause_code: Mapped[int | None]
    cause_name: Mapped[Words | None]
    hangup_source: Mapped[Words | None]
    talk_s: Mapped[int | None]

    call: Mapped[Call] = relationship()


class CarrierEvent(KeptWebhook, Base):
    """A webhook of an attempt."""

    __tablename__ = "carrier_event"
    __table_args__ = (UniqueConstraint("attempt_id", "key"), UniqueConstraint("nonce"))

    id: Mapped[Id]
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"))
