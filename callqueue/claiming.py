"""The claim: one transaction that decides who is dialled next and writes it down before anything is sent.

Everything that can forbid a call is asked here, at this moment, against committed rows: the switch, the window, the
batch, the opt-out, the number, the day's cap, the lines. What it returns may be dialled once.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection, and_, func, select

from callqueue import ledger
from callqueue.briefing import brief
from callqueue.pacing import Limits, plan_release
from callqueue.rounds import window_of
from callqueue.windows import is_open
from ptm.clock import IST
from ptm.database import Database
from ptm.models import Attempt, Batch, Call, CallChild, Household, PhoneNumber, Round, Switch

STOP_DIALING = "stop_dialing"
_CLAIM_LOCK = 8126318


@dataclass(frozen=True)
class Caps:
    """What no claim may exceed. `horizon_s` is how far ahead, in clock time, calls are claimed before they start."""

    limits: Limits
    dials_per_day: int
    lease: timedelta
    horizon_s: float


def claim_due(database: Database, caps: Caps, now: datetime) -> list[int]:
    """Claim the calls that may start now and return the ids of their attempts, committed."""
    with database.writing() as tx:
        if database.dialect == "postgresql":
            # The count of lines and the inserts that use them up must not interleave with another pacer's.
            tx.execute(select(func.pg_advisory_xact_lock(_CLAIM_LOCK)))
        if is_dialing_stopped(tx):
            return []
        rounds = _open_rounds(tx, now)
        room = _room(tx, caps, now)
        if not rounds or room == 0:
            return []
        due = _due_calls(tx, rounds, room, caps, now)
        claimed = (_claim(tx, call, rounds[call.round_id], caps, now) for call in due)
        return [attempt_id for attempt_id in claimed if attempt_id is not None]


def is_dialing_stopped(tx: Connection) -> bool:
    """Say whether somebody threw the switch that stops all dialling."""
    return tx.scalar(select(Switch.on_since_at).where(Switch.name == STOP_DIALING)) is not None


def lines_held(tx: Connection, now: datetime) -> int:
    """Count the lines in use: every attempt that is not ended, except claims that died before they dialled."""
    dead = and_(Attempt.state == "claimed", Attempt.dial_started_at.is_(None), Attempt.lease_until_at <= now)
    return tx.scalar(select(func.count()).select_from(Attempt).where(Attempt.state != "ended", ~dead)) or 0


def may_still_be_called(tx: Connection, attempt_id: int, now: datetime) -> bool:
    """Ask again, just before the dial, what may have changed since the claim: switch, opt-out, batch, window."""
    if is_dialing_stopped(tx):
        return False
    row = (
        tx.execute(
            select(Round.__table__, Household.opted_out_at, Call.id.label("call_id"))
            .select_from(Attempt)
            .join(Call, Call.id == Attempt.call_id)
            .join(Round, Round.id == Call.round_id)
            .join(Household, Household.id == Call.household_id)
            .where(Attempt.id == attempt_id)
        )
        .mappings()
        .one()
    )
    batch_is_on = tx.scalar(select(_wanted_by_a_batch(row["call_id"])))
    return row["opted_out_at"] is None and bool(batch_is_on) and is_open(window_of(row), now)


def _open_rounds(tx: Connection, now: datetime) -> dict[int, Any]:
    today = now.astimezone(IST).date()
    rows = tx.execute(
        select(Round.__table__).where(Round.starts_on_ist <= today, Round.ends_on_ist >= today)
    ).mappings()
    return {row["id"]: row for row in rows if is_open(window_of(row), now)}


def _room(tx: Connection, caps: Caps, now: datetime) -> int:
    waiting = and_(Attempt.state == "claimed", Attempt.dial_started_at.is_(None), Attempt.lease_until_at > now)
    starts = tx.scalar(select(func.count()).select_from(Attempt).where(waiting)) or 0
    return plan_release(caps.limits, lines_held=lines_held(tx, now), waiting_starts=starts, horizon_s=caps.horizon_s)


def _wanted_by_a_batch(call_id: Any) -> Any:
    return (
        select(CallChild.call_id)
        .join(Batch, Batch.id == CallChild.batch_id)
        .where(CallChild.call_id == call_id, Batch.state == "calling")
        .exists()
    )


def _due_calls(tx: Connection, rounds: dict[int, Any], room: int, caps: Caps, now: datetime) -> Sequence[Any]:
    """Return due calls with the number each would ring: the first working one from its position on."""
    today_at = datetime.combine(now.astimezone(IST).date(), time(0), IST)
    busy_phone = select(Attempt.id).where(Attempt.phone_id == PhoneNumber.id, Attempt.state != "ended").exists()
    dials_today = (
        select(func.count())
        .select_from(Attempt)
        .where(Attempt.phone_id == PhoneNumber.id, Attempt.dial_started_at >= today_at)
        .scalar_subquery()
    )
    working = (
        select(PhoneNumber.id)
        .where(PhoneNumber.household_id == Call.household_id, PhoneNumber.retired_at.is_(None))
        .order_by((PhoneNumber.position < Call.number_position), PhoneNumber.position)
        .limit(1)
        .correlate(Call)
        .scalar_subquery()
    )
    query = (
        select(Call.id, Call.round_id, Call.household_id, Call.school_id, Call.tries, Call.unplaced,
               PhoneNumber.id.label("phone_id"), Household.language)
        .join(Household, Household.id == Call.household_id)
        .join(PhoneNumber, PhoneNumber.id == working)
        .where(
            Call.state == "planned", Call.due_at <= now, Call.round_id.in_(rounds),
            Household.opted_out_at.is_(None), _wanted_by_a_batch(Call.id), ~busy_phone,
            dials_today < caps.dials_per_day,
        )
        .order_by(Call.due_at, Call.id)
        .limit(room)
    )  # fmt: skip
    return tx.execute(query).all()


def _claim(tx: Connection, call: Any, the_round: Any, caps: Caps, now: datetime) -> int | None:
    return ledger.claim(
        tx,
        call.id,
        number=_next_number(tx, call.id),
        phone_id=call.phone_id,
        token=secrets.token_hex(16),
        tree_hash=the_round["tree_hash"],
        facts=brief(tx, call.id, the_round, language=call.language, school_id=call.school_id),
        now=now,
        lease=caps.lease,
    )


def _next_number(tx: Connection, call_id: int) -> int:
    return (tx.scalar(select(func.max(Attempt.number)).where(Attempt.call_id == call_id)) or 0) + 1
