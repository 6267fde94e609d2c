"""The sweeper: it reads the database for work that nobody is doing and rings the bell again.

Nothing here is needed while all goes well. It is why Redis may be emptied, a worker killed and a webhook lost.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, func, or_, select

from callqueue import bells, calling_in, ledger, participation
from callqueue.bells import MOST_WAITING, QueueName
from callqueue.dialing import lease_of
from callqueue.rounds import window_of
from callqueue.runtime import Runtime
from callqueue.windows import next_open
from ptm.clock import IST
from ptm.models import Attempt, Batch, Call, Household, PhoneNumber, Recording, Round

ENDS_AT_ONCE, BATCHES_AT_ONCE, SLOW_AT_ONCE = 5_000, 250, 50
# Rounds that ended longer ago have nothing left to end.
LOOKS_BACK = timedelta(days=30)


def sweep(runtime: Runtime) -> None:
    """Do one round of repair: return dead claims, end what may not be called, ring for everything that waits."""
    now = runtime.clock.now()
    _return_dead_claims(runtime, now)
    _end_hopeless_calls(runtime, now)
    _finish_batches(runtime, now)
    _end_calls_that_came_in(runtime, now)
    _fold(runtime)
    _ring(runtime, bells.PLACE, _waiting_claims(runtime, now))
    _ring_slowly(runtime, bells.RECONCILE, "dial", _doubtful(runtime, now))
    due = Recording.due_at <= now
    wanted = select(Recording.id).where(Recording.state == "wanted", due)
    # Half of the room: classes whose audio is not ready share this queue, and many recordings must not keep them out.
    _ring_slowly(runtime, bells.FETCH, "media", wanted, share=0.5)
    stored = select(Recording.id).where(Recording.state == "stored", due)
    _ring_slowly(runtime, bells.TRANSCRIBE, "asr", stored.where(Recording.purpose == "suggestion"))
    _ring_slowly(runtime, bells.VOICE, "media", stored.where(Recording.purpose == "message"))
    _ring_slowly(runtime, bells.SAY, "media", stored.where(Recording.purpose == "prompt"))
    _ring_slowly(runtime, bells.PREPARE, "media", select(Batch.id).where(Batch.state == "preparing"))


def _end_calls_that_came_in(runtime: Runtime, now: datetime) -> None:
    """A call to us whose hang-up never came holds no line any more."""
    with runtime.database.writing() as tx:
        calling_in.end_overdue(tx, now)


def _return_dead_claims(runtime: Runtime, now: datetime) -> None:
    """A claim whose lease ended before anybody took the right to dial has certainly not rung."""
    dead = select(Attempt.id).where(
        Attempt.state == "claimed", Attempt.dial_started_at.is_(None), Attempt.lease_until_at <= now
    )
    for attempt_id in _ids(runtime, dead):
        with runtime.database.writing() as tx:
            ledger.give_back(tx, attempt_id, now=now, only_expired=True)


def _doubtful(runtime: Runtime, now: datetime) -> Any:
    """Ask for attempts whose truth is at the carrier: unknown dials, dead dialled claims, calls older than any can be.

    Nobody asks before the lease is over: only then is the one POST certainly behind us, and the carrier's lists may
    lag behind that.
    """
    listed_at = now - runtime.clock.stretch(runtime.settings.machine.listing_delay_s)
    calling = runtime.settings.calling
    longest = timedelta(seconds=calling.ring_timeout_s + calling.time_limit_s) + lease_of(runtime)
    unsettled = and_(Attempt.state.in_(("claimed", "unknown")), Attempt.lease_until_at <= listed_at)
    overdue = and_(Attempt.state != "ended", Attempt.dial_started_at <= now - longest)
    return select(Attempt.id).where(
        Attempt.state != "ended", Attempt.dial_started_at.is_not(None), or_(unsettled, overdue)
    )


def _waiting_claims(runtime: Runtime, now: datetime) -> Any:
    fresh = Attempt.lease_until_at > now + lease_of(runtime) / 2
    return select(Attempt.id).where(Attempt.state == "claimed", Attempt.dial_started_at.is_(None), fresh)


def _end_hopeless_calls(runtime: Runtime, now: datetime) -> None:
    """End planned calls of families who opted out or have no number left, and of rounds that have no hour left."""
    planned = select(Call.id).where(Call.state == "planned").limit(ENDS_AT_ONCE)
    opted_out = planned.join(Household, Household.id == Call.household_id).where(Household.opted_out_at.is_not(None))
    _end_all(runtime, opted_out, "opted_out", now)
    number = PhoneNumber.__table__.alias()
    working = select(number.c.id).where(number.c.household_id == Call.household_id, number.c.retired_at.is_(None))
    retired = planned.join(PhoneNumber, PhoneNumber.household_id == Call.household_id).where(
        PhoneNumber.retired_at.is_not(None), ~working.exists()
    )
    _end_all(runtime, retired, "invalid_number", now)
    for round_id in _ended_rounds(runtime, now):
        _end_all(runtime, planned.where(Call.round_id == round_id), "expired", now)


def _ended_rounds(runtime: Runtime, now: datetime) -> list[int]:
    since = (now - LOOKS_BACK).astimezone(IST).date()
    with runtime.database.reading() as tx:
        rounds = tx.execute(select(Round.__table__).where(Round.ends_on_ist >= since)).mappings().all()
        ended = [row for row in rounds if next_open(window_of(row), now) is None]
        return [row["id"] for row in ended if not _is_over(tx, row)]


def _is_over(tx: Connection, the_round: Any) -> bool:
    """Ask the counts whether every call has ended: looking for a planned one among millions takes much longer."""
    area_id = the_round["area_id"]
    counts = participation.load_participation(tx, the_round["id"], "area", [area_id])[area_id]
    return 0 < counts["calls"] == counts["ended"]


def _end_all(runtime: Runtime, query: Any, disposition: str, now: datetime) -> None:
    """End the calls that `query` finds, some thousands to a transaction, so that no webhook waits long for any."""
    while call_ids := _ids(runtime, query):
        with runtime.database.writing() as tx:
            if ledger.end_planned(tx, sorted(set(call_ids)), disposition=disposition, now=now) == 0:
                return


def _finish_batches(runtime: Runtime, now: datetime) -> None:
    """Look at some of the batches that call, in turn: of a state's sixty thousand each is seen within the hour."""
    calling = _ids(runtime, select(Batch.id).where(Batch.state == "calling").order_by(Batch.id))
    turns = math.ceil(len(calling) / BATCHES_AT_ONCE)
    if turns:
        every = runtime.clock.stretch(runtime.settings.machine.sweep_every_s)
        some = calling[int(now.timestamp() / every.total_seconds()) % turns :: turns]
        with runtime.database.writing() as tx:
            ledger.finish_batches(tx, some, now)


def _fold(runtime: Runtime) -> None:
    folded = participation.FOLD_ROWS
    while folded == participation.FOLD_ROWS:
        with runtime.database.writing() as tx:
            folded = participation.fold(tx)


def _ring(runtime: Runtime, job: str, query: Any) -> None:
    runtime.bells.ring(job, _ids(runtime, query.limit(MOST_WAITING)))


def _ring_slowly(runtime: Runtime, job: str, queue: QueueName, query: Any, share: float = 1.0) -> None:
    """Ring for work that may take seconds each only while few rings wait: what waits already was rung for.

    A worker that is behind would else be asked for the same rows at each sweep, and be kept from the others by that.
    In no order: one that fails each time must not stand before all others.
    """
    room = int(SLOW_AT_ONCE * share) - runtime.bells.waiting(queue)
    if room > 0:
        runtime.bells.ring(job, _ids(runtime, query.order_by(func.random()).limit(room)))


def _ids(runtime: Runtime, query: Any) -> list[int]:
    with runtime.database.reading() as tx:
        return list(tx.scalars(query))
