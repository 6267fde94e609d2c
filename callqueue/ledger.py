"""The only place that changes the state of a call or an attempt, but for what a family asks itself (`wishes`).

Every change is one conditional UPDATE: the row count says whether it was ours to make. States only move forward,

    claimed -> placed -> ringing -> answered -> ended        (an attempt; `unknown` beside `placed`: it may have rung)
    planned -> open -> planned again, or ended               (a call)

so a change that arrives twice, late or out of order finds nothing to do. An attempt that has ended still learns what
was delivered late (how far it got, that the family opted out), and the call is judged again by the same rule; what
was dialled already is never undone.

All functions work inside the caller's transaction and commit nothing.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, bindparam, case, func, or_, select, text, update
from sqlalchemy.dialects import sqlite
from sqlalchemy.sql.elements import ColumnElement

from callqueue import pace, participation
from callqueue.among import among
from callqueue.cases import Case, load_case, locked_call
from callqueue.hours import picked_up
from callqueue.ladder import REACHES, Again, Final, cost_of, decide, reach_rank
from callqueue.pulses import pulses_of
from callqueue.retrying import due_again
from callqueue.windows import hour_ist
from ptm.accounts import MAIN_ACCOUNT
from ptm.models import Attempt, Batch, Call, CallChild, Household, Instant, PhoneNumber
from ptm.models.call import ATTEMPT_STATES

# So many rows go into one statement: PostgreSQL takes 65,535 parameters, older SQLite 32,766.
CHUNK = 500

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


# All attempts of a claim as one parameter: seven thousand of them would take longer to read than to insert.
_OPEN_MANY = text("""
    INSERT INTO attempt (call_id, number, phone_id, token, tree_hash, facts, account, claimed_at, lease_until_at,
                         state, step, reach, early, opted_out)
    SELECT call_id, number, phone_id, token, tree_hash, facts, account, :claimed_at, :lease_until_at,
           'claimed', 0, 'unreached', false, false
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS claim
         (call_id bigint, number int, phone_id bigint, token text, tree_hash text, facts jsonb, account text)
    ON CONFLICT DO NOTHING RETURNING call_id, id
""").bindparams(bindparam("claimed_at", type_=Instant), bindparam("lease_until_at", type_=Instant))


@dataclass(frozen=True)
class Claim:
    """The attempt that a claim opens for one call. `token` is the unguessable part of its webhooks' addresses."""

    call_id: int
    number: int
    phone_id: int
    token: str
    tree_hash: str
    facts: dict[str, Any]
    account: str = MAIN_ACCOUNT


def claim(tx: Connection, claims: Sequence[Claim], *, now: datetime, lease: timedelta) -> list[int]:
    """Open the next attempt of each of these planned calls and return the attempts' ids.

    A call that is not planned any more, or whose number already has an open attempt, is left as it is.
    """
    call_ids = [claim.call_id for claim in claims]
    planned = update(Call).where(among(tx, Call.id, call_ids), Call.state == "planned").values(state="open")
    taken = set(tx.scalars(planned.returning(Call.id)))
    opened = _open_attempts(tx, [claim for claim in claims if claim.call_id in taken], now, lease)
    crossed = taken - opened.keys()
    if crossed:
        tx.execute(update(Call).where(Call.id.in_(crossed)).values(state="planned", due_at=now + lease))
    covered = [child["id"] for claim in claims if claim.call_id in opened for child in claim.facts["children"]]
    tx.execute(
        update(CallChild)
        .where(among(tx, CallChild.call_id, opened.keys()), among(tx, CallChild.child_id, covered))
        .values(covered=True)
    )
    return list(opened.values())


def _open_attempts(tx: Connection, claims: Sequence[Claim], now: datetime, lease: timedelta) -> dict[int, int]:
    """Insert attempts and return them by call. A unique index turns away a second open attempt of a number."""
    if not claims:
        return {}
    rows = [vars(claim) for claim in claims]
    same = {"claimed_at": now, "lease_until_at": now + lease}
    if tx.dialect.name == "postgresql":
        opened = tx.execute(_OPEN_MANY, same | {"rows": json.dumps(rows)})
    else:
        begun = {"state": "claimed", "step": 0, "reach": "unreached", "early": False, "opted_out": False}
        insert = sqlite.insert(Attempt).on_conflict_do_nothing().returning(Attempt.call_id, Attempt.id)
        opened = tx.execute(insert, [row | same | begun for row in rows])
    return {row.call_id: row.id for row in opened}


def postpone(tx: Connection, call_ids: Sequence[int], until: datetime) -> None:
    """Look at these planned calls again at `until`: something that will pass forbids them now."""
    tx.execute(update(Call).where(among(tx, Call.id, call_ids), Call.state == "planned").values(due_at=until))


def make_due(tx: Connection, call_ids: Sequence[int], at: datetime) -> None:
    """Let these planned calls be due from `at` on, a second apart: classes that start together then take turns."""
    rows = [{"call": call_id, "due": at + timedelta(seconds=place)} for place, call_id in enumerate(call_ids)]
    if rows:
        due = update(Call).where(Call.id == bindparam("call"), Call.state == "planned").values(due_at=bindparam("due"))
        tx.execute(due, rows)


def start_dial(tx: Connection, attempt_id: int, *, now: datetime, lease: timedelta) -> bool:
    """Take the right to send the one POST of an attempt. False: somebody has it, or the claim is too old.

    A process that slept past half of its lease must not dial: by the end of the lease somebody else may. Nor must one
    whose clock stands far behind the clock that claimed: it cannot tell.
    """
    fresh = and_(Attempt.lease_until_at > now + lease / 2, Attempt.claimed_at <= now + lease / 4)
    return _changed(
        tx,
        update(Attempt)
        .where(Attempt.id == attempt_id, Attempt.state == "claimed", Attempt.dial_started_at.is_(None), fresh)
        .values(dial_started_at=now),
    )


def give_back(tx: Connection, attempt_id: int, *, now: datetime, only_expired: bool = False) -> bool:
    """End a claim that nobody took to dial: its call is planned again and has lost nothing. False: it was taken.

    One conditional UPDATE: between a look and a change another process may take the right to dial.
    """
    untaken = [Attempt.state == "claimed", Attempt.dial_started_at.is_(None)]
    if only_expired:
        untaken.append(Attempt.lease_until_at <= now)
    return _end(tx, attempt_id, CarrierEnd("not_dialed", now), None, *untaken)


def placed(tx: Connection, attempt_id: int, *, request_uuid: str, now: datetime, call_uuid: str | None = None) -> None:
    """Note that the carrier accepted the dial; a webhook may have told more already."""
    tx.execute(
        update(Attempt)
        .where(Attempt.id == attempt_id)
        .values(
            request_uuid=func.coalesce(Attempt.request_uuid, request_uuid),
            call_uuid=func.coalesce(Attempt.call_uuid, call_uuid),
            placed_at=func.coalesce(Attempt.placed_at, now),
            state=_at_least("placed"),
        )
    )


def not_known(tx: Connection, attempt_id: int, *, now: datetime, reason: str) -> bool:
    """Note that the phone may have rung: nobody dials this number until the carrier's own lists have been read."""
    changed = _changed(
        tx, update(Attempt).where(Attempt.id == attempt_id, Attempt.state == "claimed").values(state="unknown")
    )
    if changed:
        pace.note_failure(tx, now, reason, _account_of(attempt_id))
    return changed


def withdrawn(tx: Connection, attempt_id: int, at: datetime, *, not_since: datetime) -> bool:
    """Note that the carrier is asked to forget a dial that has not rung. False: it rang, or this was just noted.

    The note is never taken back: a cancel without an answer may have been obeyed, and its hang-up is then ours.
    """
    long_ago = or_(Attempt.withdrawn_at.is_(None), Attempt.withdrawn_at <= not_since)
    waiting = (Attempt.id == attempt_id, Attempt.state == "placed", long_ago)
    return _changed(tx, update(Attempt).where(*waiting).values(withdrawn_at=at))


def ringing(tx: Connection, attempt_id: int, *, call_uuid: str | None, now: datetime) -> None:
    _advance(tx, attempt_id, "ringing", call_uuid, now, ringing_at=func.coalesce(Attempt.ringing_at, now))
    raise_reach(tx, attempt_id, "rang")


def answered(tx: Connection, attempt_id: int, *, call_uuid: str | None, now: datetime) -> None:
    _advance(tx, attempt_id, "answered", call_uuid, now, answered_at=func.coalesce(Attempt.answered_at, now))
    raise_reach(tx, attempt_id, "answered")


def ended(
    tx: Connection, attempt_id: int, end: CarrierEnd, *, call_uuid: str | None = None, was: str | None = None
) -> None:
    """End an attempt once and judge its call. A second end changes nothing, nor one of an attempt that left `was`."""
    only_if = Attempt.state != "ended" if was is None else Attempt.state == was
    if _end(tx, attempt_id, end, call_uuid, only_if):
        pace.note(tx, end.outcome, end.ended_at, end.cause_name, _account_of(attempt_id))


def _end(tx: Connection, attempt_id: int, end: CarrierEnd, call_uuid: str | None, *only_if: Any) -> bool:
    # A dial that we withdrew before it rang was canceled by us, not by anybody at home.
    ours = and_(Attempt.withdrawn_at.is_not(None), Attempt.reach == "unreached")
    outcome: Any = case((ours, "withdrawn"), else_="canceled") if end.outcome == "canceled" else end.outcome
    first = _changed(
        tx,
        update(Attempt)
        .where(Attempt.id == attempt_id, *only_if)
        .values(
            state="ended",
            ended_at=end.ended_at,
            outcome=outcome,
            cause_code=end.cause_code,
            cause_name=end.cause_name,
            hangup_source=end.hangup_source,
            talk_s=end.talk_s,
            call_uuid=func.coalesce(Attempt.call_uuid, call_uuid),
        ),
    )
    if first:
        _settle(tx, attempt_id, first=True)
    return first


def raise_reach(tx: Connection, attempt_id: int, reach: str) -> None:
    """Note that an attempt got at least this far; after its end, its call is judged again."""
    lower = REACHES[: reach_rank(reach)]
    raised = tx.execute(
        update(Attempt)
        .where(Attempt.id == attempt_id, Attempt.reach.in_(lower))
        .values(reach=reach)
        .returning(Attempt.call_id, Attempt.state)
    ).first()
    if raised is None:
        return
    if raised.state == "ended":
        _raise_late(tx, raised.call_id, attempt_id, reach)
    else:
        tx.execute(update(Call).where(Call.id == raised.call_id, Call.reach.in_(lower)).values(reach=reach))


def _raise_late(tx: Connection, call_id: int, attempt_id: int, reach: str) -> None:
    call = locked_call(tx, call_id)
    if reach_rank(call.reach) < reach_rank(reach):
        tx.execute(update(Call).where(Call.id == call_id).values(reach=reach))
        if call.state == "ended":
            participation.count(tx, call.round_id, call.school_id, **{call.reach: -1, reach: 1})
    _settle(tx, attempt_id, first=False)


def opt_out(tx: Connection, attempt_id: int, *, now: datetime) -> None:
    """Note that the family asked not to be called: every call of theirs that is still planned ends here and now."""
    tx.execute(update(Attempt).where(Attempt.id == attempt_id).values(opted_out=True))
    opt_out_household(tx, select(Call.household_id).where(Call.id == _call_of(attempt_id)).scalar_subquery(), now=now)
    _settle(tx, attempt_id, first=False)


def opt_out_household(tx: Connection, household_id: Any, *, now: datetime) -> None:
    """End every call of a family that is still planned; what rings already is left to its ending."""
    tx.execute(
        update(Household).where(Household.id == household_id, Household.opted_out_at.is_(None)).values(opted_out_at=now)
    )
    planned = tx.scalars(select(Call.id).where(Call.household_id == household_id, Call.state == "planned")).all()
    end_planned(tx, planned, disposition="opted_out", now=now)


def end_planned(tx: Connection, call_ids: Sequence[int], *, disposition: str, now: datetime) -> int:
    """End calls that wait to be dialled; return how many. A call with an open attempt is left to its ending."""
    stopped = 0
    for start in range(0, len(call_ids), CHUNK):
        some = sorted(call_ids)[start : start + CHUNK]
        ending = (
            update(Call)
            .where(Call.id.in_(some), Call.state == "planned")
            .values(state="ended", disposition=disposition, ended_at=now)
            .returning(Call.round_id, Call.school_id, Call.reach)
        )
        rows = tx.execute(ending).all()
        participation.count_ended(tx, ((row.round_id, row.school_id, row.reach) for row in rows))
        finish_batches(tx, select(CallChild.batch_id).where(CallChild.call_id.in_(some)), now)
        stopped += len(rows)
    return stopped


def finish_batches(tx: Connection, batch_ids: Any, now: datetime) -> None:
    """Mark those of these batches done that have no call left to do.

    Two calls that end at the same moment may each still see the other as open; the sweeper asks again.
    """
    unfinished = (
        select(CallChild.batch_id)
        .join(Call, Call.id == CallChild.call_id)
        .where(Call.state != "ended", CallChild.batch_id == Batch.id)
    )
    tx.execute(
        update(Batch)
        .where(Batch.id.in_(batch_ids), Batch.state.in_(("calling", "paused")), ~unfinished.exists())
        .values(state="done", ended_at=now)
    )


def _settle(tx: Connection, attempt_id: int, *, first: bool) -> None:
    """Judge the call by how its newest attempt ended: plan it again or end it.

    `first` is the moment when the attempt ends: only then are its tries counted. Later news may turn a planned
    retry, or a disposition of a family who had not heard, into what it should have been; nothing else.
    """
    case_ = load_case(tx, attempt_id, first=first)
    if case_ is None:
        return
    if first:
        _count_attempt(tx, case_)
    call, standing = case_.call, case_.standing
    if not first and (call.state == "open" or not case_.is_news):
        return  # dialled again already: what was heard stays noted, the newer attempt decides
    if not first and call.asked_at is not None and not case_.ending.opted_out:
        return  # the family asked for this call after all that
    decision = decide(case_.ladder, case_.ending, standing)
    if isinstance(decision, Again) and call.state == "ended":
        return  # people, the deadline or the family ended this call: news may explain it, never reopen it
    if decision.retire_number:
        retired = update(PhoneNumber).where(PhoneNumber.id == case_.attempt.phone_id)
        tx.execute(retired.values(retired_at=case_.attempt.ended_at))
    _write_decision(tx, case_, decision)


def _write_decision(tx: Connection, case_: Case, decision: Again | Final) -> None:
    call = case_.call
    changes = changes_of(case_, decision, due_again(tx, case_, decision) if isinstance(decision, Again) else None)
    tx.execute(update(Call).where(Call.id == call.id).values(**changes))
    if changes["state"] == "ended" and call.state != "ended":
        participation.count_ended(tx, [(call.round_id, call.school_id, call.reach)])
        batches = select(CallChild.batch_id).where(CallChild.call_id == call.id)
        finish_batches(tx, batches, case_.attempt.ended_at)


def changes_of(case_: Case, decision: Again | Final, due_at: datetime | None = None) -> dict[str, Any]:
    """Return the columns of a call that a decision changes: planned again, when there is a time for that, or ended."""
    call, attempt = case_.call, case_.attempt
    changes: dict[str, Any] = {"tries": case_.standing.tries, "unplaced": case_.standing.unplaced}
    if isinstance(decision, Final) or cost_of(case_.ending) == "try":
        changes["asked_at"] = None  # that was the call it asked for
    if isinstance(decision, Again) and due_at is not None:
        position = attempt.position + decision.next_number
        changes |= {"state": "planned", "due_at": due_at, "number_position": position}
    else:
        disposition = decision.disposition if isinstance(decision, Final) else _late(attempt, decision)
        changes |= {"state": "ended", "disposition": disposition, "ended_at": call.ended_at or attempt.ended_at}
    return changes


def _late(attempt: Any, decision: Again) -> str:
    return decision.disposition_if_late if attempt.is_wanted else "canceled"


def _count_attempt(tx: Connection, case_: Case) -> None:
    counts = counts_of(case_)
    if any(counts.values()):
        participation.count(tx, case_.call.round_id, case_.call.school_id, **counts)


def counts_of(case_: Case) -> dict[str, int]:
    """Return what the end of an attempt adds to its school's counts, whatever becomes of the call."""
    attempt = case_.attempt
    counts = {"dials": int(cost_of(case_.ending) == "try"), "pulses": pulses_of(attempt.talk_s)}
    # A family that asked for this call picks up whatever the hour is.
    answered = picked_up(attempt.outcome, attempt.reach) if case_.call.asked_at is None else None
    if answered is not None and attempt.rang_at is not None:
        counts |= {"rang_at_hour": hour_ist(attempt.rang_at), "picked_up": int(answered)}
    return counts


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


def _account_of(attempt_id: int) -> Any:
    return select(Attempt.account).where(Attempt.id == attempt_id).scalar_subquery()


def _call_of(attempt_id: int) -> Any:
    return select(Attempt.call_id).where(Attempt.id == attempt_id).scalar_subquery()


def _changed(tx: Connection, statement: Any) -> bool:
    return bool(tx.execute(statement).rowcount == 1)
