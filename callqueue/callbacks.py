"""A family wants its teacher to call: one open wish for a household and class, however often it is told."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from ptm.models import CallbackRequest, Child, Guardianship

HUNG_UP = "hung_up"


def withdraw_hung_up(tx: Connection, *, attempt_id: int | None = None, inbound_id: int | None = None) -> None:
    """Take back a wish that a hang-up was read as: the two have spoken, and that news only came later."""
    of_call = (
        CallbackRequest.attempt_id == attempt_id if inbound_id is None else CallbackRequest.inbound_id == inbound_id
    )
    tx.execute(
        delete(CallbackRequest).where(of_call, CallbackRequest.reason == HUNG_UP, CallbackRequest.done_at.is_(None))
    )


def ask(
    tx: Connection, household_id: Any, *, reason: str, now: datetime, child_id: Any = None,
    attempt_id: int | None = None, inbound_id: int | None = None,
) -> bool:  # fmt: skip
    """Put a wish on the page of a child's teacher, the first child's where none is named.

    `household_id` may be a query. Return whether it is new: a wish that nobody has seen to yet stays the one it is.
    """
    of_household = select(Guardianship.child_id).where(Guardianship.household_id == household_id)
    children = select(Child.id, Child.class_id).where(Child.id.in_(of_household)).order_by(Child.id)
    row = tx.execute(children if child_id is None else children.where(Child.id == child_id)).first()
    if row is None:
        return False
    waiting = select(CallbackRequest.id).where(
        CallbackRequest.household_id == household_id, CallbackRequest.class_id == row.class_id,
        CallbackRequest.done_at.is_(None),
    )  # fmt: skip
    if tx.scalar(waiting.limit(1)) is not None:
        return False
    tx.execute(
        insert(CallbackRequest).values(
            household_id=household_id, class_id=row.class_id, child_id=row.id, attempt_id=attempt_id,
            inbound_id=inbound_id, reason=reason, asked_at=now,
        )
    )  # fmt: skip
    return True
