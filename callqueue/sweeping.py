"""The sweeper: it reads the database for work that nobody is doing and rings the bell again.

Nothing here is needed while all goes well. It is why Redis may be emptied, a worker killed and a webhook lost.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import and_, or_, select

from callqueue import bells, ledger
from callqueue.dialing import lease_of
from callqueue.ledger import CarrierEnd
from callqueue.rounds import window_of
from callqueue.runtime import Runtime
from callqueue.windows import next_open
from ptm.models import Attempt, Batch, Call, Household, Recording, Round


def sweep(runtime: Runtime) -> None:
    """Do one round of repair: return dead claims, end what may not be called, ring for everything that waits."""
    now = runtime.clock.now()
    _return_dead_claims(runtime, now)
    _end_hopeless_calls(runtime, now)
    runtime.bells.ring(bells.RECONCILE, _doubtful_attempts(runtime, now))
    runtime.bells.ring(bells.PLACE, _waiting_claims(runtime, now))
    runtime.bells.ring(bells.PREPARE, _ids(runtime, select(Batch.id).where(Batch.state == "preparing")))
    due = Recording.due_at <= now
    runtime.bells.ring(bells.FETCH, _ids(runtime, select(Recording.id).where(Recording.state == "wanted", due)))
    runtime.bells.ring(bells.TRANSCRIBE, _ids(runtime, select(Recording.id).where(Recording.state == "stored", due)))


def _return_dead_claims(runtime: Runtime, now: datetime) -> None:
    """A claim whose lease ended before anybody took the right to dial has certainly not rung."""
    dead = (
        Attempt.state == "claimed",
        Attempt.dial_started_at.is_(None),
        Attempt.lease_until_at <= now,
    )
    for attempt_id in _ids(runtime, select(Attempt.id).where(*dead)):
        with runtime.database.writing() as tx:
            if tx.scalar(select(Attempt.id).where(Attempt.id == attempt_id, *dead)) is not None:
                ledger.ended(tx, attempt_id, CarrierEnd("not_dialed", now))


def _doubtful_attempts(runtime: Runtime, now: datetime) -> list[int]:
    """Return attempts whose truth is at the carrier: unknown dials, and calls older than any call can be."""
    listed = now - runtime.clock.stretch(runtime.settings.machine.listing_delay_s)
    calling = runtime.settings.calling
    longest = timedelta(seconds=calling.ring_timeout_s + calling.time_limit_s) + lease_of(runtime)
    died_dialing = and_(Attempt.state == "claimed", Attempt.lease_until_at <= now)
    doubtful = or_(Attempt.state == "unknown", died_dialing, Attempt.dial_started_at <= now - longest)
    return _ids(
        runtime, select(Attempt.id).where(Attempt.state != "ended", Attempt.dial_started_at <= listed, doubtful)
    )


def _waiting_claims(runtime: Runtime, now: datetime) -> list[int]:
    fresh = Attempt.lease_until_at > now + lease_of(runtime) / 2
    return _ids(runtime, select(Attempt.id).where(Attempt.state == "claimed", Attempt.dial_started_at.is_(None), fresh))


def _end_hopeless_calls(runtime: Runtime, now: datetime) -> None:
    """End planned calls of families who opted out, and of rounds that have no hour left."""
    with runtime.database.writing() as tx:
        opted_out = tx.scalars(
            select(Call.id)
            .join(Household, Household.id == Call.household_id)
            .where(Call.state == "planned", Household.opted_out_at.is_not(None))
        ).all()
        ledger.end_planned(tx, opted_out, disposition="opted_out", now=now)
        for row in tx.execute(select(Round.__table__)).mappings().all():
            if next_open(window_of(row), now) is None:
                late = tx.scalars(select(Call.id).where(Call.state == "planned", Call.round_id == row["id"])).all()
                ledger.end_planned(tx, late, disposition="expired", now=now)


def _ids(runtime: Runtime, query: object) -> list[int]:
    with runtime.database.reading() as tx:
        return list(tx.scalars(query))  # type: ignore[call-overload]
