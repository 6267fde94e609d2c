"""What a call is told before it is dialled: the facts that its call tree speaks from, as plain JSON.

They are taken at the claim, so that a teacher's last correction is heard and an import in mid-call changes nothing.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, and_, select

from ptm.models import CallChild, Child, Message, School, SchoolClass


def brief(tx: Connection, call_id: int, the_round: Any, *, language: str, school_id: int) -> dict[str, Any]:
    """Return the facts of one call: language, school, children with their messages, the day of the meeting."""
    school = tx.execute(select(School.name, School.spoken).where(School.id == school_id)).one()
    rows = tx.execute(
        select(Child.id, Child.name, SchoolClass.name.label("class_name"), Message.attendance, Message.level,
               Message.praise)
        .join(CallChild, CallChild.child_id == Child.id)
        .join(SchoolClass, SchoolClass.id == Child.class_id)
        .outerjoin(Message, and_(Message.child_id == Child.id, Message.round_id == the_round["id"]))
        .where(CallChild.call_id == call_id)
        .order_by(Child.id)
    )  # fmt: skip
    return {
        "language": language,
        "school": {"name": school.name, "spoken": school.spoken},
        "children": [dict(row._mapping) for row in rows],
        "meeting": {"on": the_round["meeting_on_ist"].isoformat()},
    }
