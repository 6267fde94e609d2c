"""The only place that changes the state of a call or an attempt.

Every change is one conditional UPDATE: the row count says whether it was ours to make. States only move forward,

    claimed -> placed -> ringing -> answered -> ended        (an attempt; `unknown` beside `placed`: it may have rung)
    planned -> open -> planned again, or ended               (a call)

so a change that arrives twice, late or out of order finds nothing to do. An attempt that has ended still learns what
was delivered late (how far it got, that the family opted out), and the call is judged again by the same rule; what
was dialled already is never undone.

All functions work inside the caller's transaction and commit nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, case, func, insert, select, update
from sqlalchemy.sql.elements import ColumnElement

from callqueue.ladder import REACHES, Again, Ending, Final, decide, reach_rank
from callqueue.rounds import window_of
from callqueue.windows import next_open
from ptm.models import Attempt, Batch, Call, CallChild, Household, PhoneNumber, Round
from ptm.models.call import ATTEMPT_STATES

# `unknown` ranks below `placed`: any news from the carrier resolves it.
RANK = {state: rank for rank, state in enumerate(ATTEMPT_STATES)}


@dataclass(frozen=True)
class CarrierEnd:
    """How the carrier says a call ended. `outcome` is in our words, the rest is stored as it came."""

    outcome: str
    ended_at: datetime
    cause_code: int | None = None
    cause_name: str | None = None
    hangup_source: str | None = None
    talk_s: int | None = None


def claim(
    tx: Connection, call_id: int, *, number: int, phone_id: int, token: str, tree_hash: str, facts: dict[str, Any],
    now: datetime, lease: timedelta
) -> int | None:  # fmt: skip
    """Open the next attempt of a planned call and return its id; None when another claim was first."""
    if not _changed(tx, update(Call).where(Call.id == call_id, Call.state == "planned").values(state="open")):
        return None
    opened = insert(Attempt).values(
        call_id=call_id, number=number, phone_id=phone_id, token=token, state="claimed", claimed_at=now,
        lease_until_at=now + lease, tree_hash=tree_hash, facts=facts, step=0, reach="unreached",
        early=False, opted_out=False,
    ).returning(Attempt.id)  # fmt: skip
    covered = [child["id"] for child in facts["children"]]
    tx.execute(
        update(CallChild).where(CallChild.call_id == call_id, CallChild.child_id.in_(covered)).values(covered=True)
    )
    return tx.execute(opened).scalar_one()


def start_dial(tx: Connection, attempt_id: int, *, now: datetime, lease: timedelta) -> bool:
    """Take the right to send the one POST of an attempt. False: somebody has it, or the claim is too old.

    A process that slept past half of its lease must not dial: by the end of the lease somebody else may.
    """
    fresh = Attempt.lease_until_at > now + lease / 2
    return _changed(
        tx,
        update(Attempt)
        .where(Attempt.id == attempt_id, Attempt.state == "claimed", Attempt.dial_started_at.is_(None), fresh)
        .values(dial_started_at=now),
    )


def placed(tx: Connection, attempt_id: int, *, request_uuid: str, now: datetime) -> None:
    """Note that the carrier accepted the dial; a webhook may have told more already."""
    tx.execute(
        update(Attempt)
        .where(Attempt.id == attempt_id)
        .values(
            request_uuid=func.coalesce(Attempt.request_uuid, request_uuid),
            placed_at=func.coalesce(Attempt.placed_at, now),
            state=_at_least("placed"),
        )
    )


def not_known(tx: Connection, attempt_id: int) -> bool:
    """Note that the phone may have rung: nobody dials this number until the carrier's own lists have been read."""
    return _changed(
        tx, update(Attempt).where(Attempt.id == attempt_id, Attempt.state == "claimed").values(state="unknown")
    )


def ringing(tx: Connection, attempt_id: int, *, call_uuid: str | None, now: datetime) -> None:
    _advance(tx, attempt_id, "ringing", call_uuid, now, ringing_at=func.coalesce(Attempt.ringing_at, now))
    raise_reach(tx, attempt_id, "rang")


def answered(tx: Connection, attempt_id: int, *, call_uuid: str | None, now: datetime) -> None:
    _advance(tx, attempt_id, "answered", call_uuid, now, answered_at=func.coalesce(Attempt.answered_at, now))
    raise_reach(tx, attempt_id, "answered")


def ended(tx: Connection, attempt_id: int, end: CarrierEnd, *, call_uuid: str | None = None) -> None:
    """End an attempt once and judge its call. A second end changes nothing."""
    first = _changed(
        tx,
        update(Attempt)
        .where(Attempt.id == attempt_id, Attempt.state != "ended")
        .values(
            state="ended",
            ended_at=end.ended_at,
            outcome=end.outcome,
            cause_code=end.cause_code,
            cause_name=end.cause_name,
            hangup_source=end.hangup_source,
            talk_s=end.talk_s,
            call_uuid=func.coalesce(Attempt.call_uuid, call_uuid),
        ),
    )
    if first:
        _settle(tx, attempt_id, first=True)


def raise_reach(tx: Connection, attempt_id: int, reach: str) -> None:
    """Note that an attempt got at least this far; after its end, its call is judged again."""
    lower = REACHES[: reach_rank(reach)]
    raised = update(Attempt).where(Attempt.id == attempt_id, Attempt.reach.in_(lower)).values(reach=reach)
    if _changed(tx, raised):
        tx.execute(update(Call).where(Call.id == _call_of(attempt_id), Call.reach.in_(lower)).values(reach=reach))
        _settle(tx, attempt_id, first=False)


def opt_out(tx: Connection, attempt_id: int, *, now: datetime) -> None:
    """Note that the family asked not to be called: every call of theirs that is still planned ends here and now."""
    tx.execute(update(Attempt).where(Attempt.id == attempt_id).values(opted_out=True))
    household = select(Call.household_id).where(Call.id == _call_of(attempt_id)).scalar_subquery()
    tx.execute(
        update(Household).where(Household.id == household, Household.opted_out_at.is_(None)).values(opted_out_at=now)
    )
    planned = tx.scalars(select(Call.id).where(Call.household_id == household, Call.state == "planned")).all()
    end_planned(tx, planned, disposition="opted_out", now=now)
    _settle(tx, attempt_id, first=False)


def end_planned(tx: Connection, call_ids: Sequence[int], *, disposition: str, now: datetime) -> int:
    """End calls that wait to be dialled; return how many. A call with an open attempt is left to its ending."""
    if not call_ids:
        return 0
    stopped = tx.execute(
        update(Call)
        .where(Call.id.in_(call_ids), Call.state == "planned")
        .values(state="ended", disposition=disposition, ended_at=now)
    )
    _finish_batches(tx, call_ids, now)
    return stopped.rowcount


@dataclass(frozen=True)
class _Case:
    """What judging a call needs to know of one attempt, its call and its round."""

    call_id: int
    call_state: str
    is_latest: bool
    tries: int
    unplaced: int
    position: int
    numbers: int
    phone_id: int
    ending: Ending
    ended_at: datetime
    round_id: int


def _settle(tx: Connection, attempt_id: int, *, first: bool) -> None:
    """Judge the call by how its newest attempt ended: plan it again or end it.

    `first` is the moment when the attempt ends: only then are its tries counted. Later news may turn a planned
    retry, or a disposition of a family who had not heard, into what it should have been; nothing else.
    """
    found = _load_case(tx, attempt_id)
    if found is None or not found.is_latest:
        return
    if not first and found.call_state == "open":
        return  # dialled again already: what was heard stays noted, the newer attempt decides
    spends = _spends(found.ending)
    tries = found.tries + (first and spends)
    unplaced = found.unplaced + (first and not spends)
    the_round = tx.execute(select(Round.__table__).where(Round.__table__.c.id == found.round_id)).mappings().one()
    decision = decide(
        the_round["ladder"], found.ending, tries=tries, most_tries=the_round["tries"], unplaced=unplaced,
        numbers=found.numbers,
    )  # fmt: skip
    if isinstance(decision, Again) and found.call_state == "ended":
        return  # people, the deadline or the family ended this call: news may explain it, never reopen it
    changes: dict[str, Any] = {"tries": tries, "unplaced": unplaced}
    if isinstance(decision, Again):
        due_at = next_open(window_of(the_round), found.ended_at + decision.wait)
        if due_at is None:
            decision = Final(decision.disposition_if_late, decision.retire_number, decision.spends_a_try)
        else:
            changes |= {"state": "planned", "due_at": due_at, "disposition": None, "ended_at": None}
            changes["number_position"] = found.position + decision.next_number
    if isinstance(decision, Final):
        changes |= {"state": "ended", "disposition": decision.disposition, "ended_at": found.ended_at}
    if decision.retire_number:
        tx.execute(update(PhoneNumber).where(PhoneNumber.id == found.phone_id).values(retired_at=found.ended_at))
    tx.execute(update(Call).where(Call.id == found.call_id).values(**changes))
    if isinstance(decision, Final):
        _finish_batches(tx, [found.call_id], found.ended_at)


def _load_case(tx: Connection, attempt_id: int) -> _Case | None:
    numbers = (
        select(func.count())
        .select_from(PhoneNumber)
        .where(PhoneNumber.household_id == Call.household_id, PhoneNumber.retired_at.is_(None))
        .scalar_subquery()
    )
    newest = select(func.max(Attempt.number)).where(Attempt.call_id == Call.id).correlate(Call).scalar_subquery()
    row = tx.execute(
        select(
            Call.id, Call.state, Call.tries, Call.unplaced, Call.round_id, PhoneNumber.position, Attempt.number,
            Attempt.phone_id, Attempt.outcome, Attempt.reach, Attempt.opted_out, Attempt.ended_at,
            numbers.label("numbers"), newest.label("newest"),
        )
        .join(Call, Call.id == Attempt.call_id)
        .join(PhoneNumber, PhoneNumber.id == Attempt.phone_id)
        .where(Attempt.id == attempt_id, Attempt.state == "ended")
    ).first()  # fmt: skip
    if row is None:
        return None
    return _Case(
        call_id=row.id, call_state=row.state, is_latest=row.number == row.newest, tries=row.tries,
        unplaced=row.unplaced, position=row.position, numbers=row.numbers, phone_id=row.phone_id,
        ending=Ending(row.outcome, row.reach, row.opted_out), ended_at=row.ended_at, round_id=row.round_id,
    )  # fmt: skip


def _spends(ending: Ending) -> bool:
    """Say whether the phone may have rung: a refused dial costs the family none of its tries."""
    decision = decide({}, ending, tries=0, most_tries=1, unplaced=0, numbers=1)
    return decision.spends_a_try


def _advance(
    tx: Connection, attempt_id: int, state: str, call_uuid: str | None, now: datetime, **instants: Any
) -> None:
    tx.execute(
        update(Attempt)
        .where(Attempt.id == attempt_id)
        .values(
            state=_at_least(state),
            call_uuid=func.coalesce(Attempt.call_uuid, call_uuid),
            placed_at=func.coalesce(Attempt.placed_at, now),
            **instants,
        )
    )


def _at_least(state: str) -> ColumnElement[str]:
    """Return the later of the present state and `state`, so that old news moves nothing back."""
    earlier = [name for name in ATTEMPT_STATES if RANK[name] < RANK[state]]
    return case((Attempt.state.in_(earlier), state), else_=Attempt.state)


def _call_of(attempt_id: int) -> Any:
    return select(Attempt.call_id).where(Attempt.id == attempt_id).scalar_subquery()


def _finish_batches(tx: Connection, call_ids: Sequence[int], now: datetime) -> None:
    """Mark the batches of these calls done when none of their calls is left to do."""
    touched = select(CallChild.batch_id).where(CallChild.call_id.in_(call_ids))
    unfinished = (
        select(CallChild.batch_id)
        .join(Call, Call.id == CallChild.call_id)
        .where(Call.state != "ended", CallChild.batch_id == Batch.id)
    )
    tx.execute(
        update(Batch)
        .where(Batch.id.in_(touched), Batch.state.in_(("calling", "paused")), ~unfinished.exists())
        .values(state="done", ended_at=now)
    )


def _changed(tx: Connection, statement: Any) -> bool:
    return bool(tx.execute(statement).rowcount == 1)
