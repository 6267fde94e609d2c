"""Which round a school is in: rounds belong to areas, and a school is in every area above it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from ptm.clock import IST
from ptm.models import Area, Round, School


def current_rounds(session: Session, school_ids: Iterable[int], now: datetime) -> dict[int, Round]:
    """Return the round of each school: the one running, else the next one, else the last one. One query."""
    today = now.astimezone(IST).date()
    above = select(School.id.label("school_id"), School.area_id).where(School.id.in_(list(school_ids)))
    climb = above.cte("areas_above", recursive=True)
    area = aliased(Area)
    climb = climb.union(
        select(climb.c.school_id, area.parent_id)
        .join(area, area.id == climb.c.area_id)
        .where(area.parent_id.is_not(None))
    )
    rows = session.execute(select(climb.c.school_id, Round).join(Round, Round.area_id == climb.c.area_id)).all()
    best: dict[int, Round] = {}
    for school_id, candidate in rows:
        known = best.get(school_id)
        if known is None or _rank(candidate, today) < _rank(known, today):
            best[school_id] = candidate
    return best


def _rank(candidate: Round, today: date) -> tuple[int, int, int]:
    """Smaller is nearer: running before coming before past, the nearest of each kind first, the newest row at last."""
    if candidate.ends_on_ist < today:
        return 2, -candidate.ends_on_ist.toordinal(), -candidate.id
    if candidate.starts_on_ist > today:
        return 1, candidate.starts_on_ist.toordinal(), -candidate.id
    return 0, -candidate.starts_on_ist.toordinal(), -candidate.id
