"""Who was reached, counted as calls end: one row per round and place, and the changes not yet added to it."""

from __future__ import annotations

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from ptm.models.base import Base, Code, Id, Key


class Counts:
    """Households by how far their call got. The reaches count ended calls; `dials` and `pulses` count every attempt."""

    calls: Mapped[int] = mapped_column(default=0)
    ended: Mapped[int] = mapped_column(default=0)
    unreached: Mapped[int] = mapped_column(default=0)
    rang: Mapped[int] = mapped_column(default=0)
    answered: Mapped[int] = mapped_column(default=0)
    heard: Mapped[int] = mapped_column(default=0)
    responded: Mapped[int] = mapped_column(default=0)
    recorded: Mapped[int] = mapped_column(default=0)
    dials: Mapped[int] = mapped_column(default=0)
    pulses: Mapped[int] = mapped_column(default=0)


class Participation(Counts, Base):
    """The counts of one round in one school or one area, as far as changes have been folded in."""

    __tablename__ = "participation"

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), primary_key=True)
    kind: Mapped[Code] = mapped_column(primary_key=True)  # school or area
    place_id: Mapped[int] = mapped_column(Key, primary_key=True)


class ParticipationChange(Counts, Base):
    """What one event adds to a school's counts. Written with the event, folded in and removed by the sweeper.

    `rang_at_hour` (IST) is set when it was a dial that somebody could have picked up; `picked_up` says whether.
    """

    __tablename__ = "participation_change"

    id: Mapped[Id]
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), index=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"))
    rang_at_hour: Mapped[int | None]
    picked_up: Mapped[int] = mapped_column(default=0, server_default="0")
