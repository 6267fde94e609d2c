"""A teacher on the phone: their number and hours, what they said for their class, who wants to speak to them."""

from __future__ import annotations

from datetime import time

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Time, text
from sqlalchemy.orm import Mapped, mapped_column

from ptm.models.base import At, Base, Code, Id, MaybeAt, Words


class TeacherLine(Base):
    """Where a teacher can be reached, by their own wish; no parent ever sees the number.

    `takes_calls` between `opens_ist` and `closes_ist`, Indian time. The PIN opens the teacher's line by phone.
    """

    __tablename__ = "teacher_line"

    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), primary_key=True)
    sealed_msisdn: Mapped[bytes] = mapped_column(LargeBinary)
    msisdn_index: Mapped[str] = mapped_column(String(64), unique=True)
    last4: Mapped[str] = mapped_column(String(4))
    pin_hash: Mapped[str | None] = mapped_column(String(300))
    failed_pins: Mapped[int] = mapped_column(default=0)
    locked_until_at: Mapped[MaybeAt]
    takes_calls: Mapped[bool] = mapped_column(default=False)
    opens_ist: Mapped[time] = mapped_column(Time)
    closes_ist: Mapped[time] = mapped_column(Time)
    updated_at: Mapped[At]


class VoiceMessage(Base):
    """A teacher's own words for one class in one round; the newest that is ready is what families hear.

    `clip` is empty until the recording was fetched, checked and prepared; `problem` says why it cannot be used.
    """

    __tablename__ = "voice_message"
    __table_args__ = (Index("ix_voice_message_class", "round_id", "class_id"),)

    id: Mapped[Id]
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    class_id: Mapped[int] = mapped_column(ForeignKey("school_class.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    recording_id: Mapped[int | None] = mapped_column(ForeignKey("recording.id"), unique=True)
    clip: Mapped[Words | None]
    length_ms: Mapped[int | None]
    problem: Mapped[Words | None]
    created_at: Mapped[At]
    withdrawn_at: Mapped[MaybeAt]


class CallbackRequest(Base):
    """A family that wants its teacher to call: asked in a call, or by a missed call that no round can answer."""

    __tablename__ = "callback_request"
    __table_args__ = (
        Index(
            "ix_callback_request_open",
            "class_id",
            postgresql_where=text("done_at is null"),
            sqlite_where=text("done_at is null"),
        ),
    )

    id: Mapped[Id]
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"), index=True)
    class_id: Mapped[int] = mapped_column(ForeignKey("school_class.id"))
    child_id: Mapped[int | None] = mapped_column(ForeignKey("child.id"))
    attempt_id: Mapped[int | None] = mapped_column(ForeignKey("attempt.id"))
    inbound_id: Mapped[int | None] = mapped_column(ForeignKey("inbound_call.id"))
    reason: Mapped[Code]  # asked, not_available, no_answer, hung_up, missed_call
    asked_at: Mapped[At]
    done_at: Mapped[MaybeAt]
    done_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
