"""The claim: one transaction that decides who is dialled next and writes it down before anything is sent.

Everything that can forbid a call is asked here, at this moment, against committed rows: the switch, the breaker, the
window, the round's budget and lines, the batch, the opt-out, the family's slot, the number, the day's cap, the lines.
What it returns may be dialled once.
"""

from __future__ import annotations

import math
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection, and_, func, or_, select

from callqueue import ledger, pace
from callqueue.among import among
from callqueue.briefing import brief_many
from callqueue.funding import affordable, second_lines
from callqueue.ladder import HEARD, NEVER_RANG, reach_rank
from callqueue.ledger import Claim
from callqueue.pacing import PROBE_EVERY, Limits, allowed_by, next_account, plan_release
from callqueue.rounds import window_of
from callqueue.windows import closes_at, is_open, next_open
from ptm.accounts import MAIN_ACCOUNT
from ptm.clock import IST
from ptm.database import Database
from ptm.models import Attempt, Batch, Call, CallChild, Household, InboundCall, PhoneNumber, Round, Switch

STOP_DIALING = "stop_dialing"
TEACHER, BULK = 0, 1
# A call that something forbids for now (its batch is paused, its phone is in use) is looked at again after this.
LOOK_AGAIN = timedelta(minutes=1)
# A call whose batch is not prepared yet is made due when it is; until then it need not be looked at often.
LOOK_AGAIN_UNPREPARED = timedelta(minutes=30)
LEAST_LOOKED_AT, CHUNK, PASSES = 200, 500, 4
_CLAIM_LOCK = 8126318


@dataclass(frozen=True)
class Caps:
    """What no claim may exceed. `horizon_s` is how far ahead, in clock time, calls are claimed before they start.

    Nothing is claimed that could not start and be acted on by the carrier (`acts_within`) within the hours. `limits`
    are those of the main account, `others` those of further ones.
    """

    limits: Limits
    dials_per_day: int
    lease: timedelta
    horizon_s: float
    time_limit_s: int = 240
    acts_within: timedelta = timedelta(0)
    others: Mapping[str, Limits] = field(default_factory=dict)

    @property
    def accounts(self) -> dict[str, Limits]:
        return {MAIN_ACCOUNT: self.limits, **self.others}


def claim_due(database: Database, caps: Caps, now: datetime) -> list[int]:
    """Claim the calls that may start now and return the ids of their attempts, committed."""
    with database.writing() as tx:
        if database.dialect == "postgresql":
            # The count of lines and the inserts that use them up must not interleave with another pacer's.
            tx.execute(select(func.pg_advisory_xact_lock(_CLAIM_LOCK)))
        if is_dialing_stopped(tx):
            return []
        standings = pace.standings(tx)
        rooms = _rooms(tx, caps, standings, now)
        before = dict(rooms)
        if not any(rooms.values()):
            return []
        claimed = _claim_rounds(tx, caps, now, rooms)
        for account, standing in standings.items():
            if standing.breaker.opened_at is not None and rooms.get(account) != before.get(account):
                pace.probe_again_at(tx, now + PROBE_EVERY, account)
        return claimed


def is_dialing_stopped(tx: Connection) -> bool:
    """Say whether somebody threw the switch that stops all dialling."""
    return tx.scalar(select(Switch.on_since_at).where(Switch.name == STOP_DIALING)) is not None


def lines_held(tx: Connection, now: datetime) -> dict[str, tuple[int, int]]:
    """Count for each account the lines in use, and the claims among them that wait for their start.

    A line is held by every attempt that is not ended, except claims that died before they dialled; and a second one
    while a teacher is dialled in it.
    """
    untaken = and_(Attempt.state == "claimed", Attempt.dial_started_at.is_(None))
    waiting = and_(untaken, Attempt.lease_until_at > now)
    rows = tx.execute(
        select(
            Attempt.account,
            func.count().filter(or_(~untaken, waiting)) + second_lines(Attempt),
            func.count().filter(waiting),
        )
        .where(Attempt.state != "ended")
        .group_by(Attempt.account)
    )
    return {account: (held, starts) for account, held, starts in rows}


def lines_called_in(tx: Connection) -> int:
    """Count the lines that calls to us hold."""
    held = select(func.count() + second_lines(InboundCall)).select_from(InboundCall)
    return tx.scalar(held.where(InboundCall.state != "ended")) or 0


def dialable_until(tx: Connection, attempt_id: int, at: datetime) -> datetime | None:
    """Ask again, just before the dial, what may have changed since the claim; None when the phone must not ring.

    Else the instant from which on it must not: the end of the round's hours.
    """
    return still_dialable(tx, [attempt_id], at).get(attempt_id)


def still_dialable(tx: Connection, attempt_ids: Sequence[int], at: datetime) -> dict[int, datetime]:
    """Return those of these attempts whose phone may ring at `at`, each with the instant until which it may."""
    if is_dialing_stopped(tx):
        return {}
    rows = tx.execute(
        select(Attempt.id.label("attempt_id"), Round.__table__, Household.opted_out_at, Call.reach,
               Call.asked_at, _is_called_for(Call.id).label("called_for"))
        .select_from(Attempt)
        .join(Call, Call.id == Attempt.call_id)
        .join(Round, Round.id == Call.round_id)
        .join(Household, Household.id == Call.household_id)
        .where(among(tx, Attempt.id, attempt_ids))
    )  # fmt: skip
    until = {row.attempt_id: closes_at(window_of(row._mapping), at) for row in rows if not _is_forbidden(row)}
    return {attempt_id: closes for attempt_id, closes in until.items() if closes is not None}


def _is_forbidden(row: Any) -> bool:
    # An earlier attempt's news may have come late: then the family has heard already.
    has_heard = reach_rank(row.reach) >= HEARD and row.asked_at is None
    return row.opted_out_at is not None or row.paused_at is not None or not row.called_for or has_heard


def _rooms(tx: Connection, caps: Caps, standings: Mapping[str, pace.Standing], now: datetime) -> dict[str, int]:
    """Return how many calls each account can take now; one account's trouble is no other's."""
    held = lines_held(tx, now)
    # Lines are kept free for calls that come in; when there are more of them, they take from ours. Our own numbers are
    # the main account's.
    lines, starts = held.get(MAIN_ACCOUNT, (0, 0))
    held[MAIN_ACCOUNT] = (lines + max(0, lines_called_in(tx) - caps.limits.reserved_lines), starts)
    return {
        account: _room(limits, standings.get(account, pace.Standing()), *held.get(account, (0, 0)), caps, now)
        for account, limits in caps.accounts.items()
    }


def _room(limits: Limits, standing: pace.Standing, held: int, starts: int, caps: Caps, now: datetime) -> int:
    rests_until_at = standing.rests_until_at
    if rests_until_at is not None and rests_until_at > now + timedelta(seconds=caps.horizon_s):
        return 0  # claims would only grow old while the carrier rests
    room = plan_release(limits, lines_held=held, waiting_starts=starts, horizon_s=caps.horizon_s)
    allowed = allowed_by(standing.breaker, now)
    return room if allowed is None else min(room, allowed)


def _claim_rounds(tx: Connection, caps: Caps, now: datetime, rooms: dict[str, int]) -> list[int]:
    """Claim from the open rounds, teachers' own calls first; within each, what has been due for longest.

    What is claimed is taken off the `rooms` of its accounts.
    """
    room = sum(rooms.values())
    rounds = _open_rounds(tx, now, caps.acts_within + timedelta(seconds=caps.horizon_s))
    left = {round_id: affordable(tx, row, caps.time_limit_s, room) for round_id, row in rounds.items()}
    claimed: list[int] = []
    for priority in (TEACHER, BULK):
        # Calls that something forbids are moved out of the way; what lies behind many of them comes next time.
        for _ in range(max(PASSES, math.ceil(room / CHUNK))):
            open_ids = [round_id for round_id, calls in left.items() if calls > 0]
            wanted = sum(rooms.values())
            if wanted <= 0 or not open_ids:
                break
            due = _due_calls(tx, priority, open_ids, min(max(wanted, LEAST_LOOKED_AT), CHUNK), now)
            if not due:
                break
            claimed += _claim(tx, due, rounds, left, rooms, caps, now)
    return claimed


def _open_rounds(tx: Connection, now: datetime, ahead: timedelta) -> dict[int, Any]:
    today = now.astimezone(IST).date()
    rows = tx.execute(
        select(Round.__table__).where(
            Round.starts_on_ist <= today, Round.ends_on_ist >= today, Round.paused_at.is_(None)
        )
    ).mappings()
    return {row["id"]: row for row in rows if is_open(window_of(row), now) and is_open(window_of(row), now + ahead)}


def _due_calls(tx: Connection, priority: int, rounds: Sequence[int], most: int, now: datetime) -> Sequence[Any]:
    """Return and lock the calls that are due, with what may forbid them.

    `phone_id` is the number each would ring: the first working one from its position on, then from the first.
    """
    working = (
        select(PhoneNumber.id)
        .where(PhoneNumber.household_id == Call.household_id, PhoneNumber.retired_at.is_(None))
        .order_by(PhoneNumber.position)
        .limit(1)
    )
    from_position = working.where(PhoneNumber.position >= Call.number_position)
    phone_id = func.coalesce(from_position.scalar_subquery(), working.scalar_subquery())
    newest = select(func.max(Attempt.number)).where(Attempt.call_id == Call.id).scalar_subquery()
    query = (
        select(Call.id, Call.round_id, Call.school_id, Call.asked_at, Household.language, Household.slot,
               Household.opted_out_at, phone_id.label("phone_id"), newest.label("newest"))
        .join(Household, Household.id == Call.household_id)
        .where(
            Call.state == "planned", Call.priority == priority, Call.due_at <= now, Call.round_id.in_(rounds)
        )
        .order_by(Call.due_at, Call.id)
        .limit(most)
        .with_for_update(of=Call, skip_locked=True)
    )  # fmt: skip
    return tx.execute(query).all()


def _batch_states(tx: Connection, call_ids: Sequence[int]) -> dict[int, set[str]]:
    """Return how the batches stand that asked for these calls.

    Asked for the chosen calls and not within their choice: there the database would answer it for a whole state first.
    """
    query = (
        select(CallChild.call_id, Batch.state)
        .join(Batch, Batch.id == CallChild.batch_id)
        .where(among(tx, CallChild.call_id, call_ids))
    )
    states: dict[int, set[str]] = {}
    for call_id, state in tx.execute(query):
        states.setdefault(call_id, set()).add(state)
    return states


def _is_called_for(call_id: Any) -> Any:
    """Ask whether a batch that is calling wants this call."""
    return (
        select(CallChild.call_id)
        .join(Batch, Batch.id == CallChild.batch_id)
        .where(CallChild.call_id == call_id, Batch.state == "calling")
        .exists()
    )


def _claim(
    tx: Connection, due: Sequence[Any], rounds: Mapping[int, Any], left: dict[int, int], rooms: dict[str, int],
    caps: Caps, now: datetime
) -> list[int]:  # fmt: skip
    """Claim those of the due calls that nothing forbids; move the others to where they do not stand in the way."""
    use = _use_of_numbers(tx, [row.phone_id for row in due if row.phone_id is not None], now)
    batches = _batch_states(tx, [row.id for row in due])
    chosen: list[tuple[Any, str]] = []
    later: dict[datetime | str, list[int]] = {}
    for row in due:
        if not any(rooms.values()):
            break
        verdict = _verdict(row, batches.get(row.id, set()), rounds[row.round_id], left, use, caps, now)
        if verdict is None:
            account = next_account(rooms, caps.accounts)
            chosen.append((row, account))
            rooms[account] -= 1
            left[row.round_id] -= 1
            use[row.phone_id] = _Use(is_busy=True)  # two rounds may want the same family at once
        else:
            later.setdefault(verdict, []).append(row.id)
    for verdict, call_ids in later.items():
        if isinstance(verdict, str):
            ledger.end_planned(tx, call_ids, disposition=verdict, now=now)
        else:
            ledger.postpone(tx, call_ids, verdict)
    return ledger.claim(tx, _claims(tx, chosen, rounds, now), now=now, lease=caps.lease) if chosen else []


@dataclass(frozen=True)
class _Use:
    """What a number went through: is an attempt open on it, how often was it dialled today."""

    is_busy: bool = False
    dials_today: int = 0


def _use_of_numbers(tx: Connection, phone_ids: Sequence[int], now: datetime) -> dict[int, _Use]:
    today_at = datetime.combine(now.astimezone(IST).date(), time(0), IST)
    may_have_rung = Attempt.outcome.not_in(NEVER_RANG)
    rows = tx.execute(
        select(
            Attempt.phone_id,
            func.count().filter(Attempt.state != "ended"),
            func.count().filter(Attempt.dial_started_at >= today_at, or_(Attempt.outcome.is_(None), may_have_rung)),
        )
        .where(among(tx, Attempt.phone_id, phone_ids))
        .group_by(Attempt.phone_id)
    )
    return {phone_id: _Use(bool(open_ones), today) for phone_id, open_ones, today in rows}


def _verdict(
    row: Any, batches: set[str], the_round: Any, left: Mapping[int, int], use: Mapping[int, _Use], caps: Caps,
    now: datetime
) -> datetime | str | None:  # fmt: skip
    """Say what to do with a due call: claim it (None), look again at an instant, or end it with a disposition."""
    if row.opted_out_at is not None:
        return "opted_out"
    if row.phone_id is None:
        return "invalid_number"
    number = use.get(row.phone_id, _Use())
    if batches == {"canceled"}:
        return "canceled"  # the batch was canceled while an attempt of this call ended
    if "calling" not in batches and row.newest is None:
        return now + LOOK_AGAIN_UNPREPARED
    if "calling" not in batches or "preparing" in batches or number.is_busy or left[row.round_id] <= 0:
        return now + LOOK_AGAIN
    # Whoever has just given a missed call is there now, and the dial that answers it is theirs beyond the day's cap.
    has_asked = row.asked_at is not None
    window = window_of(the_round).narrowed(None if has_asked else row.slot)
    if number.dials_today >= caps.dials_per_day + has_asked:
        tomorrow = datetime.combine(now.astimezone(IST).date() + timedelta(days=1), time(0), IST)
        return next_open(window, tomorrow) or "expired"
    if not is_open(window, now):
        return next_open(window, now) or "expired"
    return None


def _claims(tx: Connection, chosen: Sequence[tuple[Any, str]], rounds: Mapping[int, Any], now: datetime) -> list[Claim]:
    claims = []
    for round_id in {row.round_id for row, _ in chosen}:
        rows = [(row, account) for row, account in chosen if row.round_id == round_id]
        facts = brief_many(tx, [(row.id, row.language, row.school_id) for row, _ in rows], rounds[round_id], now)
        tree_hash = rounds[round_id]["tree_hash"]
        claims += [
            Claim(row.id, (row.newest or 0) + 1, row.phone_id, secrets.token_hex(16), tree_hash, facts[row.id], account)
            for row, account in rows
        ]
    return claims
