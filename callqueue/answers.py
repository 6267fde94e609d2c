"""You said, we did: which answer the families of a school are told in a round."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Connection, literal, select

from callqueue.among import among
from ptm.models import Answer, Area, School


def load_answers(tx: Connection, school_ids: Collection[int], round_id: int) -> Mapping[int, Any]:
    """Return the answer of each school that has one, by school: (school_id, distance, id, texts, clips). One query.

    A school's own goes before its nearest area's, that before the one above it; of two, the newer. `distance` counts
    the steps up: 0 is the school's own.
    """
    told = (Answer.round_id == round_id, Answer.withdrawn_at.is_(None))
    # Asked once for all: a round in which no area answers, and that is most of them, climbs nowhere.
    any_area_answers = select(Answer.id).where(*told, Answer.area_id.is_not(None)).exists()
    above = (
        select(School.id.label("school_id"), School.area_id.label("area_id"), literal(1).label("distance"))
        .where(any_area_answers, among(tx, School.id, school_ids))
        .cte("above", recursive=True)
    )
    above = above.union_all(
        select(above.c.school_id, Area.parent_id, above.c.distance + 1)
        .join(Area, Area.id == above.c.area_id)
        .where(Area.parent_id.is_not(None))
    )
    words = (Answer.id, Answer.texts, Answer.clips)
    of_areas = select(above.c.school_id, above.c.distance, *words).join(above, above.c.area_id == Answer.area_id)
    own = select(Answer.school_id, literal(0), *words).where(among(tx, Answer.school_id, school_ids))
    rows = tx.execute(of_areas.where(*told).union_all(own.where(*told))).all()
    return {row.school_id: row for row in sorted(rows, key=lambda row: (-row.distance, row.id))}
