"""Who calls the teacher's line to say prompts: who may, and what waits for them.

Told once, when the call begins: what stands in the place of children must not move during it. What is asked for on a
page meanwhile waits for the next call.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from callqueue import prompt_orders
from callqueue.briefing import Facts
from ptm.models import TeacherLine, User
from ptm.permissions import Actor, Permission, grants


def may_say(tx: Connection, user_id: int | None) -> bool:
    """Say whether a person may record prompts: the right that their pages need."""
    role = tx.scalar(select(User.role).where(User.id == user_id, User.disabled_at.is_(None)))
    return role is not None and grants(Actor(user_id or 0, role), Permission.PROMPT_RECORD)


def facts(tx: Connection, user_id: int, now: datetime) -> Facts:
    """Return what such a call is told: the words that wait for this person, each with its language."""
    has_pin = select(TeacherLine.user_id).where(TeacherLine.user_id == user_id, TeacherLine.pin_hash.is_not(None))
    if tx.scalar(has_pin) is None:
        return {"language": "pa", "school": {}, "children": [{}], "caller": {}}
    waiting = [
        {"id": row.id, "words": row.words, f"in_{row.language}": "yes"}
        for row in prompt_orders.waiting_for(tx, user_id, now)
    ]
    caller = {"ready": "yes"} | ({"waiting": "yes"} if waiting else {})
    return {"language": "pa", "school": {}, "children": waiting or [{}], "caller": caller}
