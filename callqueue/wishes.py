"""What a family changes about its calls by its own act: it calls in, asks to be called again, takes an opt-out back.

As in the ledger, every function works inside the caller's transaction and commits nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from callqueue import participation
from callqueue.cases import is_called_off, locked_call
from callqueue.ladder import HEARD, reach_rank
from callqueue.ledger import finish_batches
from callqueue.rounds import window_of
from callqueue.windows import next_open
from ptm.models import Batch, Call, CallChild, Household, PhoneNumber, Round


def opt_in(tx: Connection, household_id: int) -> None:
    """Note that a family takes its opt-out back. Calls that ended by it stay ended: the next ones may be planned."""
    tx.execute(update(Household).where(Household.id == household_id).values(opted_out_at=None))


def called_in(tx: Connection, call_id: int, reach: str, child_ids: Sequence[int], *, now: datetime) -> None:
    """Note that a family that called us has heard what we were to call it for: a planned call has done its work.

    A dial that is under way is left to its ending, which finds that the family has heard.
    """
    call = locked_call(tx, call_id)
    if reach_rank(reach) < HEARD or (call.state != "planned" and reach_rank(call.reach) >= reach_rank(reach)):
        return
    furthest = max(call.reach, reach, key=reach_rank)
    changes: dict[str, Any] = {"reach": furthest}
    if call.state == "planned":
        changes |= {"state": "ended", "disposition": "called_in", "ended_at": now, "asked_at": None}
    elif call.state == "ended" and reach_rank(call.reach) < HEARD:
        changes["disposition"] = "called_in"
    tx.execute(update(Call).where(Call.id == call_id).values(**changes))
    told = update(CallChild).where(CallChild.call_id == call_id, CallChild.child_id.in_(child_ids))
    tx.execute(told.values(covered=True))
    if call.state == "planned":
        participation.count_ended(tx, [(call.round_id, call.school_id, furthest)])
        finish_batches(tx, select(CallChild.batch_id).where(CallChild.call_id == call_id), now)
    elif call.state == "ended":
        participation.count(tx, call.round_id, call.school_id, **{call.reach: -1, furthest: 1})


def asked_again(tx: Connection, call_id: int, *, phone_id: int, now: datetime) -> datetime | None:
    """Let a family that gave a missed call be dialled on that number; return from when on, None if it may not be.

    The family's own act plans an ended call once more: one dial beyond its tries, heard or not. Nobody is called who
    asked us not to, for whom no batch asks any more, or whose round is over (docs/decisions/006-missed-calls.md).
    """
    call = locked_call(tx, call_id)
    row = tx.execute(
        select(
            Round.__table__, Household.opted_out_at, PhoneNumber.position, is_called_off(call_id).label("called_off")
        )
        .select_from(Round)
        .join(PhoneNumber, PhoneNumber.id == phone_id)
        .join(Household, Household.id == call.household_id)
        .where(Round.id == call.round_id)
    ).one()
    due_at = next_open(window_of(row._mapping), now)
    if row.opted_out_at is not None or row.called_off or due_at is None:
        return None
    if call.state == "open":
        return now
    tx.execute(update(PhoneNumber).where(PhoneNumber.id == phone_id).values(retired_at=None))  # it works: it called us
    asked = {"state": "planned", "due_at": due_at, "asked_at": now, "number_position": row.position}
    tx.execute(update(Call).where(Call.id == call_id).values(**asked, disposition=None, ended_at=None))
    if call.state == "ended":
        participation.count(tx, call.round_id, call.school_id, ended=-1, **{call.reach: -1})
        batches = select(CallChild.batch_id).where(CallChild.call_id == call_id)
        done = update(Batch).where(Batch.id.in_(batches), Batch.state == "done")
        tx.execute(done.values(state="preparing", ended_at=None))  # what was said may have changed since it was done
    return due_at
