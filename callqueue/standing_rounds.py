"""Which rounds stand already: no family is called in two of them for the same meeting."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from ptm.clock import IST
from ptm.errors import SunvaiError
from ptm.models import Area, Round


class RoundRefused(SunvaiError):
    """A round cannot be opened as asked; the message says why."""


def refuse_beside_another(session: Session, area_id: int, name: str, starts: date, ends: date, now: datetime) -> None:
    """Refuse a round for families whom another one calls on one of its days, or with the other's name.

    Raises RoundRefused, which names the other round. One that is over or closed stands in nobody's way; nor does one
    of an area that has no school in common. Holds the top of the tree of areas until the end of the transaction: of two
    that open at once one waits, and then sees the other.
    """
    session.execute(select(Area.id).where(Area.parent_id.is_(None)).with_for_update()).all()
    for other in _same_families(session, area_id, now):
        told = f"Round {other.id} “{other.name}” ({other.starts_on_ist} to {other.ends_on_ist})"
        if other.starts_on_ist <= ends and other.ends_on_ist >= starts:
            raise RoundRefused(
                f"{told} calls the same families on the same days. Close it (`sunvai round close {other.id}`), "
                "or choose days behind it."
            )
        if other.name.strip().casefold() == name.strip().casefold():
            raise RoundRefused(f"{told} has that name already: give this round another.")


def _same_families(session: Session, area_id: int, now: datetime) -> Iterator[Round]:
    """Yield rounds under way or to come whose area is this one, one above it or one below it."""
    above = {row.id: row.parent_id for row in session.execute(select(Area.id, Area.parent_id))}
    mine = _chain(area_id, above)
    stands = or_(Round.deadline_at.is_(None), Round.deadline_at > now)
    today = now.astimezone(IST).date()
    for other in session.scalars(select(Round).where(stands, Round.ends_on_ist >= today).order_by(Round.id)):
        if other.area_id in mine or area_id in _chain(other.area_id, above):
            yield other


def _chain(area_id: int, above: Mapping[int, int | None]) -> set[int]:
    chain: set[int] = set()
    at: int | None = area_id
    while at is not None:
        chain.add(at)
        at = above[at]
    return chain
