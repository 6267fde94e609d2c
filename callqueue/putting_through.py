"""A teacher is put through to a family: asked for on a page, done when the teacher calls the teacher's line.

The call comes from the teacher's own phone, so nothing is dialled that nobody holds in the hand, and no PIN is needed:
who is signed in named the family a moment ago.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, select, update

from ptm import audit
from ptm.clock import IST
from ptm.models import CallbackRequest, Child, Guardianship, Household, PhoneNumber, PutThrough, SchoolClass
from ptm.settings import EARLIEST, LATEST

# From the page to the phone in the other hand, and a second try when nobody answered.
WAITS = timedelta(minutes=10)
TOO_EARLY_OR_LATE = f"Families are called between {EARLIEST:%H:%M} and {LATEST:%H:%M}."
NO_NUMBER = "No number of this family works. Please ask at the school."
LEFT_ALONE = "This family asked not to be called."


class NotPutThrough(Exception):
    """A family cannot be called now; the message says why, in words for a teacher."""


def ask(tx: Connection, user_id: int, child_id: int, now: datetime) -> int:
    """Let a child's family wait for the teacher's call; return what the page is to show. Raises NotPutThrough.

    Whoever asks answers for the child being of a class of theirs. Asked for again within `WAITS` it waits anew.
    """
    if not is_hour(now):
        raise NotPutThrough(TOO_EARLY_OR_LATE)
    family = tx.execute(
        select(Guardianship.household_id, Household.opted_out_at)
        .join(Household, Household.id == Guardianship.household_id)
        .where(Guardianship.child_id == child_id)
    ).first()
    if family is None or not numbers_for(tx, family.household_id):
        raise NotPutThrough(NO_NUMBER)
    if family.opted_out_at is not None and not _wants_a_call(tx, family.household_id):
        raise NotPutThrough(LEFT_ALONE)
    mine = {"user_id": user_id, "household_id": family.household_id, "child_id": child_id}
    put_id = tx.execute(insert(PutThrough).values(**mine, asked_at=now).returning(PutThrough.id)).scalar_one()
    audit.record(tx, user_id=user_id, action="family.call", subject="child", subject_id=child_id, now=now)
    return int(put_id)


def waiting_for(tx: Connection, user_id: int | None, now: datetime) -> Any:
    """Return the family that a teacher's call is put through to now (id, household_id, child_id, name), or None.

    The newest that was asked for: who turned to another child means that one. Whom they have spoken with is done,
    and so is a child who is in no class of theirs any more.
    """
    newest = tx.execute(
        select(PutThrough.id, PutThrough.household_id, PutThrough.child_id, PutThrough.spoken_at, Child.name)
        .join(Child, Child.id == PutThrough.child_id)
        .join(SchoolClass, SchoolClass.id == Child.class_id)
        .where(PutThrough.user_id == user_id, PutThrough.asked_at > now - WAITS, SchoolClass.teacher_id == user_id)
        .order_by(PutThrough.asked_at.desc(), PutThrough.id.desc())
        .limit(1)
    ).first()
    return newest if newest is not None and newest.spoken_at is None and is_hour(now) else None


def begin(tx: Connection, put_id: int, inbound_id: int) -> None:
    """Note the call that is put through to the family."""
    tx.execute(update(PutThrough).where(PutThrough.id == put_id).values(inbound_id=inbound_id))


def numbers_for(tx: Connection, household_id: int) -> Sequence[int]:
    """Return the ids of a household's working numbers, in the order to try."""
    working = select(PhoneNumber.id).where(PhoneNumber.household_id == household_id, PhoneNumber.retired_at.is_(None))
    return list(tx.scalars(working.order_by(PhoneNumber.position)))


def spoken(tx: Connection, inbound_id: int, now: datetime) -> None:
    """Note that somebody in the family has answered this call."""
    rung = PutThrough.inbound_id == inbound_id, PutThrough.spoken_at.is_(None)
    tx.execute(update(PutThrough).where(*rung).values(spoken_at=now))


def is_hour(now: datetime) -> bool:
    """Say whether families may be rung at `now`."""
    return EARLIEST <= now.astimezone(IST).time() < LATEST


def _wants_a_call(tx: Connection, household_id: int) -> bool:
    wish = select(CallbackRequest.id).where(
        CallbackRequest.household_id == household_id, CallbackRequest.done_at.is_(None)
    )
    return tx.scalar(wish.limit(1)) is not None
