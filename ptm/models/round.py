"""Why and when: a round is a PTM week, a batch is what a teacher starts in it, a message is what is said of a child."""

from __future__ import annotations

from datetime import date, time

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, String, Text, Time, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ptm.models.area import Area, SchoolClass
from ptm.models.base import At, Base, Code, Id, Json, MaybeAt, Words
from ptm.models.household import Child


class TreeVersion(Base):
    """A call tree as it was when a round began: editing the file later changes no call under way."""

    __tablename__ = "tree_version"

    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    definition: Mapped[str] = mapped_column(Text)
    created_at: Mapped[At]


class Round(Base):
    """A PTM week of an area. Days and hours are Indian local time; `closes` is when no call may start any more.

    What is empty does not limit: no deadline but the last day, no budget, as many lines as the carrier account has.
    """

    __tablename__ = "round"

    id: Mapped[Id]
    area_id: Mapped[int] = mapped_column(ForeignKey("area.id"))
    name: Mapped[Words]
    starts_on_ist: Mapped[date] = mapped_column(Date)
    ends_on_ist: Mapped[date] = mapped_column(Date)
    opens_ist: Mapped[time] = mapped_column(Time)
    closes_ist: Mapped[time] = mapped_column(Time)
    weekdays: Mapped[str] = mapped_column(String(40))  # mon,tue,...
    holidays: Mapped[Json] = mapped_column(default=dict)  # {"dates": ["2026-11-25"]}
    meeting_on_ist: Mapped[date] = mapped_column(Date)
    tries: Mapped[int]
    ladder: Mapped[Json]
    hours: Mapped[Code] = mapped_column(default="ladder", server_default="ladder")  # of a retry: learned, or ladder
    tree_hash: Mapped[str] = mapped_column(ForeignKey("tree_version.hash"))
    theme: Mapped[Words | None]
    deadline_at: Mapped[MaybeAt]
    paused_at: Mapped[MaybeAt]
    lines: Mapped[int | None]
    budget_paise: Mapped[int | None] = mapped_column(BigInteger)
    pulse_paise: Mapped[int | None]  # what a started minute costs

    area: Mapped[Area] = relationship()


class Batch(Base):
    """A teacher's "call my class". `form_key` makes a doubled press one batch."""

    __tablename__ = "batch"
    __table_args__ = (
        CheckConstraint("state in ('preparing', 'calling', 'paused', 'canceled', 'done')", "state"),
        UniqueConstraint("round_id", "class_id"),
    )

    id: Mapped[Id]
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    class_id: Mapped[int] = mapped_column(ForeignKey("school_class.id"), index=True)
    started_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    form_key: Mapped[Code] = mapped_column(unique=True)
    state: Mapped[Code] = mapped_column(default="preparing")
    created_at: Mapped[At]
    ended_at: Mapped[MaybeAt]

    round: Mapped[Round] = relationship()
    school_class: Mapped[SchoolClass] = relationship()


class Message(Base):
    """What is said about one child in one round: attendance in percent, a learning level, a true praise."""

    __tablename__ = "message"
    __table_args__ = (UniqueConstraint("round_id", "child_id"),)

    id: Mapped[Id]
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    child_id: Mapped[int] = mapped_column(ForeignKey("child.id"), index=True)
    attendance: Mapped[int | None]
    level: Mapped[Code | None]
    praise: Mapped[Code | None]

    child: Mapped[Child] = relationship()


class Switch(Base):
    """A switch that people can throw while calls run; `stop_dialing` is checked in every claim."""

    __tablename__ = "switch"

    name: Mapped[Code] = mapped_column(primary_key=True)
    on_since_at: Mapped[MaybeAt]
    reason: Mapped[Words | None]


class Pace(Base):
    """When the last call of a carrier account may start: the one row that all diallers queue at.

    `failures` in a row open the breaker; while it is open one call at a time asks whether the carrier is back.
    """

    __tablename__ = "pace"

    account: Mapped[Code] = mapped_column(primary_key=True)
    last_start_at: Mapped[MaybeAt]
    rests_until_at: Mapped[MaybeAt]  # the carrier asked us to slow down
    failures: Mapped[int] = mapped_column(default=0, server_default="0")
    opened_at: Mapped[MaybeAt]
    probe_at: Mapped[MaybeAt]
    reason: Mapped[Words | None]
