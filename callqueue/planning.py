"""From "call my class" to planned calls: one call per household and round, whatever the number of its children."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from callqueue import ledger
from callqueue.rounds import window_of
from callqueue.windows import next_open
from ptm.errors import SunvaiError
from ptm.models import Batch, Call, CallChild, Child, Guardianship, Household, Round, SchoolClass


class BatchRefused(SunvaiError):
    """A batch cannot start; the message tells the teacher why."""


def start_batch(
    session: Session, *, round_id: int, class_id: int, user_id: int | None, form_key: str, now: datetime
) -> Batch:
    """Plan a call for every household of a class and return the batch, which waits for its audio to be prepared.

    Doing it twice, by a doubled press or from two phones, gives the same batch. Raises BatchRefused when the round
    is over or the class has nobody to call.
    """
    existing = session.scalar(select(Batch).where(Batch.round_id == round_id, Batch.class_id == class_id))
    if existing is not None:
        return existing
    the_round = session.get_one(Round, round_id)
    due_at = next_open(window_of({column: getattr(the_round, column) for column in _WINDOW_COLUMNS}), now)
    if due_at is None:
        raise BatchRefused(f"The round “{the_round.name}” has ended: no parent can be called in it any more.")
    families = _families(session, class_id)
    if not families:
        raise BatchRefused("No child of this class has a family that may be called. Import the class list first.")
    batch = Batch(round_id=round_id, class_id=class_id, started_by_id=user_id, form_key=form_key, created_at=now)
    session.add(batch)
    session.flush()
    school_id = session.get_one(SchoolClass, class_id).school_id
    for household_id, child_ids in families.items():
        _plan_call(session, batch, household_id, school_id, child_ids, due_at)
    session.flush()
    return batch


def pause_batch(session: Session, batch_id: int, now: datetime) -> bool:
    """Stop dialling for a batch; phones that ring go on. Return whether anything changed."""
    return _move(session, batch_id, ("preparing", "calling"), "paused", now)


def resume_batch(session: Session, batch_id: int, now: datetime) -> bool:
    """Let a paused batch go on: through preparation once more, which is quick when everything is there."""
    return _move(session, batch_id, ("paused",), "preparing", now)


def cancel_batch(session: Session, batch_id: int, now: datetime) -> bool:
    """End a batch for good: its planned calls end as canceled, unless another class's batch still wants them."""
    if not _move(session, batch_id, ("preparing", "calling", "paused"), "canceled", now):
        return False
    wanted_elsewhere = (
        select(CallChild.call_id)
        .join(Batch, Batch.id == CallChild.batch_id)
        .where(Batch.state.in_(("preparing", "calling", "paused")))
    )
    alone = select(CallChild.call_id).where(CallChild.batch_id == batch_id, CallChild.call_id.not_in(wanted_elsewhere))
    ledger.end_planned(session.connection(), session.scalars(alone).all(), disposition="canceled", now=now)
    return True


def prepared(session: Session, batch_id: int) -> bool:
    """Let a batch's calls be claimed: everything its families will hear is there."""
    return _move(session, batch_id, ("preparing",), "calling", None)


_WINDOW_COLUMNS = ("starts_on_ist", "ends_on_ist", "opens_ist", "closes_ist", "weekdays", "holidays")


def _families(session: Session, class_id: int) -> dict[int, list[int]]:
    rows = session.execute(
        select(Guardianship.household_id, Child.id)
        .join(Child, Child.id == Guardianship.child_id)
        .join(Household, Household.id == Guardianship.household_id)
        .where(Child.class_id == class_id, Household.opted_out_at.is_(None))
        .order_by(Child.id)
    )
    families: dict[int, list[int]] = {}
    for household_id, child_id in rows:
        families.setdefault(household_id, []).append(child_id)
    return families


def _plan_call(
    session: Session, batch: Batch, household_id: int, school_id: int, child_ids: Iterable[int], due_at: datetime
) -> None:
    """Find or plan the household's one call of the round and hang these children on it."""
    call = session.scalar(select(Call).where(Call.round_id == batch.round_id, Call.household_id == household_id))
    if call is None:
        call = Call(round_id=batch.round_id, household_id=household_id, school_id=school_id, due_at=due_at)
        session.add(call)
        session.flush()
    session.add_all(CallChild(call_id=call.id, child_id=child_id, batch_id=batch.id) for child_id in child_ids)


def _move(session: Session, batch_id: int, states: tuple[str, ...], to: str, ended_at: datetime | None) -> bool:
    moved = session.execute(
        update(Batch)
        .where(Batch.id == batch_id, Batch.state.in_(states))
        .values(state=to, ended_at=ended_at if to == "canceled" else None)
    )
    return bool(moved.rowcount == 1)  # type: ignore[attr-defined]
