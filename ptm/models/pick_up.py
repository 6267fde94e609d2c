"""When people pick up: dials that rang out or were answered, by hour of the day, in one school or one area."""

from __future__ import annotations

from sqlalchemy.orm import Mapped, mapped_column

from ptm.models.base import Base, Code, Key


class PickUp(Base):
    """The counts of one place and hour over all rounds. A family's own are in its attempts and stand nowhere else."""

    __tablename__ = "pick_up"

    kind: Mapped[Code] = mapped_column(primary_key=True)  # school or area
    place_id: Mapped[int] = mapped_column(Key, primary_key=True)
    hour_ist: Mapped[int] = mapped_column(primary_key=True)
    dials: Mapped[int] = mapped_column(default=0)
    answered: Mapped[int] = mapped_column(default=0)
