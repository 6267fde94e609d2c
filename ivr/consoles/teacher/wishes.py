"""The families of a class that want their teacher to call: who, since when, why; and that it was done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ptm import audit
from ptm.models import CallbackRequest, Child, Guardianship, PhoneNumber
from ptm.permissions import Actor, Permission, classes

# Of one class; a class with more has another problem than a long page.
MOST_WISHES = 100


@dataclass(frozen=True)
class Wish:
    """A family that wants its teacher to call. `children` are those of the class, `child_id` the first of them."""

    id: int
    child_id: int | None
    children: str
    guardian: str | None
    last4: str | None
    reason: str
    asked_at: datetime


class _Child(NamedTuple):
    id: int
    name: str
    guardian_name: str | None


def load_wishes(session: Session, class_id: int) -> list[Wish]:
    """Return the families of a class that want a call, who has waited longest first."""
    number = (
        select(PhoneNumber.last4)
        .where(PhoneNumber.household_id == CallbackRequest.household_id)
        .order_by(PhoneNumber.retired_at.is_not(None), PhoneNumber.position)
        .limit(1)
        .correlate(CallbackRequest)
        .scalar_subquery()
    )
    asked = session.execute(
        select(CallbackRequest, number.label("last4"))
        .where(CallbackRequest.class_id == class_id, CallbackRequest.done_at.is_(None))
        .order_by(CallbackRequest.asked_at, CallbackRequest.id)
        .limit(MOST_WISHES)
    ).all()
    children = _children(session, class_id, [row.CallbackRequest.household_id for row in asked])
    return [_wish(row.CallbackRequest, row.last4, children) for row in asked]


def count_wishes(session: Session, class_ids: Sequence[int]) -> dict[int, int]:
    """Return by class how many families wait for a call; a class without any is not in it."""
    rows = session.execute(
        select(CallbackRequest.class_id, func.count().label("families"))
        .where(CallbackRequest.class_id.in_(class_ids), CallbackRequest.done_at.is_(None))
        .group_by(CallbackRequest.class_id)
    )
    return {row.class_id: row.families for row in rows}


def close_wish(session: Session, actor: Actor, request_id: int, now: datetime) -> CallbackRequest | None:
    """Note that the teacher has called this family; return the request, or None when it is not of their class."""
    request = session.scalar(
        select(CallbackRequest).where(
            CallbackRequest.id == request_id,
            CallbackRequest.class_id.in_(classes(actor, Permission.CALLBACK_CLOSE)),
        )
    )
    if request is not None and request.done_at is None:
        request.done_at, request.done_by_id = now, actor.user_id
        audit.record(
            session, user_id=actor.user_id, action="callback.done", subject="callback", subject_id=request_id, now=now
        )
    return request


def _wish(asked: CallbackRequest, last4: str | None, children: Mapping[int, Sequence[_Child]]) -> Wish:
    of_family = children.get(asked.household_id, ())
    return Wish(
        id=asked.id, child_id=of_family[0].id if of_family else None,
        children=", ".join(child.name for child in of_family),
        guardian=next((child.guardian_name for child in of_family if child.guardian_name), None), last4=last4,
        reason=asked.reason, asked_at=asked.asked_at,
    )  # fmt: skip


def _children(session: Session, class_id: int, household_ids: Sequence[int]) -> dict[int, list[_Child]]:
    rows = session.execute(
        select(Guardianship.household_id, Child.id, Child.name, Child.guardian_name)
        .join(Child, Child.id == Guardianship.child_id)
        .where(Child.class_id == class_id, Guardianship.household_id.in_(household_ids))
        .order_by(Child.name, Child.id)
    )
    found: dict[int, list[_Child]] = {}
    for household_id, child_id, name, guardian in rows:
        found.setdefault(household_id, []).append(_Child(child_id, name, guardian))
    return found
