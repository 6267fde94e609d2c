"""A teacher who calls to be put through to a family: what the call is told, and whom it rings."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from callqueue import putting_through
from callqueue.briefing import Facts
from ivr.voice import connecting
from ptm.models import PhoneNumber

LINE = "speaking"


def facts(tx: Connection, wanted: Any) -> Facts:
    """Return what such a call is told: the family's numbers in the order to try, each with the child's name."""
    numbers = putting_through.numbers_for(tx, wanted.household_id)
    children = [{"id": phone_id, "name": wanted.name} for phone_id in numbers]
    return {"language": "pa", "school": {}, "children": children, "caller": {}, "line": LINE}


def to_dial(tx: Connection, phone_id: Any, now: datetime) -> str:
    """Return what stands for a family's number, nothing when it may not ring at this hour or works no more."""
    if not putting_through.is_hour(now):
        return ""
    working = select(PhoneNumber.id).where(PhoneNumber.id == phone_id, PhoneNumber.retired_at.is_(None))
    return "" if tx.scalar(working) is None else connecting.familys(phone_id)
